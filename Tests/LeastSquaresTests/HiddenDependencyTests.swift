import Factorizations
import Foundation
import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

/// Columns that depend on others by large coefficients, and constraints that leave coefficients open.
@Suite struct HiddenDependencyTests {
    /// a, a + ε·b, b: κ of the first two is 2/ε, and the third is their difference over ε, whose rounding error is far above
    /// that of b.
    @Test(
        arguments: [1e-2, 1e-3, 1e-4, 1e-6], [SolverMethod.automatic, .qr, .pivotedQR, .normal])
    func differenceOfNearlyEqualColumns(epsilon: Double, method: SolverMethod) throws {
        var random = RandomNumbers(seed: 61)
        let a = random.gaussians(200), b = random.gaussians(200)
        let y = zip(a, b).map { $0 + $1 + random.gaussian() }
        let columns = [a, zip(a, b).map { $0 + epsilon * $1 }, b, y]
        let solution = try LeastSquaresProblem.full(method).solve(regressionTable(["a", "ab", "b", "y"], columns))
        let two = try LeastSquaresProblem.full(.qr).solve(regressionTable(["a", "b", "y"], [a, b, y]))
        #expect(solution.rank == 3)
        guard method != .normal || epsilon > 1e-5 else { return }  // few digits are left of the normal equations
        let s = try #require(two.responses[0].residualStandardDeviation)
        #expect(abs(try #require(solution.responses[0].residualStandardDeviation) - s) < 1e-7 * s)
        #expect(solution.responses[0].coefficients.allSatisfy { abs($0.estimate) < 10 / epsilon })
    }

    /// Weighted rows and codes find the same rank.
    @Test(arguments: [1e-3, 1e-6]) func weighted(epsilon: Double) throws {
        var random = RandomNumbers(seed: 62)
        let a = random.gaussians(200), b = random.gaussians(200)
        let y = zip(a, b).map { $0 + $1 + random.gaussian() }
        let source = try ArrayTableSource(
            names: ["a", "ab", "b", "y", "w"],
            columns: [a, zip(a, b).map { $0 + epsilon * $1 }, b, y, a.map { 1 + $0 * $0 }])
        let solution = try LeastSquaresProblem.full(.automatic).solve(WeightedTable(reading: source, predictors: 3))
        #expect(solution.rank == 3 && solution.droppedColumns.map(\.name) == ["b"])
    }

    /// Two distinct rows, four coefficients and one constraint, without intercept: the minimum is that of the least norm
    /// solution by the singular values of the constrained problem in the form x = x₀ + N·z, computed here by hand.
    @Test(arguments: [nil, 8]) func constraintsThatLeaveCoefficientsOpen(bits: Int?) throws {
        let rows: [[Double]] = [[1, 2, -1, 0.5], [0.5, -1, 2, 1]]
        let x = (0..<4).map { j in (0..<12).map { rows[$0 % 2][j] } }
        var random = RandomNumbers(seed: 63)
        let y = random.gaussians(12)
        var problem =
            bits.map { LeastSquaresProblem.quantized(bits: $0, intercept: false) }
            ?? LeastSquaresProblem.full(.automatic, intercept: false)
        problem.reference = false
        problem.kind = .constrained(
            try LinearConstraints(
                names: ["a", "b", "c", "d"], matrix: DenseMatrix(rows: 1, columns: 4, elements: [1, 1, 1, 1]),
                rightHandSide: [1]))
        let solution = try problem.solve(regressionTable(["a", "b", "c", "d", "y"], x + [y]))
        #expect(solution.rank == 3)
        let found = solution.responses[0].coefficients.map(\.estimate)
        #expect(abs(found.reduce(0, +) - 1) < 1e-12)
        #expect(found.allSatisfy { abs($0) < 10 })
        // With two rows free to be met exactly, the fit is the means of y over each.
        for parity in 0..<2 {
            let mean = stride(from: parity, to: 12, by: 2).reduce(0) { $0 + y[$1] } / 6
            let fitted = zip(found, rows[parity]).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(fitted - mean) < 1e-10)
        }
        #expect(solution.warnings.contains { $0.contains("not determined") })
    }

    /// A column that does not vary is bound by constraints like others, on codes too.
    @Test(arguments: [0.0, 3.0], [nil, 8, 4]) func constraintsOnConstants(value: Double, bits: Int?) throws {
        var random = RandomNumbers(seed: 66)
        let a = random.gaussians(50), c = random.gaussians(50)
        let y = zip(a, c).map { $0 + $1 + 0.5 * random.gaussian() }
        var problem = bits.map { LeastSquaresProblem.quantized(bits: $0) } ?? LeastSquaresProblem.full(.automatic)
        problem.kind = .constrained(
            try LinearConstraints(
                names: ["z", "c"], matrix: DenseMatrix(rows: 1, columns: 2, elements: [1, 1]), rightHandSide: [0.5]))
        let table = try regressionTable(["a", "z", "c", "y"], [a, a.map { _ in value }, c, y])
        let found = try problem.solve(table).responses[0].coefficients.map(\.estimate)
        let plain = try LeastSquaresProblem.full(.qr).solve(regressionTable(["a", "c", "y"], [a, c, y])).responses[0]
        #expect(abs(found[2] + found[3] - 0.5) < 1e-12)
        #expect(abs(found[3] - plain.coefficients[2].estimate) < (bits == nil ? 1e-10 : 0.1))
    }

    /// Redraws of a solution of least norm say nothing, and do not fail.
    @Test func redrawsOfWideTables() throws {
        var random = RandomNumbers(seed: 67)
        let columns = (0..<7).map { _ in random.gaussians(4) }
        var problem = LeastSquaresProblem.quantized(bits: 1)
        (problem.redraws, problem.reference) = (2, false)
        let solution = try problem.solve(regressionTable((0..<6).map { "x\($0)" } + ["y"], columns))
        #expect(solution.redraws?.errorRatios.count == 1 && solution.method == .svd)
    }
}
