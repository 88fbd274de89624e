import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Weights, penalties, constraints, bounds and subsets against statsmodels, scikit-learn, LAPACK and scipy
/// (`Tests/References/problem_kinds.py`), and on codes against the same in full precision.
@Suite struct ProblemKindTests {
    struct Linear: Decodable {
        let coefficients, standardErrors: [Double]
        let rSquared, fStatistic, freedom: Double
    }

    struct Ridge: Decodable {
        let penalty: Double
        let coefficients: [Double]
        let effective, generalized, leaveOneOut: Double
    }

    struct Answers: Decodable {
        let analytic, analyticNoIntercept, frequency, frequencyNoIntercept: Linear
        let ridge: [Ridge]
        let constrained, nonnegative, bounded: [Double]
    }

    static let answers: Answers = {
        let url = Checkout.references.appendingPathComponent("problem_kinds.json")
        return try! JSONDecoder().decode(Answers.self, from: Data(contentsOf: url))
    }()

    static func source(_ columns: [String]) throws -> any TableSource {
        try openTable(
            path: Checkout.references.appendingPathComponent("problem_kinds.csv").path, columns: columns)
    }

    static let predictors = ["a", "b", "c", "d", "e"]

    static func table() throws -> RegressionTable {
        try RegressionTable(reading: source(predictors + ["y"]), predictors: 5)
    }

    static func weighted(_ kind: WeightKind, intercept: Bool) throws -> WeightedTable {
        try WeightedTable(
            reading: source(predictors + ["y", kind == .analytic ? "w" : "n"]), predictors: 5, kind: kind,
            intercept: intercept)
    }

    static func problem(_ kind: ProblemKind, bits: Int? = nil) -> LeastSquaresProblem {
        var problem = bits.map { LeastSquaresProblem.quantized(bits: $0) } ?? .full(.automatic)
        problem.kind = kind
        return problem
    }

