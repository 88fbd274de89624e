import Foundation
@testable import LeastSquares
import QuantizedLeastSquares
@testable import QuantizedMatrices
import TestSupport
import Testing

/// Tables so long that most rows are rounded at random and the kept ones work off what that leaves.
@Suite struct LongTableTests {
    private static let rows = 60_000
    private let names = ["a", "b", "c", "d", "y"]

    /// Four columns, correlated; skewed ones bias random rounding beyond their outermost levels.
    private func columns(skewed: Bool) -> [[Double]] {
        var random = RandomNumbers(seed: 17)
        let z = (0..<4).map { _ in random.gaussians(Self.rows) }
        let x = z.indices.map { j in
            z[0].indices.map { i -> Double in
                let sum: Double = z[j][i] + 0.5 * z[0][i]
                return skewed ? exp(1.2 * sum) : sum
            }
        }
        let y = z[0].indices.map { i -> Double in
            let signal: Double = x[0][i] - 0.5 * x[1][i] + 2 * x[3][i]
            return signal + random.gaussian()
        }
        return x + [y]
    }

    /// The regression on codes of 4 bits, most of which were rounded at random.
    private func solve(_ table: RegressionTable, kept: Int, threads: Int = 1, kernels: Kernels = .best) throws
        -> Solution
    {
        let options = QuantizationOptions()
        let data = try TableQuantizer(
            table: table, options: options, intercept: true, kernels: kernels, threads: threads, keptRows: kept
        ).quantize { _ in }
        var problem = LeastSquaresProblem()
        problem.kernels = kernels
        return try problem.solve(data)
    }

    /// The largest error of a coefficient in units of its standard error.
    private func error(_ solution: Solution, _ full: Solution) -> Double {
        zip(solution.responses[0].coefficients, full.responses[0].coefficients).map { ours, exact in
            abs(ours.estimate - exact.estimate) / exact.standardError!
        }.max()!
    }

    /// The kept rows work off what random rounding leaves: all errors are those of balanced codes, some hundredths of the
    /// ones of codes rounded at random throughout, and the prediction knows it.
    @Test(arguments: [false, true])
    func keptRowsWorkOffWhatRandomRoundingLeaves(skewed: Bool) throws {
        let table = try regressionTable(names, columns(skewed: skewed))
        let full = try LeastSquaresProblem.full(.qr).solve(table)
        let solution = try solve(table, kept: 6000), balanced = try solve(table, kept: Self.rows)
        let random = try LeastSquaresProblem.quantized(bits: 4, quantizer: .stochastic).solve(table)
        let ours = error(solution, full)
        #expect(ours < 0.02 * error(random, full))
        #expect(ours < 5 * error(balanced, full))
        #expect(try #require(solution.responses[0].predictedErrorRatio) < 0.01)
    }

    @Test func threadsAndKernelsDoNotMatter() throws {
        let table = try regressionTable(names, columns(skewed: true))
        let expected = DeterminismTests.Fingerprint(try solve(table, kept: 6000, kernels: .scalar))
        #expect(DeterminismTests.Fingerprint(try solve(table, kept: 6000, threads: 3)) == expected)
    }

    /// A value that one row of many has is a level like the others, with and without balanced codes: no batch of rows
    /// that a long table's histograms are made of holds it.
    @Test(arguments: [Quantizer.balanced, .lloydMax])
    func rareValuesStayExact(quantizer: Quantizer) throws {
        let rows = 200_000, rare = 123_457
        var random = RandomNumbers(seed: 18)
        let a = (0..<rows).map { $0 == rare ? 2.0 : [0.0, 1, 3][$0 % 3] }, y = a.map { $0 + random.gaussian() }
        let table = try regressionTable(["a", "y"], [a, y])
        var options = QuantizationOptions()
        (options.quantizer, options.bits) = (quantizer, 2)
        let data = try TableQuantizer(table: table, options: options, intercept: true, kernels: .best, threads: 2)
            .quantize { _ in }
        let column = data.matrix.columns[0]
        #expect(column.codebook.levels == [0, 1, 2, 3])
        #expect(column.counts == [66_667, 66_666, 1, 66_666] && column.totalSquaredError == 0)
    }

    /// Where only some batches are read for histograms, the extremes of all rows still bound a uniform codebook.
    @Test func extremesOfAllRowsAreKnown() throws {
        let rows = 200_000
        var random = RandomNumbers(seed: 19)
        var a = random.gaussians(rows)
        (a[123_457], a[45_678]) = (50, -70)
        let table = try regressionTable(["a", "y"], [a, a.map { $0 + random.gaussian() }])
        var options = QuantizationOptions()
        (options.quantizer, options.transform) = (.uniform, .none)
        let data = try TableQuantizer(table: table, options: options, intercept: true, kernels: .best, threads: 2)
            .quantize { _ in }
        let levels = data.matrix.columns[0].codebook.levels
        #expect(levels.count == 16 && levels[0] == -70 && levels[15] == 50)
    }

    /// A row of 200 deviations in a batch that is not surveyed is taken first, and its values are known to the codebooks
    /// of transformed columns.
    @Test func outliersOutsideSurveyedBatchesAreKnown() throws {
        let rows = 200_000, outlier = 123_457
        var random = RandomNumbers(seed: 20)
        var a = random.gaussians(rows)
        a[outlier] = 200
        let b = a.map { $0 + 0.1 * random.gaussian() }, y = zip(a, b).map { $0 - 2 * $1 + random.gaussian() }
        let table = try regressionTable(["a", "b", "y"], [a, b, y])
        var options = QuantizationOptions()
        options.transform = .decorrelate
        let data = try TableQuantizer(
            table: table, options: options, intercept: true, kernels: .best, threads: 2, keptRows: 6000
        ).quantize { _ in }
        #expect(data.matrix.order.segments[0].first[0] == outlier)
        // The largest value is that of a or b, whichever comes first; it lies within one percent of a level.
        let column = data.matrix.columns[0], largest = column.moments.maximum
        #expect(largest > 100 && abs(column.codebook.levels.last! - largest) < 0.01 * largest)
        let full = try LeastSquaresProblem.full(.qr).solve(table)
        #expect(error(try LeastSquaresProblem().solve(data), full) < 0.01)
    }
}
