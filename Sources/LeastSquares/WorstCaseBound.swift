import Factorizations
import Matrices
import QuantizedMatrices

/// A bound on the error of the fit that holds whatever the signs and directions of the quantization errors are.
///
/// The columns that were quantized, Û = U + E, have known norms of their errors, ‖E_i‖. The columns of the problem are
/// combinations of them, A = U·B and Â = Û·B (predictors; the response likewise), v are the coefficients of Û that make the
/// residual r̂ = Û·v of any solution x̂, and x is the one of the numbers themselves:
///
///     minimise ‖A·x − b‖² + xᵀΛx over a convex set,   Λ ≥ 0 diagonal.
///
/// With M = ÂᵀÂ + Λ, g⁰ what is left of −½ the gradient at x̂ on codes, Âᵀr̂ − Λx̂, without the part that points out of the set,
///
///     h = Σ|v_i|‖E_i‖,   τ² ≥ max ‖E·B·w‖²/wᵀMw,   γ² = g⁰ᵀM⁻¹g⁰,
///     ‖A(x̂ − x)‖ ≤ h + (γ + τ‖r̂‖)/(1 − τ)   where τ < 1, else there is no finite bound.
///
/// Nothing is left to first order. Derived in Documentation/error-propagation.md, "Worst case". τ² is the smaller of Σ|K_ij| and
/// p·λ_max(K), K = D·B·M⁻¹·Bᵀ·D with D = diag ‖E_i‖ (p × p): both majorize (Σ‖E_i‖|(Bw)_i|)² over wᵀMw. No unit of a column
/// enters.
struct WorstCaseBound {
    private let gram: DenseMatrix
    private let errors: [Double]
    private let directions: DenseMatrix
    private let norms: [Double]
    private let cholesky: Cholesky?
    /// τ.
    let share: Double

    /// - Parameters:
    ///   - gram: ÛᵀÛ, p × p, of decoded numbers.
    ///   - errors: ‖E_i‖, p of them.
    ///   - directions: B, p × k: in which x̂ − x may lie.
    ///   - penalties: the diagonal of Λ; none for an empty array.
    ///   - inner: BᵀÛᵀÛB where it is known; nil to have it computed.
    /// nil where there is no finite bound. Cost: 2·p²·k + p·k² + 4·k³ flops, the first less where `inner` is known.
    init?(
        gram: DenseMatrix, errors: [Double], directions: DenseMatrix, penalties: [Double] = [],
        inner: DenseMatrix? = nil
    ) {
        self.gram = gram
        self.errors = errors
        self.directions = directions
        let k = directions.columns
        guard k > 0 else {
            (norms, cholesky, share) = ([], nil, 0)
            return
        }
        var matrix = inner ?? BLAS.multiply(directions, transposed: true, BLAS.multiply(gram, directions))
        for (j, penalty) in penalties.enumerated() { matrix[j, j] += penalty }
        norms = (0..<k).map { max(matrix[$0, $0], .leastNormalMagnitude).squareRoot() }
        for j in 0..<k {
            for i in 0..<k { matrix[i, j] /= norms[i] * norms[j] }
        }
        // Less than the matrix by what rounding may have added to it.
        for j in 0..<k { matrix[j, j] -= 64 * Double.ulpOfOne * Double(k + 1) }
        guard let factor = try? Cholesky(matrix) else { return nil }
        cholesky = factor
        var scaled = DenseMatrix(rows: k, columns: errors.count)
        for i in errors.indices {
            for j in 0..<k { scaled[j, i] = directions[i, j] * errors[i] / norms[j] }
        }
        let half = factor.solveLower(scaled)
        let product = BLAS.multiply(half, transposed: true, half)
        guard let largest = (try? SymmetricEigen.values(of: product))?.last else { return nil }
        let sum = product.elements.reduce(0) { $0 + abs($1) }
        let inexact = Double(errors.count { $0 > 0 })
        share = min(sum, inexact * max(0, largest) * (1 + 1e-9)).squareRoot()
        guard share < 1 else { return nil }
    }

    /// Âᵀr̂ over the directions, r̂ = Û·v.
    func gradient(residual v: [Double]) -> [Double] {
        BLAS.multiply(directions, transposed: true, BLAS.multiply(gram, v))
    }

    /// The bound on ‖A(x̂ − x)‖ for the residual r̂ = Û·v and g⁰. Cost: p² + k².
    func norm(residual v: [Double], gradient: [Double]) -> Double {
        let direct = zip(v, errors).reduce(0) { $0 + abs($1.0) * $1.1 }
        guard let cholesky else { return direct }
        let residual = max(0, v.dot(BLAS.multiply(gram, v))).squareRoot()
        let scaled = zip(gradient, norms).map { $0 / $1 }
        let gamma = max(0, scaled.dot(cholesky.solve(scaled))).squareRoot()
        return direct + (gamma + share * residual) / (1 - share)
    }
}

extension WorstCaseBound {
    /// For all predictors of a quantized regression that were kept, without penalty and restrictions.
    init?(_ data: QuantizedRegression, _ equations: NormalEquations, kept: [Int]) {
        var directions = DenseMatrix(rows: equations.columns, columns: kept.count)
        for (q, j) in kept.enumerated() { directions[j, q] = 1 }
        self.init(
            gram: equations.gram, errors: data.errorNorms, directions: directions,
            inner: equations.gram.selecting(kept))
    }

    /// The bound for a response of a solved system.
    func norm(_ system: SolvedSystem, response b: Int) -> Double {
        let v = system.residualCombination(response: b)
        return norm(residual: v, gradient: gradient(residual: v))
    }
}

extension QuantizedRegression {
    /// ‖E_i‖ of all columns, about the means if the model has an intercept; rounded up, as stores keep single precision.
    var errorNorms: [Double] {
        matrix.columns.map { column in
            let total = column.totalSquaredError
            let mean = intercept ? column.errorSum * column.errorSum / Double(max(1, matrix.rows)) : 0
            return (max(0, total - mean) + 1e-6 * total).squareRoot()
        }
    }
}
