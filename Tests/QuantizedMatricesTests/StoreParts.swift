@testable import QuantizedMatrices

/// The parts of a store's bytes, to be changed and given right lengths and checksums again.
struct StoreParts {
    var rowsPerBlock: Int
    var blocks: [UInt8]
    var entries: [StoreFile.DirectoryEntry]
    var description: [UInt8]

    init(_ bytes: [UInt8]) {
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        let directory = number(24, 8), count = number(32, 8)
        rowsPerBlock = number(12, 4)
        blocks = Array(bytes[64..<directory])
        entries = (0..<count).map { k in
            StoreFile.DirectoryEntry(
                length: number(directory + 16 * k, 8), checksum: UInt32(number(directory + 16 * k + 8, 4)),
                encoding: StoreFile.Encoding(rawValue: UInt32(number(directory + 16 * k + 12, 4)))!)
        }
        description = Array(bytes[(directory + 16 * count)...])
    }

    /// A file of these parts whose checksums are right, those of the blocks too if wanted.
    func encoded(blockChecksums: Bool = true) -> [UInt8] {
        var entries = entries, offset = 0
        for k in entries.indices where blockChecksums && entries[k].length >= 0 {
            guard offset <= blocks.count, entries[k].length <= blocks.count - offset else { break }
            let block = Array(blocks[offset..<(offset + entries[k].length)])
            entries[k].checksum = StoreFile.checksum(block.span)
            offset = CodeLayout.aligned(offset + entries[k].length)
        }
        let directory = StoreFile.encode(entries)
        let header = StoreFile.header(
            rowsPerBlock: rowsPerBlock, directoryOffset: 64 + blocks.count, directory: directory,
            description: description)
        return header + blocks + directory + description
    }
}
