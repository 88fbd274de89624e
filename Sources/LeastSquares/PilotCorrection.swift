import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// What is taken from the products of nearest codes because a pilot shows that they are off by it.
///
/// Of f·m rows the differences d_jk = Σ g_jg_k·x̂_jx̂_k − x_jx_k are known; the others' are estimated by d_jk·(1/f − 1), shrunk by
/// the part α of it that is bias and not chance (see `ErrorPropagation.pilotResult`):
///
///     M_jk = g_jg_k·Σx̂_jx̂_k − d_jk·(1 + α(1/f − 1)),   M_jj = Σx_j² exact.
struct PilotCorrection: Sendable {
    /// α.
    let bias: Double
    /// d_jk·(1 + α(1/f − 1)), 0 on the diagonal.
    let differences: DenseMatrix

    /// How many standard deviations (of a normal variable of the same tail) the pilot's differences must be above chance: what
    /// was taken for bias and is chance moves the solution by as much as it was thought to correct it.
    private static let significance = 3.0

    /// α for the solution of the decoded numbers, over all predictors and responses. nil without a pilot, for rows that were
    /// chosen, where chance could make what the pilot shows, and where the decoded predictors are dependent. Cost: that of
    /// `ErrorPropagation`, and k³.
    init?(_ data: QuantizedRegression, _ equations: NormalEquations, kernels: Kernels) {
        guard let pilot = data.matrix.pilot, data.matrix.share == 1, data.predictors > 0 else { return nil }
        let n = equations.predictors, predictors = Array(0..<n)
        guard let cholesky = try? Cholesky(equations.gram.selecting(predictors)) else { return nil }
        let propagation = ErrorPropagation(
            data: data, equations: equations, correction: .exactDiagonal, kernels: kernels)
        var signal = 0.0, noise = 0.0, squares = 0.0
        for b in n..<equations.columns where equations.exactSquares[b] > 0 {
            let z = cholesky.solve(predictors.map { equations.gram[$0, b] })
            var v = z.map { -$0 } + [Double](repeating: 0, count: equations.columns - n)
            v[b] = 1
            let covariance = propagation.independentCovariance(v, over: predictors, knownDiagonal: true).covariance
            let parts = propagation.pilotSquares(pilot, covariance, v, over: predictors)
            signal += parts.signal / equations.exactSquares[b]
            noise += parts.noise / equations.exactSquares[b]
            squares +=
                Self.relativeSquares(covariance, equations.exactSquares)
                * (parts.noise / equations.exactSquares[b])
        }
        // What chance makes of the sum of squares is a multiple of χ² with ν degrees of freedom, those of the responses taken
        // as one.
        if noise > 0 {
            let chance = Distributions.chiSquareRatio(noise / squares, deviations: Self.significance)
            guard signal > noise * chance else { return nil }
        }
        bias = ErrorPropagation.biasShare(signal: signal, noise: noise, count: n)
        let share = Double(pilot.rows) / Double(max(1, equations.rows))
        let units = equations.variances.map { $0.squareRoot() }
        var differences = DenseMatrix(rows: equations.columns, columns: equations.columns)
        for j in 0..<equations.columns {
            for k in 0..<equations.columns where j != k {
                differences[j, k] = pilot.product(j, k) * units[j] * units[k] * (1 + bias * (1 / share - 1))
            }
        }
        self.differences = differences
    }

    /// Σ S_jk²/(t_jt_k)/(Σ S_jj/t_j)², t the squares of the columns: one over the degrees of freedom of a sum of squares.
    private static func relativeSquares(_ covariance: DenseMatrix, _ squares: [Double]) -> Double {
        let unit = (0..<covariance.columns).map { squares[$0] > 0 ? 1 / squares[$0].squareRoot() : 0 }
        var sum = 0.0, trace = 0.0
        for k in unit.indices {
            trace += covariance[k, k] * unit[k] * unit[k]
            for j in unit.indices {
                let value = covariance[j, k] * unit[j] * unit[k]
                sum += value * value
            }
        }
        return trace > 0 ? sum / (trace * trace) : 0
    }
}
