import Matrices
import TestSupport
import Testing

@testable import LeastSquares

/// The predicted distribution of the error ratio against quantiles of χ² from scipy 1.17.1, and against draws.
@Suite struct RatioPredictionTests {
    /// √(χ²_p(ν)/ν) for p = 5%, 50%, 95%: `numpy.sqrt(scipy.stats.chi2.ppf(p, nu) / nu)`.
    @Test(arguments: [
        (2.0, 0.226480, 0.832555, 1.730818), (4, 0.421522, 0.916064, 1.540108), (10, 0.627718, 0.966531, 1.353035),
        (40, 0.814084, 0.991657, 1.180662),
    ])
    func quantilesOfChiSquare(nu: Double, low: Double, median: Double, high: Double) {
        let range = RatioPrediction.range(rootMeanSquare: 3, degreesOfFreedom: nu)
        // Wilson and Hilferty's quantiles err like ν^{−3/2} and faster.
        let error = 0.08 / (nu * nu.squareRoot())
        #expect(abs(range.lowerBound / 3 - low) < error)
        #expect(abs(RatioPrediction.median(rootMeanSquare: 3, degreesOfFreedom: nu) / 3 - median) < error / 4)
        #expect(abs(range.upperBound / 3 - high) < error / 3)
    }

    /// Errors g + e with correlated e and a bias up to twice as large: half of the draws are below the median, 90% within the
    /// range, up to 95% where one direction has nearly all of the variance.
    @Test(arguments: [0.0, 0.5, 2.0]) func rangeHoldsDraws(bias: Double) {
        var random = RandomNumbers(seed: 7)
        // Cov (e₁, e₂, e₃) of e₁ = z₁, e₂ = (z₁ + z₂)/2, e₃ = z₃/3; M⁻¹ = diag(1, 1/4, 1).
        let covariance = DenseMatrix(rows: 3, columns: 3, elements: [1, 0.5, 0, 0.5, 0.5, 0, 0, 0, 1.0 / 9])
        let metric = DenseMatrix(rows: 3, columns: 3, elements: [1, 0, 0, 0, 0.25, 0, 0, 0, 1])
        let g = [bias, -bias, bias / 2]
        let square = (1 + 0.125 + 1.0 / 9) + bias * bias * (1 + 0.25 + 0.25)
        var errors = ErrorPropagation.Result(scoreCovariance: covariance, scoreBias: g)
        errors.expectedSquare = square
        let prediction = RatioPrediction(
            rootMeanSquare: square.squareRoot(), errors, metric: metric, residualSpread: 0)
        let ratios = (0..<40_000).map { _ in
            let z = random.gaussians(3)
            let e = [g[0] + z[0], g[1] + (z[0] + z[1]) / 2, g[2] + z[2] / 3]
            return (e[0] * e[0] + e[1] * e[1] / 4 + e[2] * e[2]).squareRoot()
        }
        let below = Double(ratios.count { $0 < prediction.median }) / 40_000
        let held = Double(ratios.count { prediction.range!.contains($0) }) / 40_000
        #expect(abs(below - 0.5) < 0.04, "\(below) below the median")
        #expect(held > 0.89 && held < 0.955, "\(held) within the range")
    }

    /// Without chance the known bias is all there is.
    @Test func nothingRandom() {
        let prediction = RatioPrediction(
            rootMeanSquare: 2, .none(columns: 2), metric: DenseMatrix(rows: 2, columns: 2), residualSpread: 0)
        #expect(prediction.median == 2 && prediction.range == nil)
    }
}
