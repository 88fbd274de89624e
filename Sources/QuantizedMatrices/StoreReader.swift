import Matrices
import QuantizedKernels
import Quantizers

extension StoreFile {
    /// Reads a store and checks everything in it: lengths, checksums, codebooks, code ranges.
    ///
    /// The codes stay in the file, which is mapped; checking reads them once. Memory: the description.
    /// Throws: `StoreError`.
    public static func read(
        _ path: String, kernels: Kernels = .best
    ) throws(StoreError) -> (matrix: QuantizedMatrix, description: StoreDescription) {
        let (file, size) = try SystemFile.reading(path)
        let bytes = try MappedFile(descriptor: file.descriptor, count: size)
        let header = try Header(bytes)
        var decoder = DescriptionDecoder(bytes.bytes(header.description))
        let decoded = try decoder.decode()
        let layout = CodeLayout(
            rows: decoded.rows, rowsPerBlock: header.rowsPerBlock, bits: decoded.coded.map(\.column.bits))
        let blocks = try header.blocks(of: bytes, layout: layout)
        let codes = PackedCodes(layout: layout, blocks: blocks.map(\.block))
        var counter = CodeCounter(decoded.coded.map(\.column), kernels: kernels)
        for (k, block) in blocks.enumerated() {
            try block.check(k, of: bytes)
            if case .compressed = block.block {
                let decoded = bytes.withBytes(block.bytes) { (frame: Span<UInt8>) in
                    BlockCompression.decompress(frame, count: layout.byteCount(ofBlock: k))
                }
                guard let decoded else { throw .damaged("block \(k) cannot be decompressed") }
                try counter.add(decoded.span, k, of: layout)
            } else {
                try codes.withBlock(k) { (block) throws(StoreError) in try counter.add(block, k, of: layout) }
            }
        }
        return try decoded.finish(codes: codes, counts: counter.counts)
    }

    /// Whether a file starts like a store, whatever its name. False for what cannot be read.
    public static func isStore(_ path: String) -> Bool {
        guard let (file, size) = try? SystemFile.reading(path), size >= magic.count,
            let bytes = try? MappedFile(descriptor: file.descriptor, count: magic.count)
        else { return false }
        return bytes.bytes(0..<magic.count) == magic
    }
}

/// The first 64 bytes of a store, checked against its length and checksums, and the directory.
private struct Header {
    let rowsPerBlock: Int
    let description: Range<Int>
    let directoryOffset: Int
    let entries: [StoreFile.DirectoryEntry]

