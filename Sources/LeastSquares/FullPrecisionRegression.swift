import Matrices
import QuantizedMatrices

/// The regression on the numbers themselves: the baseline, and the reference that quantized solutions are held against.
struct FullPrecisionRegression {
    let problem: LeastSquaresProblem
    let table: RegressionTable

    /// A full-precision solution with what measuring distances from it needs.
    struct Result {
        let solution: Solution
        /// Of the table's predictors; for ‖A·δ‖.
        let rows: QRSolver?
        let means: [Double]
    }

    func solve() throws(RegressionError) -> Result {
        var watch = Stopwatch(), times = StageTimes()
        let columns = Array(table.names.indices), n = table.predictors
        let usesQR = problem.method != .normal
        var qr: QRSolver?, system: SolvedSystem
        if usesQR {
            let solver = try QRSolver(
                fullPrecision: table, columns: columns, predictors: n, intercept: problem.intercept)
            times.accumulate = watch.lap()
            system =
                try problem.method == .svd
                ? solver.leastNormSolution()
                : solver.solve(pivoting: problem.method == .pivotedQR)
            system =
                try problem.method.isIterative
                ? iterated(system, triangle: solver.centeredFactor())
                : Refinement(table: table, intercept: problem.intercept).refined(system)
            qr = solver
        } else {
            let equations = try NormalEquations(
                fullPrecision: table, columns: columns, predictors: n, intercept: problem.intercept)
            times.accumulate = watch.lap()
            system = try NormalEquationsSolver(equations: equations, pivotNoise: .fullPrecision).solve(.none)
        }
        let means = (0..<n).map { problem.intercept ? table.moments[$0].mean : 0 }
        let responses = assemble(system, means: means, sandwiches: try sandwiches(system))
        times.factorize = watch.lap()
        times.total = times.accumulate + times.factorize
        var solution = describe(system, responses: responses, dropped: try dropped(system, qr), times: times)
        solution.standardErrors = problem.standardErrors
        return Result(solution: solution, rows: qr, means: means)
    }

    private func assemble(
        _ system: SolvedSystem, means: [Double], sandwiches: [DenseMatrix]?
    ) -> [ResponseSolution] {
        let n = table.predictors
        let assembly = SolutionAssembly(
            predictorNames: Array(table.names[0..<n]), places: Array(0..<n), means: means,
            intercept: problem.intercept,
            norms: (0..<n).map { table.moments[$0].totalSquares(intercept: problem.intercept).squareRoot() },
            rows: table.rows, confidence: problem.confidence, system: system, basis: nil)
        return (0..<table.responses).map { b in
            let moments = table.moments[n + b]
            return assembly.assemble(
                SolutionAssembly.Response(
                    name: table.names[n + b], index: b, mean: problem.intercept ? moments.mean : 0,
                    totalSquares: moments.totalSquares(intercept: problem.intercept),
                    offset: [Double](repeating: 0, count: n), propagation: nil, worstCaseNorm: nil,
                    sandwich: sandwiches?[b]))
        }
    }

    /// The columns left out, and of which others they are combinations, as far as there is a triangle to tell.
    private func dropped(_ system: SolvedSystem, _ qr: QRSolver?) throws(RegressionError) -> [DroppedColumn] {
        let kept = Set(system.kept)
        return try (0..<table.predictors).filter { !kept.contains($0) }.map { (j) throws(RegressionError) in
            let others = system.kept.filter { system.method == .pivotedQR || $0 < j }
            guard let terms = try qr?.dependency(of: j, on: others) else {
                return DroppedColumn(name: table.names[j], reason: DroppedColumn.combinationOfEarlierColumns)
            }
            return DroppedColumn(
                name: table.names[j],
                reason: DroppedColumn.combination(zip(terms, others).map { ($0, table.names[$1]) }))
        }
    }

    private func describe(
        _ system: SolvedSystem, responses: [ResponseSolution], dropped: [DroppedColumn], times: StageTimes
    ) -> Solution {
        let n = table.predictors
        var warnings = SolutionWarnings()
        warnings.dropped(dropped)
        warnings.missing(table.droppedRows)
        warnings.leastNorm(system)
        warnings.iteration(system.iteration, method: system.method)
        warnings.noFreedom(responses, freedom: 0)
        warnings.degenerate(responses)
        warnings.roundingDigits(system: system)
        return Solution(
            observations: table.rows, predictors: n, rank: system.rank + (problem.intercept ? 1 : 0),
            intercept: problem.intercept, droppedColumns: dropped, method: system.method, quantizer: nil,
            transform: nil, biasCorrection: nil, bits: nil, responseBits: nil,
            bytes: 8 * table.rows * table.names.count, fullPrecisionBytes: 8 * table.rows * table.names.count,
            responses: responses, conditionNumber: system.conditionNumber, warnings: warnings.list, seconds: times,
            iteration: system.iteration,
            choice: SolverChoice(
                rule: problem.method == .automatic ? .denseFull : .asked,
                candidates: [
                    SolverChoice.Candidate(
                        method: system.method, correction: nil, predictedErrorRatio: nil, isChosen: true,
                        remark: problem.method == .automatic ? "the rule" : "asked for")
                ]))
    }
}

extension FullPrecisionRegression.Result {
    /// How far another fit of the same table is from this one.
    func compare(_ fit: ResponseSolution, index b: Int) -> ReferenceComparison {
        let exact = solution.responses[b]
        let offset = solution.intercept ? 1 : 0
        let delta = zip(fit.coefficients, exact.coefficients).map { $0.estimate - $1.estimate }
        let slopes = Array(delta[offset...])
        var square = 0.0
        if offset == 1 {
            let atMean = delta[0] + means.dot(slopes)
            square += Double(solution.observations) * atMean * atMean
        }
        if let norm = rows?.designNorm(slopes) { square += norm * norm }
        let p = Double(max(1, solution.rank))
        let s = exact.residualStandardDeviation ?? 0
        var sum = 0.0, count = 0
        for (d, coefficient) in zip(delta, exact.coefficients) {
            guard let se = coefficient.standardError, se > 0 else { continue }
            sum += (d / se) * (d / se)
            count += 1
        }
        return ReferenceComparison(
            coefficients: exact.coefficients, errorRatio: s > 0 ? (square / p).squareRoot() / s : nil,
            coefficientErrorInStandardErrors: count > 0 ? (sum / Double(count)).squareRoot() : nil)
    }
}

extension ColumnMoments {
    /// Σ(x − x̄)² with an intercept, Σx² without.
    func totalSquares(intercept: Bool) -> Double {
        intercept ? sumOfSquaredDeviations : sumOfSquaredDeviations + Double(count) * mean * mean
    }

    /// The standard deviation (about 0 without intercept), 1 where that is 0.
    func scale(intercept: Bool) -> Double {
        let value = intercept ? standardDeviation : rootMeanSquare
        return value > 0 ? value : 1
    }
}
