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

    /// Outliers near the end of a table leave nothing that the intervals do not know of: rows are encoded by size.
    @Test func outliersAtTheEnd() throws {
        var covered = 0, intervals = 0, largest = 0.0
        for seed in 1...10 {
            var columns = Design.gaussian.columns(rows: 2000, seed: UInt64(seed))
            for i in 1990..<2000 {
                columns[1][i] *= 200
                columns[2][i] *= 80
            }
            let solution = try LeastSquaresProblem.quantized(bits: 4).solve(
                regressionTable(["x1", "x2", "x3", "x4", "y"], columns))
            let reference = try #require(solution.responses[0].reference)
            for (code, full) in zip(solution.responses[0].coefficients, reference.coefficients) {
                intervals += 1
                if try #require(code.quantizationInterval).contains(full.estimate) { covered += 1 }
            }
            largest = max(largest, try #require(reference.errorRatio))
        }
        #expect(Double(covered) >= 0.85 * Double(intervals), "\(covered) of \(intervals) intervals hold")
        #expect(largest < 0.004, "error ratio \(largest)")
    }

    /// The worst case is not below the prediction, also where codes are exact and only rounding is left.
    @Test func worstCaseOfExactCodes() throws {
        var random = RandomNumbers(seed: 5)
        let x = (0..<100).map { _ in Double(random.next() % 7) }, y = (0..<100).map { _ in Double(random.next() % 50) }
        let response = try LeastSquaresProblem.quantized(bits: 4).solve(regressionTable(["x", "y"], [x, y]))
            .responses[0]
        let worst = try #require(response.worstCaseErrorRatio)
        #expect(worst >= (try #require(response.predictedErrorRatio)))
    }
}
