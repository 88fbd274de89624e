import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Correlated errors, against statsmodels' GLS (`Tests/References/generalized.py`).
@Suite struct GeneralizedLeastSquaresTests {
    struct Answers: Decodable {
        let withIntercept, withoutIntercept: ProblemKindTests.Linear
        let exactRows: [Double]
    }

    static let answers: Answers = {
        let url = Checkout.references.appendingPathComponent("generalized.json")
        return try! JSONDecoder().decode(Answers.self, from: Data(contentsOf: url))
    }()

    /// The Cholesky factor of ρ^|i − j|, ρ = 0.8, times √(1 + i/m): errors of an autoregression that grow.
    static let factor: DenseMatrix = {
        let m = 240, rho = 0.8
        var l = DenseMatrix(rows: m, columns: m)
        for j in 0..<m {
            for i in j..<m {
                let scale = (1 + Double(i) / Double(m)).squareRoot()
                l[i, j] = pow(rho, Double(i - j)) * (j == 0 ? 1 : (1 - rho * rho).squareRoot()) * scale
            }
        }
        return l
    }()

    private func table(_ factor: DenseMatrix, intercept: Bool) throws -> WeightedTable {
        try WeightedTable(
            reading: ProblemKindTests.source(ProblemKindTests.predictors + ["y"]), predictors: 5,
            whitening: Whitening(covarianceFactor: factor), intercept: intercept)
    }

    @Test(arguments: [true, false], ["lower", "wide", "reflected"])
    func againstStatsmodels(intercept: Bool, form: String) throws {
        // The covariance is the same for B·Q with any Q of orthonormal rows.
        var factor = Self.factor
        if form == "wide" {
            factor = DenseMatrix(
                rows: 240, columns: 480,
                elements: factor.elements.map { $0 * 0.6 } + factor.elements.map { $0 * 0.8 })
        } else if form == "reflected" {
            factor = DenseMatrix(
                rows: 240, columns: 240, elements: (0..<240).reversed().flatMap { Self.factor.column($0) })
        }
        var problem = LeastSquaresProblem.full(.automatic, intercept: intercept)
        let solution = try problem.solve(table(factor, intercept: intercept))
        let fit = solution.responses[0]
        let expected = intercept ? Self.answers.withIntercept : Self.answers.withoutIntercept
        #expect(ProblemKindTests.agree(fit.coefficients.map(\.estimate), expected.coefficients, 1e-9))
        #expect(ProblemKindTests.agree(fit.coefficients.compactMap(\.standardError), expected.standardErrors, 1e-9))
        let found = [fit.rSquared ?? 0, fit.fStatistic ?? 0]
        #expect(ProblemKindTests.agree(found, [expected.rSquared, expected.fStatistic], 1e-9))
        #expect(fit.residualDegreesOfFreedom == expected.freedom)
        problem.kind = .ridge(RidgePenalty())
        #expect(throws: RegressionError.self) { try problem.solve(table(factor, intercept: intercept)) }
        problem.kind = .ridge(RidgePenalty(criterion: .generalized))
        _ = try problem.solve(table(factor, intercept: intercept))
    }

    @Test(arguments: [2, 4, 8])
    func onCodes(bits: Int) throws {
        let solution = try LeastSquaresProblem.quantized(bits: bits).solve(table(Self.factor, intercept: true))
        let fit = solution.responses[0]
        let measured = try #require(fit.reference?.errorRatio), predicted = try #require(fit.predictedErrorRatio)
        let limits = [2: 0.5, 4: 0.1, 8: 0.01]
        #expect(measured <= limits[bits] ?? 0, "\(measured)")
        // At 8 bits the 240 numbers of a column are nearly exact.
        if bits < 8 { #expect(measured < 3 * predicted && predicted < 3 * measured, "\(predicted), \(measured)") }
        #expect(
            ProblemKindTests.agree(
                fit.reference?.coefficients.map(\.estimate) ?? [], Self.answers.withIntercept.coefficients, 1e-9))
    }

    /// A store of whitened rows is solved as the table is.
    @Test func store() throws {
        let weighted = try table(Self.factor, intercept: true)
        let data = try QuantizedRegression(
            quantizing: weighted.table, options: QuantizationOptions(), weighting: weighted.weighting)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).qls").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try data.write(store: path)
        let read = try LeastSquaresProblem().solve(QuantizedRegression(store: path))
        let direct = try LeastSquaresProblem().solve(weighted)
        #expect(read.responses[0].coefficients.map(\.estimate) == direct.responses[0].coefficients.map(\.estimate))
        #expect(read.weighting?.kind == .covariance)
    }

    /// Rows without error are equations: least squares under constraints.
    @Test func exactRows() throws {
        let numbers = try ProblemKindTests.source(ProblemKindTests.predictors + ["y"]).readMatrix()
        var factor = DenseMatrix(rows: 240, columns: 240)
        for i in 2..<240 { factor[i, i] = 1 }
        let a = numbers.submatrix(rows: 0..<240, columns: 0..<5)
        let model = try GeneralLinearModel(a, factor: factor, numbers.column(5))
        #expect(ProblemKindTests.agree(model.solution, Self.answers.exactRows, 1e-9))
        #expect(model.errors.prefix(2).allSatisfy { abs($0) < 1e-9 })
        var twice = a
        for i in 0..<240 { twice[i, 1] = 2 * a[i, 0] }
        #expect(throws: FactorizationError.singular(index: 1)) {
            try GeneralLinearModel(twice, factor: .identity(240), numbers.column(5))
        }
        #expect(throws: FactorizationError.self) {
            try GeneralLinearModel(a, factor: DenseMatrix(rows: 240, columns: 3), numbers.column(5))
        }
        let whole = try GeneralLinearModel(a, factor: Self.factor, numbers.column(5))
        #expect(ProblemKindTests.agree(whole.solution, Self.answers.withoutIntercept.coefficients, 1e-9))
    }

    @Test func badFactors() throws {
        #expect(throws: RegressionError.self) { try Whitening(covarianceFactor: DenseMatrix(rows: 3, columns: 2)) }
        #expect(throws: RegressionError.self) { try Whitening(covarianceFactor: DenseMatrix(rows: 3, columns: 3)) }
        #expect(throws: RegressionError.self) {
            try Whitening(covarianceFactor: DenseMatrix(rows: 1, columns: 1, elements: [.nan]))
        }
        #expect(throws: RegressionError.self) { try table(.identity(7), intercept: true) }
    }
}
