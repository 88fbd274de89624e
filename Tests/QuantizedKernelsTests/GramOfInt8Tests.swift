import QuantizedKernels
import Testing

@Suite struct GramOfInt8Tests {
    private static let rowCounts = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 95, 97, 1023, 1024, 1025, 2100]
    private static let magnitudes = [1, 2, 15, 45, 62, 63]

    private func gram(_ set: Kernels, _ c: IntegerColumns<Int8>) -> [Int64]? {
        c.gram { gram, sums, scratch in
            set.gram(
                c.entries.span, rows: c.rows, columnStride: c.stride, count: c.count, into: &gram, sums: &sums,
                scratch: &scratch)
        }
    }

    @Test(arguments: rowCounts) func equalsTheTripleLoop(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for largest in GramOfInt8Tests.magnitudes {
            for count in rows > 100 ? [2, 9] : [0, 1, 2, 3, 7, 8, 9, 17] {
                let c = IntegerColumns<Int8>(
                    rows: rows, stride: rows + 5, count: count, largest: largest, using: &random)
                let expected = c.expectedGram()
                for set in Grid.sets {
                    #expect(gram(set, c) == expected, "\(set) \(rows)×\(count), |entry| ≤ \(largest)")
                }
            }
        }
    }

    /// All entries at the bound, in every combination of signs: the largest partial sums there are. A kernel that let
    /// a 16-bit sum saturate would be off by millions.
    @Test(arguments: 1...63) func doesNotSaturate(largest: Int) {
        let rows = 4099
        let c = IntegerColumns<Int8>(rows: rows, stride: rows, count: 4) { i, j in
            Int8([largest, -largest, i % 2 == 0 ? largest : -largest, i % 64 < 32 ? largest : -largest][j])
        }
        // Rows 0, 2, … are one more than rows 1, 3, …; blocks of 64 rows cancel but for the last 3 rows.
        let m = Int64(rows), square = Int64(largest * largest)
        let lower: [(index: Int, sum: Int64)] = [
            (0, m), (1, -m), (2, 1), (3, 3), (5, m), (6, -1), (7, -3), (10, m), (11, 1), (15, m),
        ]
        var expected: [Int64] = (1000..<1016).map { $0 }
        for product in lower { expected[product.index] += square * product.sum }
        for set in Grid.sets { #expect(gram(set, c).map { Array($0.prefix(16)) } == expected, "\(set)") }
    }

    @Test func manyColumns() {
        var random = SplitMix64(seed: 8)
        for count in [95, 96, 97, 98, 200] {
            for largest in [15, 63] {
                let c = IntegerColumns<Int8>(rows: 35, stride: 40, count: count, largest: largest, using: &random)
                let expected = c.expectedGram()
                for set in Grid.sets { #expect(gram(set, c) == expected, "\(set) \(count) columns") }
            }
        }
    }
}
