import QuantizedLeastSquares
import TestSupport
import Testing

/// Over many data sets the reported errors are those that occur.
@Suite struct CalibrationTests {
    enum Design: String, CaseIterable, Sendable {
        case gaussian, heavyTailed, collinear, discrete

        /// Four predictors and a response of `rows` rows.
        func columns(rows: Int, seed: UInt64) -> [[Double]] {
            var random = RandomNumbers(seed: seed)
            var x: [[Double]] = []
            for j in 0..<4 {
                x.append(
                    (0..<rows).map { _ in
                        switch self {
                        case .gaussian, .collinear: random.gaussian()
                        case .heavyTailed: random.heavyTailed()
                        case .discrete: j < 2 ? Double(random.next() % 3) : random.gaussian()
                        }
                    })
            }
            if self == .collinear {
                for j in 1..<4 { x[j] = zip(x[0], x[j]).map { a, b -> Double in a + 0.05 * b } }
            }
            var y: [Double] = []
            for i in 0..<rows {
                let signal: Double = x[0][i] - x[1][i] + 0.5 * x[2][i] + 2
                y.append(signal + 1.5 * random.gaussian())
            }
            return x + [y]
        }
    }

    @Test func coverageAndPrediction() throws {
        let seeds = 1...5
        var covered = 0, intervals = 0
        var ratios: [Double] = []
        for design in Design.allCases {
            for bits in [2, 4, 8] {
                for seed in seeds {
                    let columns = design.columns(rows: 400, seed: UInt64(1000 * bits + seed))
                    let solution = try LeastSquaresProblem.quantized(bits: bits).solve(
                        regressionTable(["x1", "x2", "x3", "x4", "y"], columns))
                    let response = solution.responses[0]
                    let reference = try #require(response.reference)
                    for (code, full) in zip(response.coefficients, reference.coefficients) {
                        guard let interval = code.quantizationInterval else { continue }
                        intervals += 1
                        if interval.contains(full.estimate) { covered += 1 }
                    }
                    ratios.append(
                        try #require(response.predictedErrorRatio) / (try #require(reference.errorRatio)))
                }
            }
        }
        ratios.sort()
        let median = ratios[ratios.count / 2], share = Double(covered) / Double(intervals)
        #expect(intervals >= 300)
        #expect(share > 0.9, "\(covered) of \(intervals) intervals hold")
        #expect(median > 0.7 && median < 1.4, "median of predicted over measured \(median)")
        let low = ratios[ratios.count / 20], high = ratios[ratios.count - 1 - ratios.count / 20]
        #expect(low > 0.4 && high < 2.5, "90% of the ratios lie between \(low) and \(high)")
    }
}
