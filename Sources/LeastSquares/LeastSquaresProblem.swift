import Dispatch
import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// A linear least-squares problem on a table and the way it is to be solved: min ‖A·x − b‖₂ for each response b.
public struct LeastSquaresProblem: Sendable {
    /// How the numbers are kept: in full precision or in codes.
    public enum Precision: Sendable {
        /// Double precision throughout.
        case full
        /// Codes of a few bits.
        case quantized(QuantizationOptions)
    }

    /// Full precision or codes.
    public var precision = Precision.quantized(QuantizationOptions())
    /// Whether the model has an intercept.
    public var intercept = true
    /// What is minimised, and under which conditions.
    public var kind = ProblemKind.ordinary
    /// Which of the columns at hand take part.
    public var columns = ModelColumns()
    /// How the system is solved.
    public var method = SolverMethod.automatic
    /// Confidence of the quantization intervals.
    public var confidence = 0.95
    /// How standard errors are computed; sandwiches are for ordinary problems.
    public var standardErrors = StandardErrors.classical
    /// Whether to solve in full precision too and report the true errors.
    public var reference = false
    /// Whether a solution from codes is refined on the original rows to full double precision.
    public var refines = false
    /// How many times the table is quantized again to see how far the solutions scatter (``RedrawSummary``).
    public var redraws = 0
    /// Threads over row blocks. Codes and Gram matrix do not depend on it.
    public var threads = 1
    /// The kernels that run.
    public var kernels = Kernels.best

    /// The defaults: 4 bits, 8-bit response, everything chosen automatically.
    public init() {}

    /// A stage of the work, for progress reports.
    public enum Stage: Sendable { case read, quantize, accumulate, factorize, redraw }

    /// Solves the problem.
    ///
    /// - Parameters:
    ///   - table: the rows.
    ///   - progress: called with the stage and the fraction of it done.
    /// - Throws: `RegressionError`.
    public func solve(
        _ table: RegressionTable, progress: (Stage, Double) -> Void = { _, _ in }
    ) throws(RegressionError) -> Solution {
        // Blocks are too small for OpenBLAS to gain by threads of its own, and one thread keeps results reproducible.
        try BLAS.withThreads(1) { () throws(RegressionError) in try solveOnOneBLASThread(table, progress) }
    }

    /// Solves the problem on codes that were made before. `precision`, `intercept` and `reference` are those of the codes;
    /// refinement needs the original rows and is refused (`unsupported`).
    public func solve(
        _ data: QuantizedRegression, progress: (Stage, Double) -> Void = { _, _ in }
    ) throws(RegressionError) -> Solution {
        var whole = self
        if columns.isWhole(of: data) { whole.columns = ModelColumns() }
        let isReduced = whole.isCompressed(data.description.weighting)
        try checkSupport(.codes, reduced: isReduced)
        return try BLAS.withThreads(1) { () throws(RegressionError) in
            if isReduced { return try CompressedSolve(self, codes: data).solve() }
            let problem =
                data.matrix.chosenFrom == nil
                ? whole.resolved(rows: data.matrix.rows, predictors: data.predictors) : whole
            return whole.explained(
                try QuantizedSolve(problem: problem, data: data).solve(progress: progress).solution)
        }
    }

    private func solveOnOneBLASThread(
        _ table: RegressionTable, _ progress: (Stage, Double) -> Void
    ) throws(RegressionError) -> Solution {
        try checkSupport(.table, reduced: isCompressed(nil))
        guard table.predictors > 0 || intercept else { throw .emptyModel }
        guard table.rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        try table.checkMagnitudes()
        if isCompressed(nil) { return try CompressedSolve.solve(self, table, weighting: nil, progress) }
        let problem = resolved(rows: table.rows, predictors: table.predictors)
        if refines, method == .automatic, isWide(rows: table.rows, predictors: table.predictors) {
            throw .unsupported(
                "Refinement is for solutions with all columns; fewer rows than coefficients have one of least norm instead."
            )
        }
        var solution: Solution
        switch precision {
        case .full:
            solution = try FullPrecisionRegression(problem: problem, table: table).solve().solution
        case .quantized(let options):
            solution = try QuantizedSolve.quantizing(table, options, problem: problem, progress: progress)
            if redraws > 0 {
                solution.redraws = try RedrawCheck(problem: problem, options: options).run(
                    redraws, on: table, around: solution
                ) { progress(.redraw, $0) }
            }
        }
        if reference {
            let references = try ReferenceRegression(problem, table).compare(solution)
            for (b, reference) in references.enumerated() { solution.responses[b].reference = reference }
        }
        return explained(solution)
    }

    /// Whether there are fewer rows than coefficients.
    private func isWide(rows: Int, predictors: Int) -> Bool { rows < predictors + (intercept ? 1 : 0) }

    /// The problem with the method that fewer rows than coefficients decide: the solution of least norm.
    private func resolved(rows: Int, predictors: Int) -> LeastSquaresProblem {
        guard method == .automatic, !refines, standardErrors == .classical, predictors > 0,
            isWide(rows: rows, predictors: predictors)
        else { return self }
        var problem = self
        problem.method = .svd
        return problem
    }

    /// The solution with the rule that decided where that was the number of rows.
    private func explained(_ solution: Solution) -> Solution {
        guard method == .automatic, solution.method == .svd, let choice = solution.choice else { return solution }
        var result = solution
        result.choice = SolverChoice(rule: .denseWide, candidates: choice.candidates)
        return result
    }

    /// Whether the problem is solved on a compressed regression.
    private func isCompressed(_ weighting: Weighting?) -> Bool {
        kind != .ordinary || columns != ModelColumns() || weighting != nil
    }
}

/// Measures the time of stages.
struct Stopwatch {
    private var last = DispatchTime.now().uptimeNanoseconds

    /// Seconds since the last call.
    mutating func lap() -> Double {
        let now = DispatchTime.now().uptimeNanoseconds
        defer { last = now }
        return Double(now - last) * 1e-9
    }
}
