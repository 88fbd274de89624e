import Factorizations
import Matrices
import QuantizedMatrices

/// The variance of what the errors of codes do to Σ r̂², the sum of squared residuals of corrected moments:
/// `fixed` + `perSquare`·Σ r̂².
struct ResidualNoise: Sendable {
    var fixed = 0.0
    var perSquare = 0.0

    /// The standard deviation at a sum of squares.
    func deviation(at square: Double) -> Double { max(0, fixed + perSquare * max(0, square)).squareRoot() }

    /// Standard deviations that a sum of squared residuals has to be above 0 (one-sided, 95%): below, how large the residuals
    /// are is unknown.
    static let significance = 1.6448536269514722
}

extension ErrorPropagation {
    /// Of r̂ = Â·v: vᵀΔGv = P + 2R with P from products of predictors and R from those with responses, while the scores
    /// listed have vᵀ(ΔG·v) = P + R, of which their covariance S is known: Var P + 4 Var R; systematic
    /// discrepancies add up. Entries that err independently:
    /// Σ_i (2r_iτ_i + τ_i²), 4·Σr²·N/m + 2N²/m with N = Σ_j v_j²·Σ_i e_ij². Cost: p².
    func residualNoise(_ v: [Double], over rows: [Int], _ covariance: DenseMatrix) -> ResidualNoise {
        let columns = data.matrix.columns
        guard columns.allSatisfy({ $0.rounding == .balanced }) else {
            let noise = zip(v, columns).reduce(0) { $0 + $1.0 * $1.0 * $1.1.totalSquaredError }
            let m = Double(max(1, equations.rows))
            return ResidualNoise(fixed: 2 * noise * noise / m, perSquare: 4 * noise / m)
        }
        let model = DiscrepancyModel(columns, predictors: data.predictors)
        let used = v.indices.filter { v[$0] != 0 }
        var own = 0.0, systematic = 0.0
        for (p, j) in used.enumerated() {
            for k in used[..<p] {
                let variance = 4 * v[j] * v[j] * v[k] * v[k] * pairVariance(j, k, model)
                if j < data.predictors { own += variance }
                if isSystematic(k, j, model) { systematic += variance.squareRoot() }
            }
        }
        let weights = rows.map { v[$0] }
        let all = weights.dot(BLAS.multiply(covariance, weights))
        return ResidualNoise(fixed: Self.sumFactor * max(own, 4 * all - 3 * own, systematic * systematic))
    }

    /// Discrepancies of balanced codes are not quite independent: where the response is nearly a combination of the predictors
    /// their sum was 1 to 5 standard deviations, and positive. Taken as three times as large; a factor on squares.
    private static let sumFactor = 9.0
}
