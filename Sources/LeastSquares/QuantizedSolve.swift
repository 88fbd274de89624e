import Factorizations
import Matrices
import QuantizedMatrices

/// The regression on codes: accumulate, solve, account for the error.
struct QuantizedSolve {
    let problem: LeastSquaresProblem
    let data: QuantizedRegression

    /// Quantizes a table and solves. Where bits do not suffice to tell a column from a combination of others, a
    /// coefficient of 0 in the basis of a transform is none of the table's: then the column is left out and the rest
    /// quantized again.
    static func quantizing(
        _ table: RegressionTable, _ options: QuantizationOptions, problem: LeastSquaresProblem,
        progress: (LeastSquaresProblem.Stage, Double) -> Void
    ) throws(RegressionError) -> Solution {
        var watch = Stopwatch(), seconds = 0.0
        let total = Double(2 * max(1, table.rows))
        var quantizer = TableQuantizer(
            table: table, options: options, intercept: problem.intercept, kernels: problem.kernels,
            threads: problem.threads)
        while true {
            let data = try quantizer.quantize { progress(.quantize, Double($0) / total) }
            seconds += watch.lap()
            if problem.method == .svd, !data.description.dependent.isEmpty, !quantizer.keepsDependent {
                // The solution of least norm is over all columns; a transform needs independent ones.
                quantizer.keepsDependent = true
                quantizer.options.transform = .none
                continue
            }
            let solve = QuantizedSolve(problem: problem, data: data)
            var (solution, lost) = try solve.solve(original: table, progress: progress)
            _ = watch.lap()
            if !lost.isEmpty, !data.matrix.transform.isIdentity {
                quantizer.excluded.formUnion(lost.map { data.description.places[$0] })
                continue
            }
            solution.seconds.quantize = seconds
            solution.seconds.total += seconds
            return solution
        }
    }

    /// The solution, and the predictors of the matrix that were left out for lack of bits; `original` has the rows that
    /// the codes stand for, where they can be read again.
    func solve(
        original: RegressionTable? = nil, progress: (LeastSquaresProblem.Stage, Double) -> Void
    ) throws(RegressionError) -> (solution: Solution, lost: [Int]) {
        var watch = Stopwatch(), times = StageTimes()
        progress(.accumulate, 0)
        let equations = try NormalEquations(data, threads: problem.threads, kernels: problem.kernels)
        times.accumulate = watch.lap()
        try RegressionError.checkCancellation()
        let (candidate, choice) = try QuantizedSystem(data: data, equations: equations, problem: problem).best()
        try RegressionError.checkCancellation()
        let lost = Set(0..<data.predictors).subtracting(candidate.system.kept).sorted()
        let isDetermined = data.isDetermined(equations, candidate.system)
        let isFull =
            lost.isEmpty && data.description.isComplete && candidate.system.deficiency == 0 && isDetermined
        let refined = try isFull ? refinement(of: candidate.system, on: original) : nil
        let (responses, condition) = fits(candidate, equations: equations, isFull: isFull, refined: refined)
        times.factorize = watch.lap()
        times.total = times.accumulate + times.factorize
        var solution = describe(
            candidate.system, responses: responses, condition: condition, lost: lost, times: times)
        if !isDetermined { solution.warnings.append(SolutionWarnings.undetermined) }
        solution.choice = choice
        solution.chosenFrom = data.matrix.chosenFrom
        solution.standardErrors = problem.standardErrors
        if let refined { solution.refinement = summary(refined, of: candidate.system) }
        if problem.refines, refined == nil {
            solution.warnings.append("Not refined: the codes do not determine all columns.")
        }
        return (solution, lost)
    }

    /// Whether codes were solved as they are because what is left of their moments without their errors is not positive
    /// definite: then nothing calibrated can be said of the error.
    private func isIndefinite(_ system: SolvedSystem) -> Bool {
        system.correction == .none && system.better == nil && system.deficiency == 0 && data.matrix.share == 1
            && !system.kept.allSatisfy { data.matrix.columns[$0].isExact }
    }

    /// W of the transform over all columns; nil for the identity.
    private var basis: DenseMatrix? {
        data.matrix.transform.isIdentity ? nil : data.matrix.transform.matrix()
    }

    /// Refinement on the original rows, if the problem asks for it and there are any.
    private func refinement(
        of system: SolvedSystem, on table: RegressionTable?
    ) throws(RegressionError) -> OriginalRefinement.Result? {
        guard problem.refines, let table else { return nil }
        let n = data.predictors, w = basis
        let square = w?.submatrix(rows: 0..<n, columns: 0..<n)
        let start = system.coefficients.indices.map { b in
            var x = square.map { BLAS.multiply($0, system.coefficients[b]) } ?? system.coefficients[b]
            for j in 0..<n { x[j] -= w?[j, n + b] ?? 0 }
            return x
        }
        return try OriginalRefinement(table: table, data: data, system: system, basis: square).refined(from: start)
    }

    private func summary(_ refined: OriginalRefinement.Result, of system: SolvedSystem) -> RefinementSummary {
        let p = Double(max(1, system.rank + (data.intercept ? 1 : 0))), freedom = Double(data.matrix.rows) - p
        let ratios = zip(refined.remaining, refined.residualSquares).map { left, square in
            freedom > 0 && square > 0 ? left / (square / freedom * p).squareRoot() : nil
        }
        let known = ratios.compactMap(\.self)
        return RefinementSummary(passes: refined.passes, errorRatio: known.count == ratios.count ? known.max() : nil)
    }

