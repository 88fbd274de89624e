import QuantizedLeastSquares
import TestSupport
import Testing

/// Fewer rows than coefficients.
@Suite struct WideTests {
    private func table(rows: Int, columns n: Int) throws -> RegressionTable {
        var random = RandomNumbers(seed: 51)
        let columns = (0...n).map { _ in random.gaussians(rows) }
        return try regressionTable((0..<n).map { "x\($0)" } + ["y"], columns)
    }

    /// x₀ = (1, 2)·5/5 for the one row 1·x₁ + 2·x₂ = 5 without intercept: Aᵀ(AAᵀ)⁻¹b.
    @Test func oneRow() throws {
        var problem = LeastSquaresProblem.full(.automatic, intercept: false)
        problem.reference = false
        let solution = try problem.solve(try regressionTable(["a", "b", "y"], [[1], [2], [5]]))
        for (found, expected) in zip(solution.responses[0].coefficients.map(\.estimate), [1.0, 2.0]) {
            #expect(abs(found - expected) < 1e-14)
        }
    }

    /// The fit is exact and shorter than any that leaves columns out; codes of few rows are exact and find the same.
    @Test func leastNorm() throws {
        let table = try table(rows: 8, columns: 12)
        let least = try LeastSquaresProblem.full(.automatic).solve(table).responses[0]
        let basic = try LeastSquaresProblem.full(.qr).solve(table).responses[0]
        let coded = try LeastSquaresProblem.quantized(bits: 4).solve(table).responses[0]
        func square(_ response: ResponseSolution) -> Double {
            response.coefficients.dropFirst().reduce(0) { $0 + $1.estimate * $1.estimate }
        }
        #expect(square(least) < 0.99 * square(basic))
        #expect(try #require(least.rSquared) > 1 - 1e-12)
        for (found, expected) in zip(coded.coefficients, least.coefficients) {
            #expect(abs(found.estimate - expected.estimate) < 1e-10)
        }
    }

    /// A method that was named, and refinement, keep their own ways.
    @Test func whatWasAskedFor() throws {
        let table = try table(rows: 8, columns: 12)
        #expect(try LeastSquaresProblem.full(.qr).solve(table).method == .qr)
        #expect(try LeastSquaresProblem.full(.automatic).solve(try self.table(rows: 13, columns: 12)).method == .qr)
    }
}
