import Matrices

/// The solution of one least-squares system in the basis it was posed in, with what its error analysis needs.
struct SolvedSystem: Sendable {
    /// Columns that take part, ascending; the others have coefficient 0.
    let kept: [Int]
    /// Coefficients per response, one per column.
    var coefficients: [[Double]]
    /// (AᵀA)⁻¹ over the kept columns; in general the covariance of z in units of the residual variance.
    let inverse: DenseMatrix
    /// Per response: Σ of squared residuals.
    var residualSquares: [Double]
    /// 2-norm condition number of the kept columns, each scaled to norm 1.
    let conditionNumber: Double
    /// Smallest singular value of the same.
    let smallestSingularValue: Double
    /// Per response: the rounding error to expect of A·x, as a 2-norm.
    var roundingErrors: [Double]
    /// What solved it.
    var method: SolverMethod
    let correction: BiasCorrection
    /// ∂z/∂c over the kept columns where it is not `inverse`: what an error of the normal equations does to z.
    var sensitivity: DenseMatrix?
    /// What is known better of AᵀA than the matrix that was solved with.
    var better: BetterGram?
    /// What the fit uses of the degrees of freedom, without the intercept, where it is not the number of kept columns.
    var effectiveParameters: Double?
    /// How many columns the rank lacks of those that take part (solutions of least norm).
    var deficiency = 0
    /// How the iteration ended, of an iterative method.
    var iteration: IterationSummary?

    /// G, the best that is known of AᵀA over the kept columns, where the system was solved with another matrix M.
    struct BetterGram: Sendable {
        /// G⁻¹: the covariance of z in units of the residual variance; and what turns the error of the normal equations at
        /// the solution ẑ into the error of ẑ, for G(ẑ − z) = (M − G)(−ẑ) + Δc.
        let inverse: DenseMatrix
        /// M⁻¹GM⁻¹: turns an error of the normal equations at the true z into the square of the error of the fit.
        let metric: DenseMatrix
        /// M − G.
        let change: DenseMatrix
    }

    /// v with r̂ = Â·v over all columns, predictors then responses: minus the coefficients, and 1 for the response.
    func residualCombination(response b: Int) -> [Double] {
        var v = coefficients[b].map { -$0 } + [Double](repeating: 0, count: coefficients.count)
        v[coefficients[b].count + b] = 1
        return v
    }

    /// The rank of the columns that take part.
    var rank: Int { kept.count - deficiency }
}
