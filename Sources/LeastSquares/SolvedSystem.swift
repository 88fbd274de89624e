import Matrices

/// The solution of one least-squares system in the basis it was posed in, with what its error analysis needs.
struct SolvedSystem: Sendable {
    /// Columns that take part, ascending; the others have coefficient 0.
    let kept: [Int]
    /// Coefficients per response, one per column.
    let coefficients: [[Double]]
    /// (AᵀA)⁻¹ over the kept columns; in general the covariance of z in units of the residual variance.
    let inverse: DenseMatrix
    /// Per response: Σ of squared residuals.
    let residualSquares: [Double]
    /// 2-norm condition number of the kept columns, each scaled to norm 1.
    let conditionNumber: Double
    /// Smallest singular value of the same.
    let smallestSingularValue: Double
    /// Per response: the rounding error to expect of A·x, as a 2-norm.
    let roundingErrors: [Double]
    /// "normal" or "qr".
    let method: SolverMethod
    let correction: BiasCorrection
    /// ∂z/∂c over the kept columns where it is not `inverse`: what an error of the normal equations does to z.
    var sensitivity: DenseMatrix?
    /// What the fit uses of the degrees of freedom, without the intercept, where it is not the number of kept columns.
    var effectiveParameters: Double?
}

/// How the system is solved.
public enum SolverMethod: String, Sendable, CaseIterable {
    /// Normal equations where they are safe, QR where they are not.
    case automatic = "auto"
    /// Cholesky factorization of the column-scaled normal equations.
    case normal
    /// Householder QR of the rows, block by block.
    case qr
}
