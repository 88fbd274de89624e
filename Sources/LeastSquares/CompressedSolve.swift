import Factorizations
import Matrices
import QuantizedMatrices

/// Solves problems of every kind on a compressed regression and accounts for the errors.
struct CompressedSolve {
    let problem: LeastSquaresProblem
    let compressed: CompressedRegression
    /// The rows, where they can be read again.
    let rows: (CompressedRegression.Variant) throws(RegressionError) -> RowPass?
    private var seconds = StageTimes()

    /// On a compressed regression alone.
    init(_ problem: LeastSquaresProblem, _ compressed: CompressedRegression) {
        self.problem = problem
        self.compressed = compressed
        rows = { (_) throws(RegressionError) in nil }
    }

    /// In full precision.
    init(_ problem: LeastSquaresProblem, table: RegressionTable, weighting: Weighting?) throws(RegressionError) {
        var watch = Stopwatch()
        self.problem = problem
        let compressed = try CompressedRegression(table, intercept: problem.intercept, weighting: weighting)
        self.compressed = compressed
        rows = { (_) throws(RegressionError) in try RowPass.rows(of: table, as: compressed) }
        seconds.accumulate = watch.lap()
    }

    /// On codes.
    init(_ problem: LeastSquaresProblem, codes data: QuantizedRegression) throws(RegressionError) {
        var watch = Stopwatch()
        self.problem = problem
        let kernels = problem.kernels
        let compressed = try CompressedRegression(data, threads: problem.threads, kernels: kernels)
        self.compressed = compressed
        rows = { (variant) throws(RegressionError) in
            try RowPass.rows(of: data, as: compressed, variant: variant, kernels: kernels)
        }
        seconds.accumulate = watch.lap()
    }

    /// Solves on a table, quantizing it first if the problem says so.
    static func solve(
        _ problem: LeastSquaresProblem, _ table: RegressionTable, weighting: Weighting?,
        _ progress: (LeastSquaresProblem.Stage, Double) -> Void
    ) throws(RegressionError) -> Solution {
        guard case .quantized(let options) = problem.precision else {
            return try CompressedSolve(problem, table: table, weighting: weighting).solve()
        }
        var watch = Stopwatch()
        let data = try QuantizedRegression(
            quantizing: table, options: options, intercept: problem.intercept, weighting: weighting,
            keepsDependent: problem.kind != .ordinary, threads: problem.threads, kernels: problem.kernels
        ) { progress(.quantize, $0) }
        let quantizing = watch.lap()
        var solution = try CompressedSolve(problem, codes: data).solve()
        solution.seconds.quantize = quantizing
        solution.seconds.total += quantizing
        guard problem.reference else { return solution }
        for b in solution.responses.indices {
            var twin = problem
            twin.columns.responses = [solution.responses[b].name]
            // A penalty chosen on codes is compared with the same penalty on the numbers.
            if case .ridge(let ridge) = solution.responses[b].account {
                twin.kind = .ridge(RidgePenalty([ridge.penalty]))
            }
            let exact = try CompressedSolve(twin, table: table, weighting: weighting)
            solution.responses[b].reference = exact.compare(solution.responses[b], with: try exact.solve())
        }
        return solution
    }

    // MARK: Columns

    /// The model: names asked for, and of those at hand their places in it and in the compressed regression.
    struct Model {
        let names: [String]
        let places: [Int]
        let columns: [Int]
    }

    private func responseNames() -> [String] {
        problem.columns.responses ?? Array(compressed.names[compressed.predictors...])
    }

    func model() throws(RegressionError) -> Model {
        let choice = problem.columns, responses = responseNames()
        let left = Set(compressed.origin.left.map(\.name))
        let atHand = compressed.names + left.sorted()
        for name in choice.excluded.sorted() + (choice.predictors ?? []) where !atHand.contains(name) {
            throw .unknownColumn(name, available: atHand)
        }
        for name in choice.predictors ?? [] where responses.contains(name) || choice.excluded.contains(name) {
            throw .invalidProblem(
                "\(name) is a predictor and also \(responses.contains(name) ? "a response" : "excluded").")
        }
        guard Set(responses).count == responses.count,
            Set(choice.predictors ?? []).count == choice.predictors?.count ?? 0
        else { throw .invalidProblem("A column is named twice.") }
        let names = (choice.predictors ?? compressed.origin.predictorNames)
            .filter { !responses.contains($0) && !choice.excluded.contains($0) }
        guard !names.isEmpty || compressed.intercept else { throw .emptyModel }
        let pairs = names.enumerated().compactMap { place, name in
            compressed.names.firstIndex(of: name).map { (place, $0) }
        }
        return Model(names: names, places: pairs.map(\.0), columns: pairs.map(\.1))
    }

