import QuantizedLeastSquares
import TestSupport
import Testing

/// Which choices can be had together: every combination either is solved or refused as `unsupported`, never ignored.
@Suite struct SupportTableTests {
    enum Input: CaseIterable, Sendable {
        case numbers, codes, weightedNumbers, weightedCodes, store, weightedStore, sums

        var isWeighted: Bool { self == .weightedNumbers || self == .weightedCodes || self == .weightedStore }
        var hasCodes: Bool { self != .numbers && self != .weightedNumbers && self != .sums }
    }

    static let kinds: [(name: String, kind: ProblemKind)] = [
        ("ordinary", .ordinary), ("ridge", .ridge(RidgePenalty([1]))),
        (
            "constrained",
            .constrained(
                try! LinearConstraints(
                    names: ["a", "b"], matrix: DenseMatrix(rows: 1, columns: 2, elements: [1, 1]), rightHandSide: [1]))
        ),
        ("bounded", .bounded(.nonnegative)),
    ]

    /// What solves the combination; nil where it is refused.
    private func expected(_ input: Input, _ kind: ProblemKind, _ method: SolverMethod, refines: Bool) -> SolverMethod? {
        let isReduced = kind != .ordinary || input.isWeighted || input == .sums
        if isReduced {
            let own: SolverMethod = input.hasCodes || (input == .sums && kind == .ordinary) ? .normal : .qr
            let isOwn = method == .automatic || (method == own && input != .sums)
            return isOwn && !refines ? own : nil
        }
        if refines, input != .codes || method == .svd { return nil }
        return method == .automatic ? (input.hasCodes ? .normal : .qr) : method
    }

    private func solve(_ input: Input, _ problem: LeastSquaresProblem) throws -> Solution {
        let weighted = { try ProblemKindTests.weighted(.analytic, intercept: true) }
        var problem = problem
        if input == .numbers || input == .weightedNumbers { problem.precision = .full }
        switch input {
        case .numbers, .codes: return try problem.solve(ProblemKindTests.table())
        case .weightedNumbers, .weightedCodes: return try problem.solve(weighted())
        case .store: return try problem.solve(Self.store)
        case .weightedStore: return try problem.solve(Self.weightedStore)
        case .sums:
            var sums = try RegressionAccumulator(names: ProblemKindTests.predictors + ["y"])
            try sums.append(ProblemKindTests.source(ProblemKindTests.predictors + ["y"]))
            return try sums.solve(problem)
        }
    }

    private static let store = try! QuantizedRegression(
        quantizing: ProblemKindTests.table(), options: QuantizationOptions())
    private static let weightedStore: QuantizedRegression = {
        let weighted = try! ProblemKindTests.weighted(.analytic, intercept: true)
        return try! QuantizedRegression(
            quantizing: weighted.table, options: QuantizationOptions(), weighting: weighted.weighting)
    }()

    @Test(arguments: Input.allCases, [0, 1, 2, 3])
    func everyCombination(input: Input, kind: Int) throws {
        for method in SolverMethod.allCases {
            for refines in [false, true] {
                var problem = LeastSquaresProblem()
                problem.kind = Self.kinds[kind].kind
                problem.method = method
                problem.refines = refines
                let name = "\(input), \(Self.kinds[kind].name), \(method.rawValue), refines \(refines)"
                let wanted = expected(input, problem.kind, method, refines: refines)
                do {
                    let solution = try solve(input, problem)
                    #expect(solution.method == wanted, "\(name): solved by \(solution.method)")
                    #expect(solution.responses[0].coefficients.allSatisfy { $0.estimate.isFinite }, "\(name)")
                    #expect((solution.refinement != nil) == refines, "\(name)")
                    #expect(input == .sums || solution.choice?.candidates.contains { $0.isChosen } == true, "\(name)")
                } catch RegressionError.unsupported(let why) {
                    #expect(wanted == nil && !why.isEmpty, "\(name): \(why)")
                }
            }
        }
    }

    /// What `auto` takes on codes is at most 5% worse than the codes as decoded, which QR solves.
    @Test(arguments: [("diabetes", "target"), ("power_plant_ccpp", "PE")], [2, 4])
    func correctionsDoNoHarm(set: (file: String, response: String), bits: Int) throws {
        let table = try dataset(set.file, response: set.response)
        let errors = try [SolverMethod.automatic, .qr].map { method in
            try #require(
                try LeastSquaresProblem.quantized(bits: bits, method: method).solve(table).responses[0].reference?
                    .errorRatio)
        }
        #expect(errors[0] <= 1.05 * errors[1], "\(set.file), \(bits) bits")
    }
}
