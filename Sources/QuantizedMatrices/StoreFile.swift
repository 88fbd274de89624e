import Matrices

/// The `.qls` file: a quantized regression's codes with everything that solving from them needs.
///
///     offset  bytes  content (all numbers little-endian)
///     0       8      "QLSSTORE"
///     8       4      version, 1
///     12      4      length H of the description
///     16      8      length of the file
///     24      4      CRC-32 of the description
///     28      4      CRC-32 of bytes 0 ..< 28
///     32      H      description: see `StoreDescription` and `StoreFile.encodeDescription`
///     then, each at the next multiple of 64: the packed codes of one column after the other; their offsets, lengths
///     and CRC-32s stand in the description
///
/// CRC-32 is that of zlib (polynomial 0xEDB88320). Counts per code are not stored; they are counted from the codes.
public enum StoreFile {
    static let magic = Array("QLSSTORE".utf8)
    static let version: UInt32 = 1
    static let fixedLength = 32
    static let alignment = 64

    /// The first multiple of the alignment not below an offset.
    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
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
        bits: Int, responseBits: Int?, quantizer: String, isComplete: Bool, droppedRows: Int
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
    }
}

/// Why a store could not be read or written.
public enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No such file.
    case notFound
    /// The system refused to open or read it.
    case unreadable(String)
    /// The system refused to create or write it.
    case unwritable(String)
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
        case .unwritable(let why): "cannot be written: \(why)"
        case .notAStore: "not a store: it does not start with QLSSTORE"
        case .version(let version): "written in version \(version) of the store format; this program reads version 1"
        case .damaged(let what): "damaged: \(what)"
        }
    }
}
