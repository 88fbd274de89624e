import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Failures reported of other least squares programs.
@Suite struct KnownFailureTests {
    /// Share of the variation that coefficients explain, computed from the rows.
    private func explained(_ solution: Solution, _ columns: [[Double]]) -> Double {
        let y = columns[columns.count - 1], m = Double(y.count)
        let beta = solution.responses[0].coefficients.map(\.estimate)
        let mean = y.reduce(0, +) / m
        var rest = 0.0, total = 0.0
        for i in y.indices {
            var fit = beta[0]
            for j in 1..<beta.count { fit += beta[j] * columns[j - 1][i] }
            rest += (y[i] - fit) * (y[i] - fit)
            total += (y[i] - mean) * (y[i] - mean)
        }
        return 1 - rest / total
    }

    static let ways: [LeastSquaresProblem] =
        SolverMethod.allCases.map { .full($0) }
        + SolverMethod.allCases.map { method in
            var problem = LeastSquaresProblem.quantized(bits: 6, method: method)
            problem.reference = false
            return problem
        }

    /// LinearSolve.jl 1139: columns alike to the last digits gave zeros or 4e28 with a success code.
    @Test(arguments: [1e-15, 1e-13, 1e-9], ways.indices)
    func nearlyDependentColumns(_ share: Double, way: Int) throws {
        var random = RandomNumbers(seed: 11)
        let a = random.gaussians(400), e = random.gaussians(400), noise = random.gaussians(400)
        let columns = [a, zip(a, e).map { $0 + share * $1 }, zip(a, noise).map { 3 * $0 + $1 }]
        let solution = try Self.ways[way].solve(regressionTable(["a", "near", "y"], columns))
        let beta = solution.responses[0].coefficients.map(\.estimate)
        #expect(abs(beta[1] + beta[2] - 3) < 0.2, "\(Self.ways[way].method), \(beta)")
        #expect(explained(solution, columns) > 0.85)
        // Rank 3 is right for 1e-9 in full precision (with κ ≈ 1e9); the normal equations cannot tell, nor can codes.
        if share < 1e-9 { #expect(beta.allSatisfy { abs($0) < 1e12 }) }
        if share < 1e-13 { #expect(solution.rank == 2) }
    }

    /// SuiteSparse 982 (and LinearAlgebra.jl 580): the rank of a zero matrix.
    @Test(arguments: ways.indices)
    func zeroMatrix(way: Int) throws {
        let zeros = [Double](repeating: 0, count: 30)
        let columns = [zeros, zeros, (0..<30).map { Double($0 % 4) }]
        let solution = try Self.ways[way].solve(regressionTable(["z1", "z2", "y"], columns))
        #expect(solution.rank == 1)
        let beta = solution.responses[0].coefficients.map(\.estimate)
        let mean = columns[2].reduce(0, +) / 30
        #expect(abs(beta[0] - mean) < 0.05 && beta[1] == 0 && beta[2] == 0)
    }

    /// scipy 18615: `lstsq` on exponentially weighted means of one series, silently a fit worse than the mean alone.
    @Test(arguments: [SolverMethod.automatic, .qr, .svd, .normal])
    func weightedMeansOfOneSeries(_ method: SolverMethod) throws {
        var random = RandomNumbers(seed: 0)
        let m = 1000, series = (0..<m).map { _ in 10 + random.gaussian() }
        var columns = (0..<100).map { com -> [Double] in
            let decay = Double(com) / Double(com + 1)
            var sum = 0.0, weight = 0.0
            return series.map { x in
                sum = decay * sum + x
                weight = decay * weight + 1
                return sum / weight
            }
        }
        columns.append((0..<m).map { _ in 10 + random.gaussian() })
        let table = try regressionTable((0..<100).map { "x\($0)" } + ["y"], columns)
        let solution = try LeastSquaresProblem.full(method).solve(table)
        let share = explained(solution, columns), reported = try #require(solution.responses[0].rSquared)
        #expect(share > 0 && share < 0.3, "\(share)")
        #expect(abs(share - reported) < 0.05, "reported \(reported), true \(share)")
        // The digits lost are said, or the columns that cannot be told from others are left out.
        #expect(!solution.warnings.isEmpty)
    }

    /// scipy 22232: the variances of `lsqr`. Here they are those of the factor, whatever the iteration did.
    @Test func standardErrorsOfIterations() throws {
        let table = try dataset("diabetes", response: "target")
        let qr = try LeastSquaresProblem.full(.qr).solve(table)
        for method in [SolverMethod.lsqr, .lsmr] {
            let solution = try LeastSquaresProblem.full(method).solve(table)
            for (x, y) in zip(solution.responses[0].coefficients, qr.responses[0].coefficients) {
                let found = x.standardError ?? 0, expected = y.standardError ?? 1
                #expect(abs(found - expected) < 1e-9 * expected)
            }
        }
    }

    /// Spark 11610: Cholesky on constant columns.
    @Test(arguments: ways.indices)
    func constantColumns(way: Int) throws {
        var random = RandomNumbers(seed: 12)
        let a = random.gaussians(200), noise = random.gaussians(200)
        let columns = [a, a.map { _ in 5 }, zip(a, noise).map { 2 + 3 * $0 + 0.1 * $1 }]
        let solution = try Self.ways[way].solve(regressionTable(["a", "k", "y"], columns))
        #expect(solution.rank == 2)
        let beta = solution.responses[0].coefficients.map(\.estimate)
        #expect(abs(beta[1] - 3) < 0.05 && abs(beta[0] + 5 * beta[2] - 2) < 0.05)
    }

    /// statsmodels 7427: XᵀX of integers overflowed at many rows. Sums of 2³⁰ copies of a table, more than 10⁹ rows
    /// each, are 2³⁰ times those of the table to the last bit.
    @Test func manyRows() throws {
        var random = RandomNumbers(seed: 13)
        let a = random.gaussians(1000), b = random.gaussians(1000)
        let table = try regressionTable(["a", "b", "y"], [a, b, zip(a, b).map(+)])
        var options = QuantizationOptions()
        (options.bits, options.responseBits) = (8, 16)
        let matrix = try QuantizedRegression(quantizing: table, options: options).matrix
        let once = matrix.integerGram()
        var gram = once
        for _ in 0..<22 {
            let copy = gram
            gram.merge(copy)
        }
        #expect(gram.rows == 1000 << 22 && gram.rows > 1_000_000_000)
        for j in 0..<once.columns {
            #expect(gram.sum(j) == once.sum(j) << 22)
            for k in 0...j {
                #expect(gram.product(j, k) == once.product(j, k) << 22)
                let one = once.centeredProduct(j, k), many = gram.centeredProduct(j, k)
                #expect(abs(many - one * 0x1p22) <= 1e-9 * abs(many) + 1e-3)
            }
        }
    }
}
