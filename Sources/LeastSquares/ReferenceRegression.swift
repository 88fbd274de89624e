/// The full-precision solution of a table's regression, kept ready to measure other solutions of it against.
///
/// Solved by QR of the rows with refinement. One solution serves any number of comparisons.
public struct ReferenceRegression {
    /// The full-precision solution.
    public let solution: Solution

    private let result: FullPrecisionRegression.Result

    /// Solves a table in full precision; of the problem the intercept and the confidence are used, and
    /// whether it asks for the solution of least norm.
    ///
    /// - Throws: `RegressionError`.
    public init(_ problem: LeastSquaresProblem, _ table: RegressionTable) throws(RegressionError) {
        guard table.predictors > 0 || problem.intercept else { throw .emptyModel }
        guard table.rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        try table.checkMagnitudes()
        var problem = problem
        problem.precision = .full
        problem.method = problem.method == .svd ? .svd : .qr
        result = try FullPrecisionRegression(problem: problem, table: table).solve()
        solution = result.solution
    }

    /// How far each response's fit is from the full-precision one: q = ‖A(x̂ − x)‖/(s√p) and the coefficients in
    /// standard errors. Cost: n² a response.
    public func compare(_ other: Solution) -> [ReferenceComparison] {
        other.responses.indices.map { result.compare(other.responses[$0], index: $0) }
    }
}
