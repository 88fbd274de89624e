import Foundation
import Testing

@testable import QuantizedMatrices

/// Cut, changed and hostile stores: always an error or a matrix, never a crash or a huge allocation.
@Suite struct StoreDamageTests {
    @Test func everyCutIsAnError() throws {
        let bytes = try ExampleStore(rowsPerBlock: 40).encoded(), folder = try StoreFolder()
        for length in 0..<bytes.count {
            #expect(throws: StoreError.self) { try folder.read(Array(bytes[0..<length])) }
        }
        #expect(throws: StoreError.self) { try folder.read(bytes + [0]) }
    }

    /// Every bit of the file is covered.
    @Test func everyFlippedBitIsAnError() throws {
        let bytes = try ExampleStore(rowsPerBlock: 40).encoded(), folder = try StoreFolder()
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= UInt8(1 << (place % 8))
            #expect(throws: StoreError.self, "byte \(place)") { try folder.read(damaged) }
        }
    }

    /// Descriptions with right checksums but wrong contents.
    @Test func hostileDescriptions() throws {
        let bytes = try ExampleStore().encoded(), folder = try StoreFolder()
        let parts = StoreParts(bytes)
        #expect(parts.encoded() == bytes)
        for place in parts.description.indices {
            for value: UInt8 in [0, 0x7F, 0xFF] {
                var hostile = parts
                hostile.description[place] = value
                if let read = try? folder.read(hostile.encoded()) { _ = read.matrix.integerGram() }
            }
        }
    }

    /// Directories and headers with right checksums that claim what is not there.
    @Test func hostileDirectories() throws {
        let parts = StoreParts(try ExampleStore(rowsPerBlock: 40).encoded()), folder = try StoreFolder()
        func refuses(_ change: (inout StoreParts) -> Void) throws {
            var hostile = parts
            change(&hostile)
            #expect(throws: StoreError.self) { try folder.read(hostile.encoded()) }
        }
        try refuses { $0.entries[0].length += 64 }
        try refuses { $0.entries[0].length -= 1 }
        try refuses { $0.entries[1].length = 1 << 62 }
        try refuses { $0.entries[0].encoding = .zstandard }
        try refuses { $0.entries.removeLast() }
        try refuses { $0.entries.append($0.entries[0]) }
        try refuses { $0.entries = [] }
        try refuses { $0.blocks += [UInt8](repeating: 0, count: 64) }
        try refuses { $0.blocks.removeLast(64) }
        try refuses { $0.blocks = [] }
        for rows in [0, 8, 41, 80, 1 << 24, 1 << 31] { try refuses { $0.rowsPerBlock = rows } }
        // Rows: one more, many more.
        try refuses { $0.description[0] += 1 }
        try refuses { $0.description[5] = 0x7F }
        // A code without a level: the refinement has 15 of 16.
        try refuses { $0.blocks[64 * 3] = 0xFF }
    }

    @Test func messagesSayWhatIsWrong() throws {
        let bytes = try ExampleStore(rowsPerBlock: 40).encoded(), parts = StoreParts(bytes), folder = try StoreFolder()
        func message(_ bytes: [UInt8]) -> String {
            do {
                _ = try folder.read(bytes)
                return "whole"
            } catch { return "\(error)" }
        }
        var flipped = bytes
        flipped[64 + 192] ^= 1
        #expect(message(flipped) == "damaged: the checksum of block 0 differs")
        #expect(
            message(Array(bytes.dropLast())) == "damaged: the file has \(bytes.count - 1) bytes, it was written with "
                + "\(bytes.count)")
        var fewer = parts
        fewer.entries.removeLast()
        #expect(message(fewer.encoded()) == "damaged: it has 1 blocks, 77 rows take 2")
    }
}
