import QuantizedKernels

/// How the packed codes of a matrix lie in blocks of rows.
///
/// A block holds `rowsPerBlock` rows (the last one what is left) of all parts, that is columns and refinements, one
/// after the other: part j takes ⌈rows·b_j/8⌉ bytes, code i in bits i·b_j ..< (i + 1)·b_j, the lowest bit of a byte
/// first, and the next part starts at the next multiple of 64 bytes. So a block can be written as soon as its rows are
/// encoded, and neighbouring parts of the same width are a packed matrix with a constant stride.
public struct CodeLayout: Sendable, Equatable {
    /// The number of rows, m.
    public let rows: Int
    /// Rows of a block, a multiple of 8.
    public let rowsPerBlock: Int
    /// Bits per code of each part.
    public let bits: [Int]
    private let wholeOffsets: [Int]
    private let lastOffsets: [Int]

    static let alignment = 64

    /// A layout; `rowsPerBlock` is a positive multiple of 8. Cost: the number of parts.
    public init(rows: Int, rowsPerBlock: Int, bits: [Int]) {
        precondition(rows >= 0 && rowsPerBlock > 0 && rowsPerBlock % 8 == 0, "A block has a multiple of 8 rows.")
        self.rows = rows
        self.rowsPerBlock = rowsPerBlock
        self.bits = bits
        wholeOffsets = Self.offsets(rows: rowsPerBlock, bits: bits)
        let left = rows % rowsPerBlock
        lastOffsets = left == 0 ? wholeOffsets : Self.offsets(rows: left, bits: bits)
    }

    /// Rows per block that make a whole block about 1 MiB: a power of two between 1024 and 65,536.
    public static func rowsPerBlock(bits: [Int]) -> Int {
        let rowBits = max(1, bits.reduce(0, +))
        var rows = 1 << 16
        while rows > 1024, rows * rowBits > 8 << 20 { rows /= 2 }
        return rows
    }

    /// The first multiple of the alignment not below an offset.
    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

    /// Where each part starts in a block of so many rows, and the length of the block.
    static func offsets(rows: Int, bits: [Int]) -> [Int] {
        var offsets = [0]
        for b in bits {
            offsets.append(aligned(offsets[offsets.count - 1] + Kernels.packedByteCount(count: rows, bits: b)))
        }
        return offsets
    }

    /// The number of blocks.
    public var blockCount: Int { (rows + rowsPerBlock - 1) / rowsPerBlock }

    /// The rows of a block.
    public func rows(ofBlock k: Int) -> Range<Int> {
        (k * rowsPerBlock)..<min(rows, (k + 1) * rowsPerBlock)
    }

    /// The bytes of a block.
    public func byteCount(ofBlock k: Int) -> Int { offsets(ofBlock: k)[bits.count] }

    /// Where the codes of a part start in a block.
    public func offset(ofPart j: Int, inBlock k: Int) -> Int { offsets(ofBlock: k)[j] }

    private func offsets(ofBlock k: Int) -> [Int] {
        (k + 1) * rowsPerBlock <= rows ? wholeOffsets : lastOffsets
    }

    /// The bytes of a block that hold rows `first ..< first + count` of it of a part. `first` must be a multiple of 8.
    public func bytes(ofPart j: Int, inBlock k: Int, first: Int, count: Int) -> Range<Int> {
        precondition(first % 8 == 0, "Pieces of a block start at multiples of 8 rows.")
        precondition(first >= 0 && count >= 0 && first + count <= rows(ofBlock: k).count, "The block has fewer rows.")
        let start = offset(ofPart: j, inBlock: k)
        return (start + first * bits[j] / 8)..<(start + ((first + count) * bits[j] + 7) / 8)
    }

    /// Rows of one block.
    public struct Piece: Sendable, Equatable {
        /// The block.
        public let block: Int
        /// The first row, counted from the block's first.
        public let first: Int
        /// The number of rows.
        public let count: Int
    }

    /// Rows `first ..< first + count` cut at the borders of the blocks and into pieces of at most `size` rows, in order.
    /// `first` and `size` must be multiples of 8.
    public func pieces(first: Int, count: Int, size: Int = .max / 16 * 8) -> [Piece] {
        precondition(first % 8 == 0 && size > 0 && size % 8 == 0, "Pieces of a block start at multiples of 8 rows.")
        var pieces: [Piece] = [], row = first
        while row < first + count {
            let block = row / rowsPerBlock, start = row - block * rowsPerBlock
            let taken = min(size, rowsPerBlock - start, first + count - row)
            pieces.append(Piece(block: block, first: start, count: taken))
            row += taken
        }
        return pieces
    }

    /// Bytes of the codes without the gaps between the parts: Σ_j ⌈m·b_j/8⌉.
    public var codeBytes: Int { bits.reduce(0) { $0 + Kernels.packedByteCount(count: rows, bits: $1) } }
}
