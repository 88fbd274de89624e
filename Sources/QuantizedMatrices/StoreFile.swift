import Matrices

/// The `.qls` file: a quantized regression's codes with everything that solving from them needs.
///
///     offset  bytes  content (all numbers little-endian)
///     0       8      "QLSSTORE"
///     8       4      version, 5
///     12      4      rows per block R
///     16      8      length of the file
///     24      8      offset of the directory
///     32      8      number of blocks K
///     40      8      length H of the description
///     48      4      CRC-32 of the directory
///     52      4      CRC-32 of the description
///     56      4      0
///     60      4      CRC-32 of bytes 0 ..< 60
///     64             blocks of packed codes (see `CodeLayout`), each at the next multiple of 64, gaps filled with 0
///     …       16·K   directory, at the next multiple of 64: per block its length in the file (8), CRC-32 of these
///                    bytes (4) and encoding (4: 0 as it is, 1 Zstandard)
///     …       H      description: see `StoreDescription` and `StoreFile.encodeDescription`
///
/// CRC-32 is that of zlib (polynomial 0xEDB88320). Every byte is covered: by a checksum, or as a gap that has to be 0.
/// Counts per code are not stored; they are counted from the codes.
public enum StoreFile {
    static let magic = Array("QLSSTORE".utf8)
    static let version: UInt32 = 5
    static let headerLength = 64
    static let directoryEntryLength = 16

    /// What stands in the directory of a block.
    struct DirectoryEntry: Equatable {
        var length: Int
        var checksum: UInt32
        var encoding: Encoding
    }

    /// How the bytes of a block are written.
    enum Encoding: UInt32 {
        /// As they are.
        case plain = 0
        /// As one Zstandard frame.
        case zstandard = 1
    }
}

/// What a store knows beside the matrix.
public struct StoreDescription: Sendable, Equatable {
    /// All predictors that the table had, in its order.
    public var predictorNames: [String]
    /// The places in it of the predictors in the matrix.
    public var places: [Int]
    /// Whether codes and sums are about the means.
    public var intercept: Bool
    /// Exact moments of each column before the transform.
    public var moments: [ColumnMoments]
    /// Predictors left out, and why.
    public var dependent: [Dependent]
    /// Bits allowed per predictor entry; columns with few distinct values take fewer.
    public var bits: Int
    /// Bits allowed per response entry; nil for full precision.
    public var responseBits: Int?
    /// Name of the quantizer that made the codes.
    public var quantizer: String
    /// Whether all predictors that are not dependent are in the matrix.
    public var isComplete: Bool
    /// Rows that were left out because a value was missing.
    public var droppedRows: Int
    /// How rows are weighted; nil for equal weights.
    public var weighting: Weighting?

    /// A predictor left out.
    public struct Dependent: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// What it depends on.
        public var reason: String

        /// From its parts.
        public init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    /// From its parts.
    public init(
        predictorNames: [String], places: [Int], intercept: Bool, moments: [ColumnMoments], dependent: [Dependent],
        bits: Int, responseBits: Int?, quantizer: String, isComplete: Bool, droppedRows: Int,
        weighting: Weighting? = nil
    ) {
        self.predictorNames = predictorNames
        self.places = places
        self.intercept = intercept
        self.moments = moments
        self.dependent = dependent
        self.bits = bits
        self.responseBits = responseBits
        self.quantizer = quantizer
        self.isComplete = isComplete
        self.droppedRows = droppedRows
        self.weighting = weighting
    }
}

/// Why a store could not be read or written.
public enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No such file.
    case notFound
    /// The system refused to open or read it.
    case unreadable(String)
    /// The system refused to create it.
    case unwritable(String)
    /// The system failed to write it, for instance because the disk is full.
    case writeFailed(String)
    /// It does not start like a store.
    case notAStore
    /// A version this program does not know.
    case version(UInt32)
    /// Something in it does not fit.
    case damaged(String)

    /// The cause, to follow the file's name.
    public var description: String {
        switch self {
        case .notFound: "no such file"
        case .unreadable(let why): "cannot be read: \(why)"
        case .unwritable(let why): "cannot be created: \(why)"
        case .writeFailed(let why): "writing failed: \(why)"
        case .notAStore: "not a store: it does not start with QLSSTORE"
        case .version(let version):
            "written in version \(version) of the store format; this program reads version \(StoreFile.version)"
        case .damaged(let what): "damaged: \(what)"
        }
    }
}