    init(_ file: MappedFile) throws(StoreError) {
        let magicCount = StoreFile.magic.count
        guard file.count >= magicCount, file.bytes(0..<magicCount) == StoreFile.magic else { throw .notAStore }
        guard file.count >= magicCount + 4 else { throw .damaged("the file ends early") }
        var reader = ByteReader(file.bytes(0..<min(file.count, StoreFile.headerLength))[magicCount...])
        let found = try reader.read(UInt32.self)
        guard found == StoreFile.version else { throw .version(found) }
        guard file.count >= StoreFile.headerLength else { throw .damaged("the file ends early") }
        let rowsPerBlock = Int(try reader.read(UInt32.self)), total = try reader.read(UInt64.self)
        let directoryOffset = try reader.read(UInt64.self), blockCount = try reader.read(UInt64.self)
        let length = try reader.read(UInt64.self)
        let directorySum = try reader.read(UInt32.self), bodySum = try reader.read(UInt32.self)
        let reserved = try reader.read(UInt32.self), headerSum = try reader.read(UInt32.self)
        let ownSum = file.withBytes(0..<60) { (bytes: Span<UInt8>) in StoreFile.checksum(bytes) }
        guard ownSum == headerSum else { throw .damaged("the checksum of the first bytes differs") }
        guard total == UInt64(file.count) else {
            throw .damaged("the file has \(file.count) bytes, it was written with \(total)")
        }
        guard rowsPerBlock > 0, rowsPerBlock % 8 == 0, rowsPerBlock <= 1 << 24, reserved == 0 else {
            throw .damaged("blocks of \(rowsPerBlock) rows are impossible")
        }
        guard directoryOffset >= UInt64(StoreFile.headerLength), directoryOffset <= total, directoryOffset % 64 == 0,
            blockCount <= (total - directoryOffset) / UInt64(StoreFile.directoryEntryLength),
            directoryOffset + blockCount * UInt64(StoreFile.directoryEntryLength) + length == total
        else { throw .damaged("the directory is not where it should be") }
        self.rowsPerBlock = rowsPerBlock
        self.directoryOffset = Int(directoryOffset)
        let end = self.directoryOffset + Int(blockCount) * StoreFile.directoryEntryLength
        description = end..<file.count
        let sums = file.withBytes(self.directoryOffset..<end) { (bytes: Span<UInt8>) in StoreFile.checksum(bytes) }
        guard sums == directorySum else { throw .damaged("the checksum of the directory differs") }
        let body = file.withBytes(description) { (bytes: Span<UInt8>) in StoreFile.checksum(bytes) }
        guard body == bodySum else { throw .damaged("the checksum of the description differs") }
        var directory = ByteReader(file.bytes(self.directoryOffset..<end)[...])
        var entries: [StoreFile.DirectoryEntry] = []
        for _ in 0..<blockCount {
            guard let length = Int(exactly: try directory.read(UInt64.self)) else {
                throw .damaged("a block is longer than the file")
            }
            let checksum = try directory.read(UInt32.self)
            guard let encoding = StoreFile.Encoding(rawValue: try directory.read(UInt32.self)) else {
                throw .damaged("a block has an unknown encoding")
            }
            entries.append(StoreFile.DirectoryEntry(length: length, checksum: checksum, encoding: encoding))
        }
        self.entries = entries
    }

    /// Where the blocks are: one after the other, as many and as long as the layout says.
    func blocks(of file: MappedFile, layout: CodeLayout) throws(StoreError) -> [StoredBlock] {
        guard entries.count == layout.blockCount else {
            throw .damaged("it has \(entries.count) blocks, \(layout.rows) rows take \(layout.blockCount)")
        }
        var blocks: [StoredBlock] = [], offset = StoreFile.headerLength
        for (k, entry) in entries.enumerated() {
            guard entry.length <= directoryOffset - offset else {
                throw .damaged("block \(k) is longer than the file")
            }
            let length = layout.byteCount(ofBlock: k), isCompressed = entry.encoding == .zstandard
            guard
                isCompressed
                    ? BlockCompression.isPlausible(frame: entry.length, count: length) : entry.length == length
            else { throw .damaged("block \(k) has \(entry.length) bytes, its codes take \(length)") }
            let range = offset..<(offset + entry.length)
            offset = CodeLayout.aligned(range.upperBound)
            guard offset <= directoryOffset else { throw .damaged("block \(k) is longer than the file") }
            let block = isCompressed ? CodeBlock.compressed(file, range) : .mapped(file, range)
            blocks.append(
                StoredBlock(block: block, bytes: range, gap: range.upperBound..<offset, checksum: entry.checksum))
        }
        guard offset == directoryOffset else { throw .damaged("there is something between blocks and directory") }
        return blocks
    }
}

/// A block as it lies in the file.
private struct StoredBlock {
    let block: CodeBlock
    let bytes: Range<Int>
    let gap: Range<Int>
    let checksum: UInt32

    func check(_ k: Int, of file: MappedFile) throws(StoreError) {
        let found = file.withBytes(bytes) { (bytes: Span<UInt8>) in StoreFile.checksum(bytes) }
        guard found == checksum else { throw .damaged("the checksum of block \(k) differs") }
        guard file.bytes(gap).allSatisfy({ $0 == 0 }) else { throw .damaged("the gap after block \(k) is not empty") }
    }
}
