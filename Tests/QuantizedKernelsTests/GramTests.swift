import QuantizedKernels
import Testing

@Suite struct GramTests {
    private static let rowCounts = [0, 1, 15, 16, 17, 31, 33, 100, 1024, 1025, 3001]

    private func gram(_ set: Kernels, _ c: IntegerColumns<Int16>, largest: Int) -> [Int64]? {
        guarded(c.count * c.count, start: 1, guardValue: -5) { output in
            for index in output.indices { output[index] = Int64(1000 + index) }
            set.gram(
                c.entries.span, rows: c.rows, columnStride: c.stride, count: c.count, largestMagnitude: largest,
                into: &output)
        }
    }

    @Test(arguments: rowCounts) func equalsTheTripleLoop(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for count in [0, 1, 2, 3, 4, 5, 7, 10] {
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
                #expect(
                    gram(set, c, largest: largest) == [1000 + square, 1001 + Int64(sign) * square, 1002, 1003 + square])
            }
        }
    }

    /// Past 2^31/2 ones in a 32-bit lane, when a bound of 1 permits the longest runs without widening.
    @Test func longColumnsOfSmallEntriesAreExact() {
        let rows = 300_007
        let c = IntegerColumns<Int16>(rows: rows, stride: rows, count: 1) { _, _ in 127 }
        for set in Grid.sets { #expect(gram(set, c, largest: 127) == [1000 + Int64(rows) * 127 * 127]) }
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

    @Test(arguments: rowCounts) func crossProducts(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for (p, q) in [(0, 3), (3, 0), (1, 1), (1, 7), (4, 2), (5, 6), (100, 2)] {
            for (largestLeft, largestRight) in [(7, 32767), (127, 127), (32767, 32767)] {
                let left = IntegerColumns<Int16>(rows: rows, stride: rows + 3, count: p) { _, _ in
                    Int16.random(in: Int16(-largestLeft)...Int16(largestLeft), using: &random)
                }
                let right = IntegerColumns<Int16>(rows: rows, stride: rows + 3, count: q) { _, _ in
                    Int16.random(in: Int16(-largestRight)...Int16(largestRight), using: &random)
                }
                let expected = (0..<p * q).map { 500 + left.product($0 % p, right, $0 / p) }
                for set in Grid.sets {
                    let products = guarded(p * q, start: 1, guardValue: Int64(-5)) { output in
                        for index in output.indices { output[index] = 500 }
                        set.crossProducts(
                            left.entries.span, leftCount: p, right.entries.span, rightCount: q, rows: rows,
                            columnStride: rows + 3, largestLeft: largestLeft, largestRight: largestRight, into: &output)
                    }
                    #expect(products == expected, "\(set) \(rows) rows, \(p)×\(q)")
                }
            }
        }
    }

    @Test(arguments: rowCounts + [600_001]) func sums(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        let c = IntegerColumns<Int16>(rows: rows, stride: rows + 1, count: 3) { _, j in
            j == 0 ? .min : j == 1 ? .max : Int16.random(in: .min ... .max, using: &random)
        }
        let ones = IntegerColumns<Int16>(rows: rows, stride: rows, count: 1) { _, _ in 1 }
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
