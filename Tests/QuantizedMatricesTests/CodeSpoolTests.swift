import Foundation
import QuantizedKernels
import Testing

@testable import QuantizedMatrices

/// Codes come in any blocks of rows and lie in the blocks of a store, in memory or in a file.
@Suite struct CodeSpoolTests {
    static let bits = [1, 3, 4, 8, 5]

    private func codes(rows: Int) -> [[UInt8]] {
        var random = RandomNumbers(seed: 9)
        return Self.bits.map { b in (0..<rows).map { _ in UInt8(random.next() & (1 << UInt64(b) - 1)) } }
    }

    /// Bit by bit: code i of a part of b bits takes bits i·b to (i + 1)·b − 1 from where the part starts.
    private func expected(_ codes: [[UInt8]], _ layout: CodeLayout, block k: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for (b, part) in zip(Self.bits, codes) {
            let rows = Array(part[layout.rows(ofBlock: k)])
            var packed = [UInt8](repeating: 0, count: (rows.count * b + 7) / 8)
            for i in 0..<(rows.count * b) where rows[i / b] >> (i % b) & 1 == 1 { packed[i / 8] |= 1 << UInt8(i % 8) }
            bytes += packed
            while bytes.count % 64 != 0 { bytes.append(0) }
        }
        return bytes
    }

    @Test(arguments: [0, 1, 7, 8, 15, 16, 17, 100, 160], [1, 5, 8, 16, 24, 33, 1000])
    func blocks(rows: Int, step: Int) throws {
        let codes = codes(rows: rows)
        for limit in [0, 700, .max] {
            let spool = CodeSpool(bits: Self.bits, memoryLimit: limit, rowsPerBlock: 16)
            for first in stride(from: 0, to: rows, by: step) {
                let taken = first..<min(rows, first + step), part = codes.flatMap { $0[taken] }
                try spool.append(part.span, rows: taken.count)
            }
            #expect(spool.rows == rows)
            let packed = try spool.finish(), layout = packed.layout
            #expect(layout.blockCount == (rows + 15) / 16 && layout.rows == rows)
            for k in 0..<layout.blockCount {
                let found = packed.withBlock(k) { bytes in (0..<bytes.count).map { bytes[$0] } }
                #expect(found == expected(codes, layout, block: k))
                #expect(found.count == layout.byteCount(ofBlock: k))
            }
            #expect(layout.codeBytes == Self.bits.reduce(0) { $0 + (rows * $1 + 7) / 8 })
        }
    }

    @Test func noParts() throws {
        let spool = CodeSpool(bits: [])
        let none: [UInt8] = []
        try spool.append(none.span, rows: 0)
        #expect(try spool.finish().layout.blockCount == 0)
    }

    @Test func whereTheFileCannotBe() throws {
        let spool = CodeSpool(bits: [8], memoryLimit: 0, rowsPerBlock: 8, folder: "/nowhere/at/all")
        let codes = [UInt8](repeating: 1, count: 8)
        #expect(throws: StoreError.self) { try spool.append(codes.span, rows: 8) }
    }

    @Test func rowsPerBlock() {
        #expect(CodeLayout.rowsPerBlock(bits: [4]) == 65536)
        #expect(CodeLayout.rowsPerBlock(bits: [Int](repeating: 4, count: 64)) == 32768)
        #expect(CodeLayout.rowsPerBlock(bits: [Int](repeating: 8, count: 5000)) == 1024)
        #expect(CodeLayout.rowsPerBlock(bits: []) == 65536)
    }

    @Test func pieces() {
        let layout = CodeLayout(rows: 100, rowsPerBlock: 40, bits: [3])
        let all = layout.pieces(first: 0, count: 100, size: 24)
        #expect(all.map(\.block) == [0, 0, 1, 1, 2] && all.map(\.first) == [0, 24, 0, 24, 0])
        #expect(all.map(\.count) == [24, 16, 24, 16, 20])
        #expect(layout.pieces(first: 72, count: 20).map(\.count) == [8, 12])
        #expect(layout.pieces(first: 0, count: 0).isEmpty)
    }
}
