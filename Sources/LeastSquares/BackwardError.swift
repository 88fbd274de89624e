import Factorizations
import Matrices
import QuantizedMatrices

/// Whether a solution is consistent with the codes it was computed from: the smallest change of the decoded columns and
/// response that makes it their exact least-squares solution, in units of the change that quantization made.
///
/// With columns divided by ‖E_j‖, the norm of their quantization error, and the response by ‖e‖, the smallest change of
/// (A, b) in the Frobenius norm is, to first order (Waldén, Karlson and Sun 1995; Grcar 2003),
///
///     μ² = gᵀ[ω·AᵀA + ‖r‖²·D²]⁻¹g,   g = Aᵀr,   D = diag ‖E_j‖,   ω = ‖D·x‖² + ‖e‖².
///
/// The codes' own change has the norm √(number of inexact columns). A ratio below 1 says that numbers as near to the codes as
/// the true ones have this solution; it says nothing of how sensitive the solution is.
struct BackwardError {
    let data: QuantizedRegression
    let equations: NormalEquations
    let system: SolvedSystem

    /// μ over the norm of the codes' own change, for a response; 0 where all is exact, nil where the matrix is
    /// singular. Cost: k³/3.
    func ratio(response b: Int) -> Double? {
        let kept = system.kept, z = system.coefficients[b], response = equations.predictors + b
        let squares = kept.map { data.matrix.columns[$0].totalSquaredError }
        let own = data.matrix.columns[response].totalSquaredError
        let changed = squares.count { $0 > 0 } + (own > 0 ? 1 : 0)
        guard changed > 0 else { return 0 }
        let omega = zip(kept, squares).reduce(own) { $0 + z[$1.0] * z[$1.0] * $1.1 }
        let gram = equations.gram.selecting(kept)
        let inner = kept.map { z[$0] }, image = BLAS.multiply(gram, inner)
        let g = kept.indices.map { equations.gram[kept[$0], response] - image[$0] }
        let cross = kept.map { equations.gram[$0, response] }
        let residual = max(0, equations.gram[response, response] - 2 * inner.dot(cross) + inner.dot(image))
        var weight = gram.scaled(by: omega)
        for j in kept.indices { weight[j, j] += residual * squares[j] }
        guard let cholesky = try? Cholesky(weight) else { return nil }
        return (max(0, g.dot(cholesky.solve(g))) / Double(changed)).squareRoot()
    }
}
