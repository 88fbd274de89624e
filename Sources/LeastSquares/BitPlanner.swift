import QuantizedMatrices

/// Finds bits per column that reach a goal, from a sample of a table; then makes the codes, and plans again where these
/// miss the goal.
///
/// The sample (some thousand rows) is quantized with 1 to 8 bits, which tells the relative distortion δ_j(b) of every
/// column. The square of the error ratio grows like Σ_j(δ_j + δ_y) over predictors j, y the response, so bits are given one
/// after the other where they take most from that sum: reverse water-filling. That makes a sequence of plans of one bit
/// per row more each. The sample, quantized and solved with a plan, predicts its error up to a factor that is the same for
/// all plans; it is √(rows sampled/m) at first (what balancing leaves does not grow with the rows) and that of the codes
/// made last afterwards.
///
/// Cost: about 20 regressions on the sample, and 1 to 7 builds.
public struct BitPlanner {
    let table: RegressionTable
    let options: QuantizationOptions
    let problem: LeastSquaresProblem
    private let sample: RegressionTable
    private static let mostBuilds = 6

    /// A planner for a table; `problem` says whether there is an intercept, and with which threads and kernels; of its
    /// quantization options all but the bits are used.
    ///
    /// - Throws: `RegressionError` for a table without rows or predictors.
    public init(_ table: RegressionTable, problem: LeastSquaresProblem) throws(RegressionError) {
        guard table.predictors > 0 else { throw .emptyModel }
        guard table.rows > table.predictors + 1 else {
            throw .tooFewRows(rows: table.rows, needed: table.predictors + 2)
        }
        self.table = table
        var options = QuantizationOptions()
        if case .quantized(let given) = problem.precision { options = given }
        self.options = options
        self.problem = problem
        sample = try table.sampleTable(seed: options.seed)
    }

    /// A plan and the codes made by it.
    ///
    /// - Parameter progress: called with what is being done.
    /// - Throws: `RegressionError`.
    public func plan(
        for goal: PlanGoal, progress: (String) -> Void = { _ in }
    ) throws(RegressionError) -> PlannedRegression {
        progress("sampling")
        let curves = try distortions()
        let plans = PlanSequence(curves: curves, responses: table.responses)
        if case .bytes(let bytes) = goal { return try largest(of: plans, bytes: bytes, progress) }
        var known: [Int: Double] = [:]
        var factor = (Double(sample.rows) / Double(table.rows)).squareRoot()
        var best: PlannedRegression?, builds = 0
        // Plans up to `low` have missed the goal, those from `high` on meet it.
        var low = -1, high = plans.count
        while builds < Self.mostBuilds, high - low > 1 {
            var place = try plans.first { (i) throws(RegressionError) in
                if known[i] == nil { known[i] = try value(plans[i], goal) }
                return factor * known[i]! <= goal.target
            }
            if place <= low || place >= high { place = (low + high) / 2 }
            progress("building")
            let made = try build(plans[place], goal)
            builds += 1
            let reached = goal.value(of: made.solution)
            if let sampled = known[place], sampled > 0, sampled.isFinite, reached.isFinite {
                factor = reached / sampled
            }
            if made.isMet { high = place } else { low = place }
            if best == nil || isBetter(made, best!, goal) { best = made }
            if made.isMet, reached > 0.8 * goal.target { break }
        }
        let uniform = try cheapestUniform(curves, goal, factor: factor)
        if let uniform, let found = best, !found.isMet || uniform.bitsPerRow < found.plan.bitsPerRow {
            let made = try build(uniform, goal)
            builds += 1
            if isBetter(made, found, goal) { best = made }
        }
        guard var best else { throw .emptyModel }
        (best.builds, best.uniform) = (builds, uniform)
        return best
    }

    /// One that meets the goal before one that doesn't, then the fewer bits, or the nearer to the goal.
    private func isBetter(_ a: PlannedRegression, _ b: PlannedRegression, _ goal: PlanGoal) -> Bool {
        if a.isMet != b.isMet { return a.isMet }
        return a.isMet ? a.plan.bitsPerRow < b.plan.bitsPerRow : goal.value(of: a.solution) < goal.value(of: b.solution)
    }

    // MARK: The sample

