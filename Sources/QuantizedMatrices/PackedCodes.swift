/// The packed codes of a matrix, block by block: in memory, or in a file that is mapped and
/// read (and decompressed) as it is needed.
///
/// Immutable, so that threads may read at the same time. Memory: blocks in memory are counted once; of a mapped file
/// whose codes exceed `mappedLimit` each block is given back to the system after its use.
public struct PackedCodes: Sendable {
    /// How the blocks are laid out.
    public let layout: CodeLayout
    private let blocks: [CodeBlock]
    private let releasesMappedBlocks: Bool

    /// No codes, only how they would lie: for sums of rows whose codes are not kept.
    static func absent(_ layout: CodeLayout) -> PackedCodes { PackedCodes(absent: layout) }

    private init(absent layout: CodeLayout) {
        self.layout = layout
        blocks = []
        releasesMappedBlocks = false
    }

    /// Bytes of mapped codes that may stay in memory.
    static let mappedLimit = 128 << 20

    /// Codes from their blocks.
    init(layout: CodeLayout, blocks: [CodeBlock]) {
        precondition(blocks.count == layout.blockCount)
        self.layout = layout
        self.blocks = blocks
        let mapped = blocks.reduce(0) { $0 + ($1.isMapped ? $1.storedBytes : 0) }
        releasesMappedBlocks = mapped > Self.mappedLimit
    }

    /// Calls `body` with the bytes of block k; `layout` says what lies where. Pointers to them must not escape.
    ///
    /// Cost: none for blocks in memory; page faults for mapped ones; decompression, with memory for the block, for
    /// compressed ones.
    public func withBlock<Result, Failure: Error>(
        _ k: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch blocks[k] {
        case .memory(let bytes): return try body(bytes.span)
        case .mapped(let file, let range):
            defer { if releasesMappedBlocks { file.release(range) } }
            return try file.withBytes(range, body)
        case .compressed(let file, let range):
            let bytes = file.withBytes(range) { (frame: Span<UInt8>) in
                BlockCompression.decompress(frame, count: layout.byteCount(ofBlock: k))
            }
            if releasesMappedBlocks { file.release(range) }
            guard let bytes else { preconditionFailure("The store was changed while it was read.") }
            return try body(bytes.span)
        }
    }

    /// Block k as it is kept.
    func block(_ k: Int) -> CodeBlock { blocks[k] }

    /// Bytes that the blocks take where they are kept.
    public var storedBytes: Int { blocks.reduce(0) { $0 + $1.storedBytes } }
    /// The number of blocks that are compressed.
    public var compressedBlocks: Int { blocks.reduce(0) { $0 + ($1.isCompressed ? 1 : 0) } }
}

/// One block of packed codes.
enum CodeBlock: Sendable {
    /// In memory.
    case memory([UInt8])
    /// A range of a mapped file.
    case mapped(MappedFile, Range<Int>)
    /// A Zstandard frame in a range of a mapped file, known to be whole.
    case compressed(MappedFile, Range<Int>)

    var isMapped: Bool { if case .memory = self { false } else { true } }
    var isCompressed: Bool { if case .compressed = self { true } else { false } }

    var storedBytes: Int {
        switch self {
        case .memory(let bytes): bytes.count
        case .mapped(_, let range), .compressed(_, let range): range.count
        }
    }
}
