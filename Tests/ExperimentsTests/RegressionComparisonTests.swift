import Foundation
import Matrices
import QuantizedLeastSquares
import Testing

@testable import Reports

/// Quantized regressions beside full precision.
@Suite struct RegressionComparisonTests {
    private static func table(rows: Int = 150, noise: Double = 1) throws -> RegressionTable {
        var generator = NormalGenerator(seed: 5)
        var columns = [[Double]](repeating: [], count: 4)
        for _ in 0..<rows {
            let a = generator.normal(), b = 0.6 * a + generator.normal(),
                c = Double(Int(abs(3 * generator.normal())) % 3)
            let y = 2 + a - 0.5 * b + 0.3 * c + noise * generator.normal()
            for (j, value) in [a, b, c, y].enumerated() { columns[j].append(value) }
        }
        return try RegressionTable(
            reading: ArrayTableSource(names: ["a", "b", "c", "y"], columns: columns), predictors: 3)
    }

    private static func small() -> RegressionComparison {
        var comparison = RegressionComparison()
        comparison.bits = [4, 2]
        comparison.quantizers = [.uniform, .balanced]
        comparison.transforms = [.none]
        return comparison
    }

    @Test func rowsAreComplete() throws {
        let result = try Self.small().run(Self.table())
        #expect(result.bits == [2, 4])
        // Per number of bits the default, then two quantizers by two methods.
        #expect(result.rows.map(\.bits) == [2, 2, 2, 2, 2, 4, 4, 4, 4, 4])
        #expect(result.rows.map(\.isDefault) == [true, false, false, false, false, true, false, false, false, false])
        #expect(result.rows[1...4].map(\.quantizer) == [.uniform, .uniform, .balanced, .balanced])
        #expect(result.rows[1...4].map(\.method) == [.normal, .qr, .normal, .qr])
        for row in result.rows {
            #expect(row.failure == nil && row.bytes > 0)
            #expect(row.buildSeconds > 0 && row.solveSeconds > 0)
        }
        #expect(result.fullPrecision.map(\.method) == [.qr, .normal])
        #expect(result.fullPrecision.allSatisfy { ($0.errorRatio ?? 1) < 1e-9 })
        let ranked = result.ranked(bits: 2).compactMap(\.measured)
        #expect(ranked == ranked.sorted() && ranked.count == 5 && ranked[0] == result.best(bits: 2))
    }

    /// q = ‖A(x̂ − x)‖/(s√p) and the coefficient errors by their definitions, from the rows themselves.
    @Test func ratiosAreThoseOfTheRows() throws {
        let table = try Self.table()
        let result = try Self.small().run(table)
        let detail = result.details[0], row = try #require(result.standard(bits: 2))
        let fit = detail.solution.responses[0], exact = result.reference.responses[0]
        let delta = zip(fit.coefficients, exact.coefficients).map { $0.estimate - $1.estimate }
        var square = 0.0, residual = 0.0
        try table.forEachBlock { block in
            for i in 0..<block.rows {
                let moved = (0..<3).reduce(delta[0]) { $0 + delta[$1 + 1] * block[i, $1] }
                let fitted = (0..<3).reduce(exact.coefficients[0].estimate) {
                    $0 + exact.coefficients[$1 + 1].estimate * block[i, $1]
                }
                square += moved * moved
                residual += (block[i, 3] - fitted) * (block[i, 3] - fitted)
            }
        }
        let q = (square / 4).squareRoot() / (residual / 146).squareRoot()
        #expect(abs(q / (row.measured ?? 0) - 1) < 1e-6)
        let errors = zip(delta, exact.coefficients).map { abs($0) / ($1.standardError ?? 0) }
        #expect(abs((errors.max() ?? 0) / (row.largestCoefficientError ?? 0) - 1) < 1e-12)
        let rms = (errors.reduce(0) { $0 + $1 * $1 } / 4).squareRoot()
        #expect(abs(rms / (row.coefficientError ?? 0) - 1) < 1e-12)
    }

    /// The default is what `LeastSquaresProblem` does by itself.
    @Test func defaultIsThatOfAProblem() throws {
        let table = try Self.table()
        var problem = LeastSquaresProblem(), options = QuantizationOptions()
        options.bits = 4
        problem.precision = .quantized(options)
        problem.reference = true
        let fit = try problem.solve(table).responses[0]
        let row = try #require(try Self.small().run(table).standard(bits: 4))
        #expect(row.measured == fit.reference?.errorRatio)
        #expect(row.predicted == fit.predictedErrorRatio)
    }

    /// Columns as they were quantized: samples lie around the levels, and an exact column's are its levels.
    @Test func columnsOfTheDefault() throws {
        let detail = try Self.small().run(Self.table()).details[1]
        #expect(detail.columns.map(\.name) == ["a", "b", "c", "y"])
        let c = detail.columns[2]
        #expect(c.isExact && c.relativeDistortion == 0 && Set(c.sample).isSubset(of: c.levels))
        for column in detail.columns {
            #expect(column.sample.count == 150 && column.levels == column.levels.sorted())
            let spread = (column.levels.last ?? 0) - column.levels[0]
            let far = column.sample.map { x in column.levels.map { abs($0 - x) }.min() ?? 0 }.max() ?? 0
            #expect(far < spread, "\(column.name)")
        }
    }

    @Test func whatFailsIsTold() throws {
        #expect(throws: RegressionError.self) { try Self.small().run(Self.table(rows: 0)) }
        let two = try RegressionTable(
            reading: ArrayTableSource(names: ["a", "y", "z"], columns: [[1, 2, 3], [1, 2, 4], [2, 1, 1]]), predictors: 1
        )
        #expect(throws: RegressionError.self) { try Self.small().run(two) }
        // More columns than rows: full precision has no degrees of freedom, and no row has a ratio.
        let short = try Self.small().run(Self.table(rows: 4))
        #expect(short.rows.allSatisfy { $0.measured == nil })
    }

    /// The band of the plots is the error budget's interval, which holds the prediction.
    @Test func bandIsTheIntervalOfTheBudget() throws {
        let result = try Self.small().run(Self.table())
        let row = try #require(result.standard(bits: 4)), predicted = try #require(row.predicted)
        let range = try #require(row.predictedInterval)
        #expect(range == result.details[1].solution.responses[0].budget?.errorRatioInterval)
        #expect(range.lowerBound < predicted && predicted < range.upperBound)
        let script = try #require(ComparisonPlots(result: result).all().first).script
        #expect(script.contains("\n4 \(max(range.lowerBound, 0.01 * predicted)) \(range.upperBound) \(predicted)\n"))
    }
}