    /// Relative distortions with 1 to 8 bits: predictors, then the mean over the responses.
    private func distortions() throws(RegressionError) -> [DistortionCurve] {
        var curves = table.names[..<table.predictors].map { DistortionCurve(name: $0) }
        var response = DistortionCurve(name: "")
        for bits in 1...8 {
            var options = options
            (options.bits, options.responseBits) = (bits, bits)
            let data = try QuantizedRegression(
                quantizing: sample, options: options, intercept: problem.intercept, threads: problem.threads,
                kernels: problem.kernels)
            for (place, column) in zip(data.description.places, data.matrix.columns) {
                curves[place].add(column, intercept: problem.intercept)
            }
            for column in data.matrix.columns[data.predictors...] {
                response.add(column, intercept: problem.intercept)
            }
        }
        response.average(over: table.responses)
        return curves + [response]
    }

    /// What the sample reaches with a plan; infinite where bits do not suffice to tell the columns apart.
    private func value(_ plan: BitPlan, _ goal: PlanGoal) throws(RegressionError) -> Double {
        goal.value(of: try solve(sample, plan).solution)
    }

    private func solve(
        _ table: RegressionTable, _ plan: BitPlan
    ) throws(RegressionError) -> (regression: QuantizedRegression, solution: Solution) {
        let data = try QuantizedRegression(
            quantizing: table, options: plan.options(options), intercept: problem.intercept, threads: problem.threads,
            kernels: problem.kernels)
        var problem = problem
        problem.reference = false
        return (data, try problem.solve(data))
    }

    // MARK: The table

    private func build(_ plan: BitPlan, _ goal: PlanGoal) throws(RegressionError) -> PlannedRegression {
        let (data, solution) = try solve(table, plan)
        let ratio = solution.largestErrorRatio, coefficients = solution.largestCoefficientError
        let isMet: Bool
        switch goal {
        case .errorRatio(let target): isMet = ratio <= target
        case .coefficientError(let target): isMet = coefficients <= target
        case .bytes(let bytes): isMet = data.matrix.codeBytes <= bytes
        }
        return PlannedRegression(
            plan: plan, regression: data, solution: solution, errorRatio: ratio, coefficientError: coefficients,
            isMet: isMet, builds: 1, uniform: nil)
    }

    private func largest(
        of plans: PlanSequence, bytes: Int, _ progress: (String) -> Void
    ) throws(RegressionError) -> PlannedRegression {
        let limit = bytes * 8 / table.rows
        guard plans[0].bitsPerRow <= limit else {
            throw .invalidProblem(
                "\(bytes) bytes are \(limit) bits per row; the fewest for these columns are \(plans[0].bitsPerRow).")
        }
        let place = (0..<plans.count).last { plans[$0].bitsPerRow <= limit } ?? 0
        progress("building")
        return try build(plans[place], .bytes(bytes))
    }

    private func cheapestUniform(
        _ curves: [DistortionCurve], _ goal: PlanGoal, factor: Double
    ) throws(RegressionError) -> BitPlan? {
        for bits in 1...8 {
            let plan = BitPlan(
                columns: curves.dropLast().map { .init(name: $0.name, bits: $0.used(bits)) }, responseBits: 8,
                responses: table.responses)
            if factor * (try value(plan, goal)) <= goal.target { return plan }
        }
        return nil
    }
}

extension PlanGoal {
    /// The error wanted.
    fileprivate var target: Double {
        switch self {
        case .errorRatio(let target), .coefficientError(let target): target
        case .bytes: 0
        }
    }

    /// What is to become small; infinite where nothing is predicted.
    fileprivate func value(of solution: Solution) -> Double {
        if case .coefficientError = self { return solution.largestCoefficientError }
        return solution.largestErrorRatio
    }
}

extension Solution {
    /// The predicted error ratio, the largest over the responses; infinite where nothing is predicted.
    var largestErrorRatio: Double { responses.reduce(0) { max($0, $1.predictedErrorRatio ?? .infinity) } }

    /// The root mean square of what quantization does to a coefficient, in standard errors, the largest of all; infinite
    /// where nothing is predicted.
    fileprivate var largestCoefficientError: Double {
        responses.reduce(0) { largest, response in
            guard response.predictedErrorRatio != nil else { return .infinity }
            return response.coefficients.reduce(largest) {
                guard let deviation = $1.quantizationStandardDeviation, let error = $1.standardError, error > 0 else {
                    return $0
                }
                let bias = $1.quantizationBias ?? 0
                return max($0, (deviation * deviation + bias * bias).squareRoot() / error)
            }
        }
    }
}
