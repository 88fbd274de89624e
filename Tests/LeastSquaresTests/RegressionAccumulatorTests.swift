import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Exact accumulation: any order, any split, and nothing is left of what was removed.
@Suite struct RegressionAccumulatorTests {
    /// Columns of very different sizes, with means far from zero and numbers of 53 bits.
    static func rows(_ count: Int, seed: UInt64) -> DenseMatrix {
        var random = RandomNumbers(seed: seed)
        var result = DenseMatrix(rows: count, columns: 4)
        for i in 0..<count {
            let a = random.gaussian(), b = 1e6 + random.gaussian(), c = 1e-9 * random.heavyTailed()
            (result[i, 0], result[i, 1], result[i, 2]) = (a, b, c)
            result[i, 3] = 2 * a - 0.3 * (b - 1e6) + 1e9 * c + 0.1 * random.gaussian()
        }
        return result
    }

    static func accumulator(_ blocks: [DenseMatrix]) throws -> RegressionAccumulator {
        var result = try RegressionAccumulator(names: ["a", "b", "c", "y"])
        for block in blocks { try result.append(block) }
        return result
    }

    static func part(_ m: DenseMatrix, _ rows: [Int]) -> DenseMatrix {
        DenseMatrix(
            rows: rows.count, columns: m.columns, elements: (0..<m.columns).flatMap { j in rows.map { m[$0, j] } })
    }

    @Test func orderAndSplitDoNotMatter() throws {
        let rows = Self.rows(600, seed: 3)
        let whole = try Self.accumulator([rows])
        let order = (0..<600).sorted { ($0 * 7919) % 600 < ($1 * 7919) % 600 }
        let shuffled = Self.part(rows, order)
        #expect(try Self.accumulator([shuffled]) == whole)
        var merged = try Self.accumulator([Self.part(shuffled, Array(0..<101))])
        for range in [101..<102, 102..<450, 450..<600] {
            var other = try Self.accumulator([Self.part(shuffled, Array(range))])
            try other.merge(merged)
            merged = other
        }
        #expect(merged == whole)
        let extra = Self.rows(50, seed: 4)
        try merged.append(extra)
        #expect(merged != whole)
        try merged.remove(extra)
        #expect(merged == whole)
        try merged.merge(Self.accumulator([extra]))
        try merged.remove(Self.accumulator([extra]))
        #expect(merged == whole)
        let decoded = try JSONDecoder().decode(RegressionAccumulator.self, from: JSONEncoder().encode(merged))
        #expect(decoded == whole)
        #expect(
            try decoded.solve().responses[0].coefficients.map(\.estimate)
                == whole.solve().responses[0].coefficients.map(\.estimate))
    }

    @Test func damagedText() throws {
        let data = try JSONEncoder().encode(try Self.accumulator([Self.rows(5, seed: 1)]))
        let text = String(decoding: data, as: UTF8.self)
        for (from, to) in [("accumulator/1", "accumulator/9"), ("\"y\"", "\"y\",\"z\""), ("\"rows\":5", "\"rows\":-5")]
        {
            let damaged = text.replacingOccurrences(of: from, with: to)
                .replacingOccurrences(
                    of: "accumulator\\/1", with: to.contains("9") ? "accumulator/9" : "accumulator\\/1")
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode(RegressionAccumulator.self, from: Data(damaged.utf8))
            }
        }
    }

    /// Where the numbers are exact in double precision, so is the solution; Filip's powers are not.
    @Test(arguments: StRD.names) func certified(name: String) throws {
        let set = try StRD(name)
        var accumulator = try RegressionAccumulator(names: set.names, intercept: set.intercept)
        try accumulator.append(
            DenseMatrix(rows: set.columns[0].count, columns: set.columns.count, elements: set.columns.flatMap { $0 }))
        let digits = try set.digits(accumulator.solve())
        #expect(digits.estimates >= (name == "Filip" ? 7 : 13), "\(name): \(digits)")
        #expect(digits.standardErrors >= (name == "Filip" ? 7 : 11), "\(name): \(digits)")
    }

    /// Subsets, penalties and bounds from the sums.
    @Test func kinds() throws {
        var accumulator = try RegressionAccumulator(names: ProblemKindTests.predictors + ["y"])
        try accumulator.append(ProblemKindTests.source(ProblemKindTests.predictors + ["y"]))
        let answers = ProblemKindTests.answers
        let nonnegative = try accumulator.solve(ProblemKindTests.problem(.bounded(.nonnegative))).responses[0]
        #expect(ProblemKindTests.agree(nonnegative.coefficients.dropFirst().map(\.estimate), answers.nonnegative))
        for expected in answers.ridge {
            let penalty = RidgePenalty([expected.penalty], criterion: .generalized)
            let fit = try accumulator.solve(ProblemKindTests.problem(.ridge(penalty))).responses[0]
            #expect(ProblemKindTests.agree(fit.coefficients.map(\.estimate), expected.coefficients))
        }
        #expect(throws: RegressionError.self) {
            try accumulator.solve(ProblemKindTests.problem(.ridge(RidgePenalty([1, 2]))))
        }
    }

    @Test func cancellation() async throws {
        let rows = Self.rows(20000, seed: 5)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            var accumulator = try RegressionAccumulator(names: ["a", "b", "c", "y"])
            let source = try ArrayTableSource(names: ["a", "b", "c", "y"], columns: (0..<4).map { rows.column($0) })
            try accumulator.append(source)
        }
        task.cancel()
        let result = await task.result
        guard case .failure(let error) = result, case RegressionError.cancelled = error else {
            Issue.record("\(result)")
            return
        }
    }
}
