import Matrices
import QuantizedMatrices

/// A bound on the error that holds whatever the signs and directions of the quantization errors are.
///
/// With Â = A + E and b̂ = b + e, every column scaled to norm 1, ‖E_j‖ and ‖e‖ known exactly from the distortion of the
/// codes, ‖E‖² = Σ‖E_j‖², σ = σ_min(Â) − ‖E‖ a lower bound of σ_min(A), and M = ÂᵀÂ + F, c = Âᵀb̂ + f what the
/// correction made of the normal equations:
///
///     ‖A(x̂ − x)‖ ≤ [h + (‖E‖(‖r̂‖ + h) + ‖f − F·x̂‖)/σ] / (1 − η),
///     h = ‖e‖ + Σ‖E_j‖|x̂_j|,   η = (2√n‖E‖ + ‖E‖² + ‖F‖)/σ².
///
/// First order in x̂ − x, with the terms beyond it covered by 1/(1 − η). (Wedin's perturbation theory as in the LAPACK
/// Users' Guide, "Error Bounds for Linear Least Squares Problems", with column-wise norms.) Where σ ≤ 0 or η ≥ 1 there
/// is no finite bound.
struct WorstCaseBound {
    let data: QuantizedRegression
    let equations: NormalEquations
    let system: SolvedSystem

    /// The bound on ‖A(x̂ − x)‖ for a response, nil where there is none.
    func errorNorm(response b: Int) -> Double? {
        let kept = system.kept, z = system.coefficients[b]
        let response = equations.predictors + b
        let norms = kept.map { max(equations.exactSquares[$0], .leastNormalMagnitude).squareRoot() }
        let errors = zip(kept, norms).map { data.matrix.columns[$0].totalSquaredError.squareRoot() / $1 }
        let total = errors.norm
        let e = data.matrix.columns[response].totalSquaredError.squareRoot()
        let scaled = zip(kept, norms).map { z[$0] * $1 }
        let direct = e + zip(errors, scaled).reduce(0) { $0 + $1.0 * abs($1.1) }
        guard total > 0 else { return direct }
        let sigma = system.smallestSingularValue - total
        guard sigma > 0 else { return nil }
        let change = correctionChange(kept, norms, response: response, scaled: scaled)
        let residual = system.residualSquares[b].squareRoot()
        let root = Double(kept.count).squareRoot()
        let eta = (2 * root * total + total * total + change.matrix) / (sigma * sigma)
        guard eta < 1 else { return nil }
        return (direct + (total * (residual + direct) + change.score) / sigma) / (1 - eta)
    }

    /// ‖F‖ (Frobenius) and ‖f − F·x̂‖, in scaled columns.
    private func correctionChange(
        _ kept: [Int], _ norms: [Double], response: Int, scaled: [Double]
    ) -> (matrix: Double, score: Double) {
        let corrected = equations.corrected(system.correction)
        var squares = 0.0, score: [Double] = []
        for (j, norm) in zip(kept, norms) {
            var change = (corrected[j, response] - equations.gram[j, response]) / norm
            for (q, k) in kept.enumerated() {
                let f = (corrected[j, k] - equations.gram[j, k]) / (norm * norms[q])
                squares += f * f
                change -= f * scaled[q]
            }
            score.append(change)
        }
        return (squares.squareRoot(), score.norm)
    }
}
