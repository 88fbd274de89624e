import QuantizedKernels
import Testing

@Suite struct GramTests {
    private static let rowCounts = [0, 1, 15, 16, 17, 31, 33, 100, 512, 513, 1025]

    private func gram(_ set: Kernels, _ c: IntegerColumns<Int16>, largest: Int) -> [Int64]? {
        c.gram { gram, sums, scratch in
            set.gram(
                c.entries.span, rows: c.rows, columnStride: c.stride, count: c.count, largestMagnitude: largest,
                into: &gram, sums: &sums, scratch: &scratch)
        }
    }

    @Test(arguments: rowCounts) func equalsTheTripleLoop(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for count in [0, 1, 2, 3, 7, 8, 9, 17] {
            for largest in [1, 7, 127, 2047, 9000, 32767] {
                let c = IntegerColumns<Int16>(rows: rows, stride: rows + 5, count: count) { _, _ in
                    Int16.random(in: Int16(-largest)...Int16(largest), using: &random)
                }
                let expected = c.expectedGram()
                for set in Grid.sets {
                    #expect(gram(set, c, largest: largest) == expected, "\(set) \(rows)×\(count), |entry| ≤ \(largest)")
                }
            }
        }
    }

    /// All entries at the bound and of one sign: the largest 32-bit partial sums that can occur.
    @Test(arguments: [1, 63, 127, 1000, 2047, 16383, 23170, 32767]) func doesNotOverflow(largest: Int) {
        for sign in [1, -1] {
            let c = IntegerColumns<Int16>(rows: 20_003, stride: 20_003, count: 2) { _, j in
                Int16(largest * (j == 0 ? 1 : sign))
            }
            let square = Int64(largest) * Int64(largest) * 20_003
            for set in Grid.sets {
                let products = gram(set, c, largest: largest)?.prefix(4)
                #expect(products == [1000 + square, 1001 + Int64(sign) * square, 1002, 1003 + square])
            }
        }
    }

    /// Past 2^31/2 ones in a 32-bit lane, when a bound of 1 permits the longest runs without widening.
    @Test func longColumnsOfSmallEntriesAreExact() {
        let rows = 300_007
        let c = IntegerColumns<Int16>(rows: rows, stride: rows, count: 1) { _, _ in 127 }
        for set in Grid.sets {
            #expect(gram(set, c, largest: 127) == [1000 + Int64(rows) * 127 * 127, 500 + Int64(rows) * 127])
        }
    }

    /// More columns than a panel of the blocked kernel holds, with every tile size left over.
    @Test func manyColumns() {
        var random = SplitMix64(seed: 8)
        for count in [96, 97, 98, 200] {
            let c = IntegerColumns<Int16>(rows: 35, stride: 40, count: count) { _, _ in
                Int16.random(in: -99...99, using: &random)
            }
            let expected = c.expectedGram()
            for set in Grid.sets { #expect(gram(set, c, largest: 99) == expected, "\(set) \(count) columns") }
        }
    }
}
