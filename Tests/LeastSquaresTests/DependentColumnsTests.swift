import Foundation
import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

/// Columns that depend on others where there are weights, bounds, penalties or constraints; residuals that are unknown.
@Suite struct DependentColumnsTests {
    /// Four groups that one column each marks, and a number: with an intercept the groups' columns sum to it.
    private func groups() throws -> RegressionTable {
        var random = RandomNumbers(seed: 31)
        let means = [1.0, 0, 2, 3], x = random.gaussians(300)
        let markers = (0..<4).map { g in x.indices.map { $0 % 4 == g ? 1.0 : 0 } }
        let y = x.indices.map { i in
            let noise = random.gaussian()
            return means[i % 4] + x[i] + noise
        }
        return try regressionTable(["g0", "g1", "g2", "g3", "x", "y"], markers + [x, y])
    }

    /// A weighted constant is left out and changes nothing.
    @Test(arguments: [0.1, 1, 3.3, 1e6])
    func weightedConstant(value: Double) throws {
        var random = RandomNumbers(seed: 32)
        let a = random.gaussians(50), y = random.gaussians(50), w = random.gaussians(50).map { 0.1 + abs($0) }
        func solve(_ names: [String], _ columns: [[Double]]) throws -> Solution {
            let source = try ArrayTableSource(names: names, columns: columns)
            let table = try WeightedTable(reading: source, predictors: columns.count - 2)
            return try LeastSquaresProblem.full(.automatic).solve(table)
        }
        let solution = try solve(["a", "one", "y", "w"], [a, a.map { _ in value }, y, w])
        let plain = try solve(["a", "y", "w"], [a, y, w])
        #expect(solution.rank == 2 && solution.droppedColumns.map(\.name) == ["one"])
        let estimates = solution.responses[0].coefficients.map(\.estimate)
        for (found, expected) in zip([estimates[0], estimates[1]], plain.responses[0].coefficients.map(\.estimate)) {
            #expect(abs(found - expected) <= 1e-12 * abs(expected))
        }
    }

    /// Bounds that nothing meets leave the fit as it is, with a warning and the right rank.
    @Test(arguments: [-1e3, -1e12])
    func looseBounds(lower: Double) throws {
        let table = try groups()
        var problem = LeastSquaresProblem.full(.automatic)
        let free = try problem.solve(table)
        problem.kind = .bounded(
            CoefficientBounds(
                lower: Dictionary(uniqueKeysWithValues: ["g0", "g1", "g2", "g3", "x"].map { ($0, lower) })))
        let bounded = try problem.solve(table)
        #expect(bounded.rank == 5 && free.rank == 5)
        let s = try #require(free.responses[0].residualStandardDeviation)
        #expect(abs(try #require(bounded.responses[0].residualStandardDeviation) - s) < 1e-10 * s)
        #expect(bounded.responses[0].coefficients.allSatisfy { abs($0.estimate) < 10 })
        #expect(bounded.warnings.contains { $0.contains("not determined") })
    }

    /// Kinds that are about all coefficients take all columns: codes come to what the numbers do.
    @Test(arguments: [ProblemKind.bounded(.nonnegative), .ridge(RidgePenalty([30]))])
    func codesKeepThem(kind: ProblemKind) throws {
        let table = try groups()
        var full = LeastSquaresProblem.full(.automatic), coded = LeastSquaresProblem.quantized(bits: 8)
        (full.kind, coded.kind) = (kind, kind)
        coded.reference = true
        let exact = try full.solve(table), solution = try coded.solve(table)
        #expect(solution.droppedColumns.isEmpty)
        for (found, expected) in zip(solution.responses[0].coefficients, exact.responses[0].coefficients) {
            #expect(abs(found.estimate - expected.estimate) < 0.01, "\(found.name)")
        }
        let predicted = try #require(solution.responses[0].predictedErrorRatio)
        let measured = try #require(solution.responses[0].reference?.errorRatio)
        #expect(measured < 4 * predicted && predicted < 0.02)
    }

    /// Where the errors of codes hide the residuals, nothing that is relative to these is claimed.
    @Test func hiddenResidualsAreUnknown() throws {
        var unknown = 0
        for seed in UInt64(33)..<45 {
            var random = RandomNumbers(seed: seed)
            let x = (0..<5).map { _ in random.gaussians(300) }
            let y = x[0].indices.map { i in
                let noise = 0.01 * random.gaussian()
                return x.indices.reduce(noise) { $0 + Double($1 + 1) * x[$1][i] }
            }
            let table = try regressionTable(["a", "b", "c", "d", "e", "y"], x + [y])
            let solution = try LeastSquaresProblem.quantized(bits: 4, transform: .none).solve(table)
            #expect(!solution.warnings.contains { $0.contains("exact") })
            guard solution.responses[0].residualStandardDeviation == nil else { continue }
            unknown += 1
            #expect(solution.responses[0].coefficients.allSatisfy { $0.standardError == nil })
            #expect(solution.responses[0].predictedErrorRatio == nil)
            #expect(solution.warnings.contains { $0.contains("unknown") })
        }
        #expect(unknown > 0)
    }

    /// Leave-one-out errors pass over codes block by block, whatever the number of columns.
    @Test func leaveOneOutOnCodes() throws {
        var random = RandomNumbers(seed: 34)
        let x = (0..<10).map { _ in random.gaussians(3000) }
        let y = x[0].map { $0 + random.gaussian() }
        let table = try regressionTable((0..<10).map { "x\($0)" } + ["y"], x + [y])
        let errors = try [LeastSquaresProblem.full(.automatic), .quantized(bits: 8)].map { problem in
            var problem = problem
            problem.kind = .ridge(RidgePenalty([1, 100]))
            guard case .ridge(let account) = try problem.solve(table).responses[0].account else { return 0.0 }
            return account.path[1].leaveOneOut ?? 0
        }
        #expect(errors[0] > 0.5 && abs(errors[1] - errors[0]) < 1e-3 * errors[0])
    }

    @Test func badInput() throws {
        let x = [1.0, 2, 4, 3, 5], y = [2.0, 3, 5, 5, 7]
        #expect(throws: RegressionError.self) {
            try WeightedTable(
                reading: ArrayTableSource(names: ["x", "y", "w"], columns: [x, y, x.map { _ in 2e18 }]), predictors: 1,
                kind: .frequency)
        }
        let twice = try LinearConstraints(
            names: ["g0", "g1"], matrix: DenseMatrix(rows: 2, columns: 2, elements: [1, 1, 1, 1]),
            rightHandSide: [1, 2])
        var problem = LeastSquaresProblem.full(.automatic)
        problem.kind = .constrained(twice)
        do {
            _ = try problem.solve(try groups())
            Issue.record("contradictory constraints were solved")
        } catch RegressionError.invalidProblem(let why) {
            #expect(why.contains("Constraint 2"))
        }
    }
}
