import Matrices
import QuantizedKernels
import Tables
import TestSupport
import Testing

@testable import LeastSquares
@testable import QuantizedMatrices

/// What the pilot of nearest codes keeps, and the intervals made of it.
@Suite struct PilotTests {
    /// 600 rows of three columns that depend on each other, at 2 bits without a transform.
    private func coded(seed: UInt64 = 1) throws -> (columns: [[Double]], data: QuantizedRegression) {
        var random = RandomNumbers(seed: seed)
        let base = (0..<600).map { _ in random.gaussian() }
        let columns = [base, base.map { ($0 + random.gaussian()).rounded() }, base.map { $0 * $0 + random.gaussian() }]
        let source = try ArrayTableSource(names: ["a", "b", "y"], columns: columns, label: "example")
        var options = QuantizationOptions()
        (options.bits, options.responseBits, options.quantizer, options.transform) = (2, 2, .optimal, .none)
        let table = try RegressionTable(reading: source, predictors: 2)
        return (columns, try QuantizedRegression(quantizing: table, options: options))
    }

    /// Σ ± (g_jg_k·x̂_jx̂_k − x_jx_k)/(σ_jσ_k) over every other row, about their means.
    private func sum(
        _ columns: [[Double]], _ data: QuantizedRegression, _ j: Int, _ k: Int, sign: (Int) -> Double
    ) -> Double {
        let decoded = data.matrix.decoded(first: 0, count: 600, kernels: .scalar)
        func pilot(_ values: [Double], gain: Double) -> [Double] {
            let kept = stride(from: 1, to: 600, by: 2).map { values[$0] }
            let mean = kept.reduce(0, +) / Double(kept.count)
            return kept.map { gain * ($0 - mean) }
        }
        func deviation(_ j: Int) -> Double {
            let mean = columns[j].reduce(0, +) / 600
            return (columns[j].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 600).squareRoot()
        }
        let gains = data.matrix.columns.map(\.decodeGain)
        let x = [j, k].map { pilot(columns[$0], gain: 1) }
        let codes = [j, k].map { pilot(decoded.column($0), gain: gains[$0]) }
        let total = x[0].indices.reduce(0.0) { $0 + sign($1) * (codes[0][$1] * codes[1][$1] - x[0][$1] * x[1][$1]) }
        return total / (deviation(j) * deviation(k))
    }

    @Test func sums() throws {
        let (columns, data) = try coded()
        let pilot = try #require(data.matrix.pilot)
        #expect(pilot.rows == 300)
        for j in 0..<3 {
            for k in 0...j {
                let product = sum(columns, data, j, k) { _ in 1 }
                let contrast = sum(columns, data, j, k) { $0 % 2 == 0 ? 1 : -1 }
                #expect(abs(pilot.product(j, k) - product) < 1e-5 * max(1, abs(product)))
                #expect(abs(pilot.contrast(k, j) - contrast) < 1e-5 * max(1, abs(contrast)))
            }
        }
        let part = pilot.selecting(columns: [2, 0])
        #expect(part.contrast(0, 1) == pilot.contrast(2, 0) && part.contrast(1, 1) == pilot.contrast(0, 0))
        let both = pilot.merged(pilot, units: ([1, 1, 1], [0.5, 1, 2]))
        #expect(both.rows == 600)
        #expect(abs(both.contrast(0, 2) - 2 * pilot.contrast(0, 2)) < 1e-6 * abs(pilot.contrast(0, 2)))
        #expect(abs(both.contrast(0, 1) - 1.5 * pilot.contrast(0, 1)) < 1e-6 * abs(pilot.contrast(0, 1)))
    }

    /// Intervals of nearest codes: 97.5% point of Student's t with 8 degrees of freedom (mpmath, 2.30600413520416668…).
    @Test func interval() throws {
        let solution = try LeastSquaresProblem().solve(try coded().data)
        let coefficient = try #require(solution.responses[0].budget).coefficient(1)
        let interval = try #require(coefficient.quantizationInterval(confidence: 0.95))
        let deviation = try #require(coefficient.quantizationStandardDeviation)
        #expect(coefficient.quantizationFreedom == 8)
        #expect(abs((interval.upperBound - interval.lowerBound) / deviation - 2 * 2.306004135204167) < 1e-9)
        let middle = coefficient.estimate - (try #require(coefficient.quantizationBias))
        #expect(abs((interval.upperBound + interval.lowerBound) / 2 - middle) < 1e-12 * abs(middle))
        // All errors together: Welch–Satterthwaite.
        let whole = try #require(coefficient.interval(confidence: 0.95))
        let error = try #require(coefficient.standardError), nu = coefficient.degreesOfFreedom
        let variances = (error * error, deviation * deviation), sum = variances.0 + variances.1
        let freedom = sum * sum / (variances.0 * variances.0 / nu + variances.1 * variances.1 / 8)
        #expect(freedom < nu)
        let half = Distributions.studentQuantile(confidence: 0.95, degreesOfFreedom: freedom) * sum.squareRoot()
        #expect(abs((whole.upperBound - whole.lowerBound) / 2 / half - 1) < 1e-12)
    }
}
