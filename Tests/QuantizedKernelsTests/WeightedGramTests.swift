import QuantizedKernels
import Testing

@Suite struct WeightedGramTests {
    private func gram(_ set: Kernels, _ a: [Double], rows: Int, stride: Int, count n: Int, _ w: [Double]) -> [Double]? {
        var scratch = [Double](repeating: .nan, count: Kernels.weightedGramScratchCount(columns: n))
        return guarded(n * n, start: 1, guardValue: -5.0) { gram in
            for index in gram.indices { gram[index] = Double(1000 + index) }
            var span = scratch.mutableSpan
            set.weightedGram(
                a.span, rows: rows, columnStride: stride, count: n, weights: w.span, into: &gram, scratch: &span)
        }
    }

    /// Whole numbers: every sum is exact, in any order; the upper triangle stays as it was.
    @Test(arguments: [0, 1, 3, 4, 5, 127, 128, 129, 300]) func sumsOfWholeNumbers(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for n in [0, 1, 4, 7, 8, 9, 17] {
            let stride = rows + 3
            let a = (0..<stride * n).map { _ in Double(Int.random(in: -50...50, using: &random)) }
            let w = (0..<rows).map { _ in Double(Int.random(in: -9...9, using: &random)) / 4 }
            var expected = (0..<n * n).map { Double(1000 + $0) }
            for k in 0..<n {
                for j in k..<n {
                    for i in 0..<rows { expected[j + k * n] += w[i] * a[j * stride + i] * a[k * stride + i] }
                }
            }
            for set in Grid.sets {
                #expect(gram(set, a, rows: rows, stride: stride, count: n, w) == expected, "\(set) \(rows)×\(n)")
            }
        }
    }

    /// The order of the sums is the one documented, to the last bit.
    @Test func sumsInTheirOrder() {
        var random = SplitMix64(seed: 3)
        let rows = 517, n = 11
        let a = (0..<rows * n).map { _ in Double.random(in: -1...1, using: &random) }
        let w = (0..<rows).map { _ in Double.random(in: -1...2, using: &random) }
        var expected = (0..<n * n).map { Double(1000 + $0) }
        for k in 0..<n {
            for j in k..<n {
                for first in stride(from: 0, to: rows, by: 128) {
                    var sum = 0.0
                    for i in first..<min(rows, first + 128) { sum.addProduct(w[i] * a[k * rows + i], a[j * rows + i]) }
                    expected[j + k * n] += sum
                }
            }
        }
        for set in Grid.sets { #expect(gram(set, a, rows: rows, stride: rows, count: n, w) == expected, "\(set)") }
    }
}
