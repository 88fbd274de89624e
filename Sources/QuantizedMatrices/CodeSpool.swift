import Foundation
import QuantizedKernels

/// Takes codes as they are made, in blocks of any number of rows, and keeps them packed in the blocks of a store.
///
/// Memory: up to a limit of packed blocks; beyond it they go to a temporary file without a name, in the folder of the
/// environment variable TMPDIR or /tmp, which is mapped in the end.
public final class CodeSpool {
    private let bits: [Int]
    private let rowsPerBlock: Int
    private let memoryLimit: Int
    private let folder: String?
    let kernels: Kernels
    private let offsets: [Int]
    /// Fewer than 8 rows that wait for more, in eight places per part.
    private var pending: [UInt8]
    private var pendingRows = 0
    private var block: [UInt8]
    private var blockRows = 0
    private var sealed: [SealedBlock] = []
    private var memoryBytes = 0
    private var file: SystemFile?
    private var fileBytes = 0
    /// The number of rows taken so far.
    public private(set) var rows = 0

    private enum SealedBlock {
        case memory([UInt8])
        case file(Range<Int>)
        case existing(CodeBlock)
    }

    /// An empty spool.
    ///
    /// - Parameters:
    ///   - bits: bits per code of each part.
    ///   - memoryLimit: the most bytes of packed blocks kept in memory.
    ///   - rowsPerBlock: rows of a block, a multiple of 8; nil for `CodeLayout.rowsPerBlock(bits:)`.
    ///   - folder: where the temporary file goes, if it is needed; nil for TMPDIR or /tmp.
    public init(
        bits: [Int], memoryLimit: Int = 64 << 20, rowsPerBlock: Int? = nil, folder: String? = nil,
        kernels: Kernels = .best
    ) {
        self.bits = bits
        self.rowsPerBlock = rowsPerBlock ?? CodeLayout.rowsPerBlock(bits: bits)
        self.memoryLimit = memoryLimit
        self.folder = folder
        self.kernels = kernels
        offsets = CodeLayout.offsets(rows: self.rowsPerBlock, bits: bits)
        pending = [UInt8](repeating: 0, count: 8 * bits.count)
        block = []
    }

    /// Adds the codes of further rows, `count` of each part, one part after the other. Cost: the number of codes.
    ///
    /// - Throws: `unwritable` or `writeFailed` where the temporary file cannot be written.
    public func append(_ codes: Span<UInt8>, rows count: Int) throws(StoreError) {
        precondition(codes.count == count * bits.count, "A block of rows has as many codes of every part.")
        rows += count
        let lead = min(count, (8 - pendingRows) % 8), whole = (count - lead) / 8 * 8
        keep(codes, from: 0, to: lead, of: count)
        if pendingRows == 8 {
            let filled = pending
            pendingRows = 0
            try store(filled.span, height: 8, from: 0, count: 8)
        }
        try store(codes, height: count, from: lead, count: whole)
        keep(codes, from: lead + whole, to: count, of: count)
    }

    /// Lets some of `height` rows wait.
    private func keep(_ codes: Span<UInt8>, from: Int, to end: Int, of height: Int) {
        guard from < end else { return }
        for j in bits.indices {
            for i in from..<end { pending[8 * j + pendingRows + i - from] = codes[j * height + i] }
        }
        pendingRows += end - from
    }

    /// Packs a multiple of 8 of `height` rows.
    private func store(_ codes: Span<UInt8>, height: Int, from: Int, count: Int) throws(StoreError) {
        var done = 0
        while done < count {
            if block.isEmpty { block = [UInt8](repeating: 0, count: offsets[bits.count]) }
            let taken = min(count - done, rowsPerBlock - blockRows)
            pack(codes, height: height, from: from + done, count: taken)
            blockRows += taken
            done += taken
            if blockRows == rowsPerBlock { try seal(count: offsets[bits.count]) }
        }
    }

    /// Packs rows `from ..< from + count` behind those of the open block.
    private func pack(_ codes: Span<UInt8>, height: Int, from: Int, count: Int) {
        var open: [UInt8] = []
        swap(&open, &block)
        var bytes = open.mutableSpan
        for j in bits.indices {
            let start = offsets[j] + blockRows * bits[j] / 8, first = j * height + from
            var target = bytes._mutatingExtracting(start..<(start + (count * bits[j] + 7) / 8))
            kernels.pack(codes.extracting(first..<(first + count)), bits: bits[j], into: &target)
        }
        swap(&open, &block)
    }

    /// Whether the next rows start a block and are a whole one.
    func takesWholeBlock(of layout: CodeLayout, rows count: Int) -> Bool {
        rows % rowsPerBlock == 0 && count == rowsPerBlock && layout.rowsPerBlock == rowsPerBlock && layout.bits == bits
    }

    /// Adds a block that is packed already.
    func appendWholeBlock(_ block: CodeBlock, rows count: Int) {
        sealed.append(.existing(block))
        rows += count
    }

    private func seal(count: Int) throws(StoreError) {
        if file == nil, memoryBytes + count <= memoryLimit {
            sealed.append(.memory(block))
            memoryBytes += count
        } else {
            let target = try temporaryFile(), bytes = block
            try target.write(bytes.span, at: fileBytes)
            sealed.append(.file(fileBytes..<(fileBytes + count)))
            fileBytes += count
        }
        block = []
        blockRows = 0
    }

    private func temporaryFile() throws(StoreError) -> SystemFile {
        if let file { return file }
        let environment = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        let created = try SystemFile.temporary(in: folder ?? (environment.isEmpty ? "/tmp" : environment))
        file = created
        return created
    }

    /// The codes of all rows added. The spool takes no more.
    ///
    /// - Throws: as `append(_:)`, and `unreadable` where the temporary file cannot be mapped.
    public func finish() throws(StoreError) -> PackedCodes {
        let layout = CodeLayout(rows: rows, rowsPerBlock: rowsPerBlock, bits: bits)
        if rows % rowsPerBlock > 0 { try sealRest(layout) }
        guard let file else {
            return PackedCodes(layout: layout, blocks: sealed.map { Self.block($0, in: nil) })
        }
        let mapped = try MappedFile(descriptor: file.descriptor, count: fileBytes)
        return PackedCodes(layout: layout, blocks: sealed.map { Self.block($0, in: mapped) })
    }

    private static func block(_ block: SealedBlock, in file: MappedFile?) -> CodeBlock {
        switch block {
        case .memory(let bytes): .memory(bytes)
        case .file(let range): .mapped(file!, range)
        case .existing(let block): block
        }
    }

    /// The last block is shorter: its parts move together.
    private func sealRest(_ layout: CodeLayout) throws(StoreError) {
        let last = layout.blockCount - 1
        var rest = [UInt8](repeating: 0, count: layout.byteCount(ofBlock: last))
        for j in bits.indices {
            let start = layout.offset(ofPart: j, inBlock: last), packed = blockRows * bits[j] / 8
            if packed > 0 {
                rest.replaceSubrange(start..<(start + packed), with: block[offsets[j]..<(offsets[j] + packed)])
            }
            let waiting = pending
            var bytes = rest.mutableSpan
            let end = start + packed + (pendingRows * bits[j] + 7) / 8
            var target = bytes._mutatingExtracting((start + packed)..<end)
            kernels.pack(waiting.span.extracting((8 * j)..<(8 * j + pendingRows)), bits: bits[j], into: &target)
        }
        block = rest
        try seal(count: block.count)
    }
}
