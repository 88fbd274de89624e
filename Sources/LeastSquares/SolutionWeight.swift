import Factorizations
import Matrices
import Quantizers

/// How much a squared error of entry (i, j) of a design matrix matters to the least-squares solution:
///
///     w_ij = ‖r_i·G^{−1/2}ε_j − x_j·G^{−1/2}a_i‖² = r_i²(G⁻¹)_jj − 2r_i·x_j(G⁻¹a_i)_j + x_j²·a_iᵀG⁻¹a_i
///
/// with G = AᵀA, r = b − Ax, a_i row i and ε_j the j-th unit vector: the first-order change of the fit, ‖A(x̂ − x)‖², for a
/// unit error of that entry. Its conditional mean given the entry, w_j(a) = E[w_ij | a_ij = a], takes the place of the
/// conditional second moment in the optimal point density, λ_j ∝ (f_j·w_j)^{1/3}.
public struct SolutionWeight: Sendable {
    private let design: DenseMatrix
    private let residuals: [Double]
    private let coefficients: [Double]
    private let inverse: DenseMatrix
    /// A·G⁻¹, row by row.
    private let solved: DenseMatrix

    /// From a sample of rows, A (m × n, centred if the model has an intercept) and b, solved here by QR.
    ///
    /// Throws `factorization` for dependent columns. Cost: 4·m·n² flops.
    public init(design: DenseMatrix, response: [Double]) throws(RegressionError) {
        let (inverse, x) = try RegressionError.factorizing { () throws(FactorizationError) in
            let qr = try QRFactorization(design)
            let n = design.columns
            let triangle = qr.r.submatrix(rows: 0..<min(n, qr.r.rows), columns: 0..<n)
            let half = try TriangularMatrix.inverse(triangle, .upper)
            return (BLAS.multiply(half, transposed: false, half, transposed: true), try qr.leastSquares(response))
        }
        self.design = design
        self.inverse = inverse
        coefficients = x
        let fitted = BLAS.multiply(design, x)
        residuals = zip(response, fitted).map { $0 - $1 }
        solved = BLAS.multiply(design, inverse)
    }

    /// w_ij for all rows of column j. Cost: m·n.
    public func values(column j: Int) -> [Double] {
        let x = coefficients[j]
        return residuals.indices.map { i in
            let r = residuals[i]
            var leverage = 0.0
            for k in 0..<design.columns { leverage += design[i, k] * solved[i, k] }
            return max(0, r * r * inverse[j, j] - 2 * r * x * solved[i, j] + x * x * leverage)
        }
    }

    /// The estimate of w_j(a), smoothed over runs of neighbouring values. Throws `noValues` for an empty sample.
    public func conditionalMean(column j: Int) throws(QuantizerError) -> ConditionalSecondMoment {
        try ConditionalSecondMoment(of: values(column: j).map { $0.squareRoot() }, given: design.column(j))
    }

    /// The solution-optimal codebook of a column for nearest rounding: the global optimum of Σ w_j(a)(a − â)² on the
    /// sample. Throws `levelCount` or `noValues`.
    public func codebook(column j: Int, count: Int) throws(QuantizerError) -> Codebook {
        let mean = try conditionalMean(column: j)
        let values = design.column(j)
        return try .optimal(values: values, weights: values.map { mean.value($0) }, count: count)
    }
}
