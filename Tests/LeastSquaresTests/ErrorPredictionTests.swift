import QuantizedLeastSquares
import TestSupport
import Testing

/// Reported errors where they are hard to predict; over many data sets see ExperimentsTests/CalibrationTests.
@Suite struct ErrorPredictionTests {
    /// Outliers near the end of a table leave nothing that the intervals do not know of: rows are encoded by size.
    @Test func outliersAtTheEnd() throws {
        var covered = 0, intervals = 0, largest = 0.0
        for seed in 1...10 {
            var columns = TableDesign.gaussian.columns(rows: 2000, seed: UInt64(seed))
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
