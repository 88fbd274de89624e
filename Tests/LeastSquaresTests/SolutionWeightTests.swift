import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

@Suite struct SolutionWeightTests {
    /// Independent standard normal columns: G ≈ m·I, so m·w_j(a) → s² + x_j²(a² + n − 1).
    @Test func closedFormForGaussianColumns() throws {
        var state: UInt64 = 7
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 11) + 0.5) * 0x1p-53
        }
        func normal() -> Double {
            // A sum of twelve uniforms: variance 1, kurtosis 2.9.
            (0..<12).reduce(-6) { sum, _ in sum + uniform() }
        }
        let m = 40_000, x = [2.0, -0.5, 1.0], s = 3.0
        var a = DenseMatrix(rows: m, columns: 3)
        for i in a.elements.indices { a.elements[i] = normal() }
        let b = (0..<m).map { i in x[0] * a[i, 0] + x[1] * a[i, 1] + x[2] * a[i, 2] + s * normal() }
        let weight = try SolutionWeight(design: a, response: b)
        for j in 0..<3 {
            let mean = try weight.conditionalMean(column: j)
            for value in [-1.5, -0.5, 0, 1, 2] {
                let expected = s * s + x[j] * x[j] * (value * value + 2)
                #expect(abs(mean.value(value) * Double(m) / expected - 1) < 0.15, "column \(j) at \(value)")
            }
        }
        // The weight grows with |a| where the coefficient is large: the outer levels move inwards least.
        let weighted = try weight.codebook(column: 0, count: 8),
            plain = try Codebook.optimal(values: a.column(0), count: 8)
        #expect(weighted.levels[7] > plain.levels[7] && weighted.levels[0] < plain.levels[0])
    }

    @Test func dependentColumnsAreRefused() {
        let a = DenseMatrix(rows: 4, columns: 2, elements: [1, 2, 3, 4, 0, 0, 0, 0])
        #expect(throws: RegressionError.self) { try SolutionWeight(design: a, response: [1, 2, 3, 5]) }
    }
}