    private func fits(
        _ candidate: QuantizedSystem.Candidate, equations: NormalEquations, isFull: Bool,
        refined: OriginalRefinement.Result?
    ) -> (responses: [ResponseSolution], condition: Double) {
        var system = candidate.system
        let sandwiches = sandwiches(candidate.system, equations: equations)
        let n = data.predictors, matrix = data.matrix, w = basis
        // Without a column that only the noise of the codes hid, another model was fitted: nothing is predicted of the
        // distance to the full one.
        let bound =
            isFull && refined == nil && matrix.share == 1
            ? WorstCaseBound(data, equations, kept: system.kept) : nil
        if let refined {
            // The refined coefficients are the table's own: all offset, nothing in the basis of the transform.
            system.coefficients = system.coefficients.map { [Double](repeating: 0, count: $0.count) }
            system.residualSquares = refined.residualSquares
            system.roundingErrors = refined.remaining
        }
        var assembly = SolutionAssembly(
            predictorNames: data.description.predictorNames, places: data.description.places,
            means: (0..<n).map { data.intercept ? data.moments[$0].mean : 0 }, intercept: data.intercept,
            norms: (0..<n).map { data.moments[$0].totalSquares(intercept: data.intercept).squareRoot() },
            rows: matrix.rows, confidence: problem.confidence, system: system,
            basis: w?.submatrix(rows: 0..<n, columns: 0..<n))
        assembly.isIndefinite = isIndefinite(candidate.system)
        assembly.hasErrors = refined == nil && !matrix.columns.allSatisfy(\.isExact)
        let backward = BackwardError(data: data, equations: equations, system: candidate.system)
        let responses = data.responses.indices.map { b in
            let moments = data.moments[n + b]
            var fit = assembly.assemble(
                SolutionAssembly.Response(
                    name: data.responses[b], index: b, mean: data.intercept ? moments.mean : 0,
                    totalSquares: moments.totalSquares(intercept: data.intercept),
                    offset: refined?.coefficients[b] ?? (0..<n).map { j in w.map { -$0[j, n + b] } ?? 0 },
                    propagation: refined == nil
                        ? (isFull && !isIndefinite(candidate.system) ? candidate.propagation[b] : nil)
                        : .none(columns: system.kept.count),
                    worstCaseNorm: bound?.norm(candidate.system, response: b),
                    sandwich: sandwiches?[b]))
            if refined == nil { fit.backwardErrorRatio = backward.ratio(response: b) }
            return fit
        }
        return (responses, assembly.conditionNumber)
    }

    private func describe(
        _ system: SolvedSystem, responses: [ResponseSolution], condition: Double, lost: [Int],
        times: StageTimes
    ) -> Solution {
        let matrix = data.matrix
        var dropped = data.description.dependent.map { DroppedColumn(name: $0.name, reason: $0.reason) }
        // In the basis of a transform a coefficient of 0 is none of the table's.
        for j in lost where basis == nil {
            dropped.append(
                DroppedColumn(
                    name: matrix.columns[j].name,
                    reason: "at \(data.bits) bits it cannot be told from a combination of the columns before it"))
        }
        var warnings = SolutionWarnings()
        warnings.dropped(dropped)
        warnings.missing(data.description.droppedRows)
        if basis != nil, !lost.isEmpty {
            warnings.add(
                "\(matrix.rows) rows at \(data.bits) bits do not tell "
                    + "\(lost.map { matrix.columns[$0].name }.joined(separator: ", ")) from combinations of the columns "
                    + "before: what distinguishes them counts as 0, and the coefficients are those of the combinations."
            )
        }
        if !lost.isEmpty || !data.description.isComplete, system.deficiency == 0 {
            warnings.add(
                "With columns left out for lack of bits the fit is another one: no error is predicted against the full "
                    + "one.")
        }
        if lost.isEmpty, isIndefinite(system) { warnings.indefinite() }
        warnings.leastNorm(system)
        warnings.iteration(system.iteration, method: system.method)
        warnings.noFreedom(responses, freedom: Double(matrix.rows - system.rank - (data.intercept ? 1 : 0)))
        warnings.largeError(responses)
        if let note = SolutionWarnings.chosenRows(matrix) { warnings.add(note) }
        if !problem.refines, matrix.share == 1 { warnings.unbounded(responses) }
        if !isIndefinite(system) { warnings.degenerate(responses) }
        warnings.roundingDigits(system: system)
        return Solution(
            observations: matrix.rows, predictors: data.description.predictorNames.count,
            rank: system.rank + (data.intercept ? 1 : 0), intercept: data.intercept, droppedColumns: dropped,
            method: system.method, quantizer: Quantizer(rawValue: data.description.quantizer),
            transform: matrix.transform.isIdentity ? TransformChoice.none : .decorrelate,
            biasCorrection: system.correction, bits: data.bits, responseBits: data.responseBits,
            bytes: matrix.codeBytes + matrix.sideBytes,
            fullPrecisionBytes: 8 * matrix.rows * (data.description.predictorNames.count + responses.count),
            responses: responses, conditionNumber: condition, warnings: warnings.list, seconds: times,
            iteration: system.iteration)
    }
}

extension Quantizer {
    /// What `auto` stands for.
    var resolved: Quantizer { self == .automatic ? .balanced : self }
}
