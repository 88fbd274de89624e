import QuantizedKernels
import Testing

@Suite struct GramOfInt8Tests {
    private static let rowCounts = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 95, 97, 2047, 2049, 4100]
    /// On both sides of every limit of the kernels: 4·M² ≤ 32767/run for run = 1, 2, 3, 4, and 36 and 8191.
    private static let magnitudes = [1, 2, 15, 16, 45, 46, 52, 53, 63, 64, 90, 91, 127]

    private func gram(_ set: Kernels, _ c: IntegerColumns<Int8>, largest: Int) -> [Int64]? {
        guarded(c.count * c.count, start: 1, guardValue: -5) { output in
            for index in output.indices { output[index] = Int64(1000 + index) }
            set.gram(
                c.entries.span, rows: c.rows, columnStride: c.stride, count: c.count, largestMagnitude: largest,
                into: &output)
        }
    }

    @Test(arguments: rowCounts) func equalsTheTripleLoop(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for largest in GramOfInt8Tests.magnitudes {
            for count in rows > 100 ? [2, 4] : [0, 1, 2, 3, 4, 5, 7] {
                let c = IntegerColumns<Int8>(
                    rows: rows, stride: rows + 5, count: count, largest: largest, using: &random)
                let expected = c.expectedGram()
                for set in Grid.sets {
                    #expect(gram(set, c, largest: largest) == expected, "\(set) \(rows)×\(count), |entry| ≤ \(largest)")
                }
            }
        }
    }

    /// All entries at the bound, in every combination of signs: the largest partial sums there are. A kernel that let
    /// a 16-bit sum saturate would be off by millions.
    @Test(arguments: 1...127) func doesNotSaturate(largest: Int) {
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
        for set in Grid.sets { #expect(gram(set, c, largest: largest) == expected, "\(set)") }
    }

    @Test func manyColumns() {
        var random = SplitMix64(seed: 8)
        for count in [95, 96, 97, 98, 200] {
            for largest in [15, 63, 127] {
                let c = IntegerColumns<Int8>(rows: 35, stride: 40, count: count, largest: largest, using: &random)
                let expected = c.expectedGram()
                for set in Grid.sets { #expect(gram(set, c, largest: largest) == expected, "\(set) \(count) columns") }
            }
        }
    }

    @Test(arguments: rowCounts) func crossProducts(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for (p, q) in rows > 100 ? [(2, 2)] : [(0, 3), (3, 0), (1, 1), (1, 7), (4, 2), (98, 2)] {
            for (largestLeft, largestRight) in [
                (1, 127), (127, 1), (127, 64), (64, 127), (90, 91), (63, 65), (127, 127),
            ] {
                let left = IntegerColumns<Int8>(
                    rows: rows, stride: rows + 3, count: p, largest: largestLeft, using: &random)
                let right = IntegerColumns<Int8>(
                    rows: rows, stride: rows + 3, count: q, largest: largestRight, using: &random)
                let expected = (0..<p * q).map { 500 + left.product($0 % p, right, $0 / p) }
                for set in Grid.sets {
                    let products = guarded(p * q, start: 1, guardValue: Int64(-5)) { output in
                        for index in output.indices { output[index] = 500 }
                        set.crossProducts(
                            left.entries.span, leftCount: p, right.entries.span, rightCount: q, rows: rows,
                            columnStride: rows + 3, largestLeft: largestLeft, largestRight: largestRight, into: &output)
                    }
                    #expect(products == expected, "\(set) \(rows) rows, \(p)×\(q), \(largestLeft) \(largestRight)")
                }
            }
        }
    }

    @Test(arguments: rowCounts) func sums(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        let c = IntegerColumns<Int8>(rows: rows, stride: rows + 1, count: 3) { _, j in
            j == 0 ? .min : j == 1 ? .max : Int8.random(in: .min ... .max, using: &random)
        }
        let ones = IntegerColumns<Int8>(rows: rows, stride: rows, count: 1) { _, _ in 1 }
        let expected = (0..<3).map { 40 + c.product($0, ones, 0) }
        for set in Grid.sets {
            let sums = guarded(3, start: 1, guardValue: Int64(-5)) { output in
                for index in output.indices { output[index] = 40 }
                set.sums(c.entries.span, rows: rows, columnStride: rows + 1, count: 3, into: &output)
            }
            #expect(sums == expected, "\(set) \(rows) rows")
        }
    }
}