    static func agree(_ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-10) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(abs($1), 1e-3) }
    }

    @Test(arguments: [WeightKind.analytic, .frequency], [true, false])
    func weights(kind: WeightKind, intercept: Bool) throws {
        var problem = Self.problem(.ordinary)
        problem.intercept = intercept
        let solution = try problem.solve(Self.weighted(kind, intercept: intercept))
        let fit = solution.responses[0], answers = Self.answers
        let expected =
            switch (kind, intercept) {
            case (.analytic, true): answers.analytic
            case (.analytic, false): answers.analyticNoIntercept
            case (.frequency, true): answers.frequency
            default: answers.frequencyNoIntercept
            }
        #expect(Self.agree(fit.coefficients.map(\.estimate), expected.coefficients))
        #expect(Self.agree(fit.coefficients.compactMap(\.standardError), expected.standardErrors))
        #expect(Self.agree([fit.rSquared ?? 0, fit.fStatistic ?? 0], [expected.rSquared, expected.fStatistic]))
        #expect(fit.residualDegreesOfFreedom == expected.freedom)
    }

    @Test(arguments: [WeightKind.analytic, .frequency], [2, 4, 6])
    func weightsOnCodes(kind: WeightKind, bits: Int) throws {
        let solution = try Self.problem(.ordinary, bits: bits).solve(Self.weighted(kind, intercept: true))
        try Self.checkPrediction(solution)
        let expected = kind == .analytic ? Self.answers.analytic : Self.answers.frequency
        #expect(
            Self.agree(
                solution.responses[0].reference?.coefficients.map(\.estimate) ?? [], expected.coefficients))
    }

    /// The measured error ratio is small and near the predicted one.
    static func checkPrediction(_ solution: Solution) throws {
        let fit = solution.responses[0]
        let measured = try #require(fit.reference?.errorRatio), predicted = try #require(fit.predictedErrorRatio)
        #expect(measured < 0.5)
        #expect(measured < 4 * predicted, "measured \(measured), predicted \(predicted)")
        #expect(predicted < 30 * measured, "measured \(measured), predicted \(predicted)")
    }

    @Test func ridge() throws {
        for expected in Self.answers.ridge {
            let penalty = RidgePenalty([expected.penalty, 2 * expected.penalty], criterion: .leaveOneOut)
            let solution = try Self.problem(.ridge(penalty)).solve(Self.table())
            guard case .ridge(let account) = solution.responses[0].account else {
                Issue.record("no account of the penalty")
                continue
            }
            let point = account.path[0]
            #expect(Self.agree(point.coefficients, Array(expected.coefficients.dropFirst())))
            #expect(
                Self.agree(
                    [
                        point.effectiveDegreesOfFreedom, point.generalizedCrossValidation ?? 0, point.leaveOneOut ?? 0,
                    ], [expected.effective, expected.generalized, expected.leaveOneOut]))
            let single = try Self.problem(.ridge(RidgePenalty([expected.penalty]))).solve(Self.table())
            #expect(Self.agree(single.responses[0].coefficients.map(\.estimate), expected.coefficients))
            #expect(
                Self.agree([single.responses[0].residualDegreesOfFreedom ?? 0], [240 - 1 - expected.effective]))
        }
    }

    @Test(arguments: [2, 4, 6]) func ridgeOnCodes(bits: Int) throws {
        for penalties in [[20.0], []] {
            let solution = try Self.problem(.ridge(RidgePenalty(penalties)), bits: bits).solve(Self.table())
            try Self.checkPrediction(solution)
        }
    }

    static func constraints() throws -> LinearConstraints {
        try LinearConstraints(
            names: ["a", "b", "c", "e"],
            matrix: DenseMatrix(rows: 2, columns: 4, elements: [1, 0, 1, 0, 0, 1, 0, -1]), rightHandSide: [2, 0.5])
    }

    @Test func constrained() throws {
        let solution = try Self.problem(.constrained(Self.constraints())).solve(Self.table())
        let fit = solution.responses[0]
        #expect(Self.agree(fit.coefficients.dropFirst().map(\.estimate), Self.answers.constrained))
        #expect(fit.residualDegreesOfFreedom == 236.0)
        guard case .constrained(2, let residual) = fit.account else {
            Issue.record("no account of the constraints")
            return
        }
        #expect(residual < 1e-13)
    }

    /// The intercept is free: a condition on it is refused.
    @Test func constrainedIntercept() throws {
        let condition = try LinearConstraints(
            names: ["(Intercept)"], matrix: DenseMatrix(rows: 1, columns: 1, elements: [1]), rightHandSide: [3])
        #expect(throws: RegressionError.self) {
            try Self.problem(.constrained(condition)).solve(Self.table())
        }
    }

    @Test func bounds() throws {
        let nonnegative = try Self.problem(.bounded(.nonnegative)).solve(Self.table()).responses[0]
        #expect(Self.agree(nonnegative.coefficients.dropFirst().map(\.estimate), Self.answers.nonnegative))
        let bounds = CoefficientBounds(
            lower: ["b": -0.1, "c": 0, "d": 0, "e": -0.01], upper: ["a": 1.5, "c": 0.65])
        let bounded = try Self.problem(.bounded(bounds)).solve(Self.table()).responses[0]
        #expect(Self.agree(bounded.coefficients.dropFirst().map(\.estimate), Self.answers.bounded))
        guard case .bounded(let lower, let upper, let violation) = bounded.account else {
            Issue.record("no account of the bounds")
            return
        }
        #expect(lower.contains("b") && upper.contains("a") && violation < 1e-13)
    }

    @Test(arguments: [2, 4, 6]) func conditionsOnCodes(bits: Int) throws {
        for kind in [ProblemKind.constrained(try Self.constraints()), .bounded(.nonnegative)] {
            let solution = try Self.problem(kind, bits: bits).solve(Self.table())
            try Self.checkPrediction(solution)
        }
    }

    /// Any subset of the columns of codes, any of them as response, also weighted ones.
    @Test(arguments: [2, 4, 6], [false, true])
    func subsets(bits: Int, isWeighted: Bool) throws {
        var options = QuantizationOptions()
        options.bits = bits
        let weighted = try Self.weighted(.analytic, intercept: true)
        let table = try isWeighted ? weighted.table : Self.table()
        let weighting = isWeighted ? weighted.weighting : nil
        let codes = try QuantizedRegression(quantizing: table, options: options, weighting: weighting)
        let compressed = try CompressedRegression(codes)
        let exact = try CompressedRegression(table, weighting: weighting)
        var ratios: [Double] = []
        for (predictors, response) in [
            (["a", "b"], "y"), (["c", "e"], "y"), (["b", "c", "d"], "a"), (["y", "a", "b"], "c"), (["a"], "d"),
        ] {
            var problem = Self.problem(.ordinary)
            problem.columns = ModelColumns(predictors: predictors, responses: [response])
            let found = try compressed.solve(problem).responses[0], expected = try exact.solve(problem).responses[0]
            let predicted = try #require(found.predictedErrorRatio)
            for (f, e) in zip(found.coefficients, expected.coefficients) {
                let deviation = try #require(f.quantizationStandardDeviation), se = try #require(e.standardError)
                #expect(abs(f.estimate - e.estimate) < 0.5 * se)
                if deviation > 0 { ratios.append(abs(f.estimate - e.estimate) / deviation) }
            }
            #expect(predicted < 1)
        }
        ratios.sort()
        #expect(ratios[ratios.count / 2] < 2 && ratios[ratios.count / 2] > 0.05)
    }

    /// A store keeps the weighting.
    @Test func weightedStore() throws {
        let weighted = try Self.weighted(.frequency, intercept: true)
        let codes = try QuantizedRegression(quantizing: weighted.table, weighting: weighted.weighting)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).qls").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try codes.write(store: path)
        let read = try QuantizedRegression(store: path)
        #expect(read.description.weighting == weighted.weighting)
        let problem = Self.problem(.ordinary)
        let first = try problem.solve(codes), second = try problem.solve(read)
        #expect(
            first.responses[0].coefficients.map(\.estimate) == second.responses[0].coefficients.map(\.estimate))
        #expect(second.observations == Int(weighted.weighting.total))
    }
}