    // MARK: Solving

    /// A response's fit with the errors that are predicted for it.
    struct Candidate {
        let fit: CompressedFit
        let propagation: ErrorPropagation.Result?
        let predictedSquare: Double
        /// The most that ‖A(x̂ − x)‖ can be; nil where nothing finite is known.
        var worstCaseNorm: Double?
    }

    func solve() throws(RegressionError) -> Solution {
        var watch = Stopwatch(), times = seconds
        let model = try model(), names = responseNames()
        guard compressed.rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        let responses = try names.map { (name) throws(RegressionError) in try compressed.place(of: name) }
        var candidates: [[Candidate]] = []
        for variant in compressed.variants {
            candidates.append(
                try responses.map { (b) throws(RegressionError) in
                    try candidate(
                        CompressedProblem(
                            compressed: compressed, variant: variant, columns: model.columns, response: b),
                        isFinal: false)
                })
        }
        measureUncorrected(&candidates)
        let costs = candidates.map { fits in
            zip(fits, responses).reduce(0) { $0 + $1.0.predictedSquare / max(compressed.totalSquares[$1.1], 1e-300) }
        }
        let best = best(of: candidates, costs)
        let variant = compressed.variants[best]
        let chosen = try zip(responses, candidates[best]).map { (b, first) throws(RegressionError) in
            let part = CompressedProblem(
                compressed: compressed, variant: variant, columns: model.columns, response: b)
            var final = needsRows ? try self.candidate(part, isFinal: true) : first
            final.worstCaseNorm = part.worstCaseNorm(final.fit)
            return final
        }
        let fits = zip(responses, chosen).map { assemble($1, response: $0, model: model) }
        times.factorize = watch.lap()
        times.total = times.accumulate + times.factorize
        var solution = describe(fits, chosen.map(\.fit), model: model, times: times)
        solution.choice = choice(costs, chosen: best, method: solution.method)
        return solution
    }

    /// Whether the choice of a penalty takes a pass over the rows.
    private var needsRows: Bool {
        if case .ridge(let penalty) = problem.kind {
            return penalty.penalties.count != 1 && penalty.criterion == .leaveOneOut
        }
        return false
    }

    private func candidate(_ part: CompressedProblem, isFinal: Bool) throws(RegressionError) -> Candidate {
        let fit: CompressedFit
        switch problem.kind {
        case .ordinary: fit = try part.ordinary()
        case .constrained(let constraints): fit = try part.constrained(constraints)
        case .bounded(let bounds): fit = try part.bounded(bounds)
        case .ridge(let penalty): fit = try ridge(part, penalty, isFinal: isFinal)
        }
        guard let noise = part.variant.noise else { return Candidate(fit: fit, propagation: nil, predictedSquare: 0) }
        let system = fit.system
        let result = noise.propagate(
            part.residualCombination(system.coefficients[0]), over: system.kept.map { part.columns[$0] }
        ).expecting(system)
        return Candidate(fit: fit, propagation: result, predictedSquare: result.expectedSquare)
    }

    /// The fit at the penalty that the criterion chooses; before the final one the cheaper criterion will do.
    private func ridge(
        _ part: CompressedProblem, _ penalty: RidgePenalty, isFinal: Bool
    ) throws(RegressionError) -> CompressedFit {
        let ridge = try RidgePath(part, penalty)
        var path = ridge.path()
        var value: (RidgeAccount.Point) -> Double = { $0.generalizedCrossValidation ?? .infinity }
        if isFinal, needsRows {
            guard let rows = try rows(part.variant) else {
                throw .invalidProblem("Leave-one-out errors need the rows; choose generalized cross-validation.")
            }
            try ridge.addLeaveOneOut(to: &path, rows: rows)
            value = { $0.leaveOneOut ?? .infinity }
        }
        let best = path.indices.min { value(path[$0]) < value(path[$1]) }!
        let account = RidgeAccount(
            penalty: path[best].penalty, criterion: path.count > 1 ? penalty.criterion : nil,
            effectiveDegreesOfFreedom: path[best].effectiveDegreesOfFreedom, path: path)
        return try ridge.fit(path[best].penalty, account: account)
    }
}
