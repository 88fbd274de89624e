import Foundation
import LeastSquares
import Quantizers

/// Whether predicted errors are those that occur: a regression is solved on codes and in full precision for many tables
/// of a design, and both are held against each other.
public struct Calibration: Sendable {
    /// What the tables are drawn from.
    public let design: CalibrationDesign
    /// How they are quantized.
    public var options: QuantizationOptions
    /// The part of each table's rows that is solved, chosen at random after all rows were quantized.
    public var chosenShare = 1.0

    /// A calibration.
    public init(_ design: CalibrationDesign, options: QuantizationOptions) {
        self.design = design
        self.options = options
    }

    /// One response of one table.
    public struct Run: Sendable {
        /// q = ‖A(x̂ − x)‖/(s√p).
        public let measuredRatio: Double
        /// q as predicted; nil where bits did not suffice to tell all columns apart, which the solution says.
        public let predictedRatio: Double?
        /// Where q lies with 90% probability, as predicted; nil where nothing is said.
        public let predictedRange: ClosedRange<Double>?
        /// The bound on q; nil where there is none.
        public let worstCaseRatio: Double?
        /// Coefficients whose quantization interval holds the full-precision coefficient.
        public let covered: Int
        /// Coefficients that have an interval.
        public let intervals: Int

        /// A run from its parts.
        public init(
            measuredRatio: Double, predictedRatio: Double?, predictedRange: ClosedRange<Double>?,
            worstCaseRatio: Double?,
            covered: Int, intervals: Int
        ) {
            self.measuredRatio = measuredRatio
            self.predictedRatio = predictedRatio
            self.predictedRange = predictedRange
            self.worstCaseRatio = worstCaseRatio
            self.covered = covered
            self.intervals = intervals
        }
    }

    /// The responses of table number `draw`, but for those that the predictors fit exactly.
    ///
    /// - Throws: `RegressionError`.
    public func run(draw: Int) throws(RegressionError) -> [Run] {
        var problem = LeastSquaresProblem()
        var options = options
        options.seed = UInt64(draw)
        if chosenShare < 1 { return try chosenRows(draw: draw, problem, options) }
        let table: RegressionTable
        do { table = try design.table(draw: draw) } catch { throw .table(error) }
        problem.precision = .quantized(options)
        problem.reference = true
        return try problem.solve(table).responses.compactMap(Self.run)
    }

    /// Rows chosen from a table number `draw` that is quantized as a whole.
    private func chosenRows(
        draw: Int, _ problem: LeastSquaresProblem, _ options: QuantizationOptions
    ) throws(RegressionError) -> [Run] {
        let columns = design.columns(draw: draw), m = columns[0].count
        let rows = CalibrationDesign.subset(
            of: m, count: max(1, Int(chosenShare * Double(m))), CounterGenerator(seed: 0x05E7, stream: UInt64(draw)))
        let whole: RegressionTable, part: RegressionTable
        do {
            whole = try design.table(of: columns, seed: UInt64(draw))
            part = try design.table(of: columns.map { column in rows.map { column[$0] } }, seed: 1)
        } catch { throw .table(error) }
        var solution = try problem.solve(
            try QuantizedRegression(quantizing: whole, options: options).selecting(rows: rows))
        let references = try ReferenceRegression(problem, part).compare(solution)
        for (b, reference) in references.enumerated() { solution.responses[b].reference = reference }
        return solution.responses.compactMap(Self.run)
    }

    private static func run(_ response: ResponseSolution) -> Run? {
        // A fit that is exact to rounding has no sampling error to measure by.
        guard let measured = response.reference?.errorRatio, 1 - (response.rSquared ?? 0) > 1e-12 else { return nil }
        let held = response.heldIntervals
        return Run(
            measuredRatio: measured, predictedRatio: response.predictedErrorRatio,
            predictedRange: response.predictedErrorRatioInterval, worstCaseRatio: response.worstCaseErrorRatio,
            covered: held.count(where: \.self), intervals: held.count)
    }
}

/// What the runs of a group have in common.
public struct CalibrationSummary: Sendable {
    /// Runs of the group, by response.
    public let runs: Int
    /// Runs that quantization moved by less than `negligibleRatio`: what is left there is rounding, of which only the
    /// magnitude is known. They do not enter the medians and shares below.
    public let negligible: Int
    /// Runs without a prediction, which said so.
    public let unpredicted: Int
    /// The part of the intervals that hold the full-precision coefficient; nil without intervals.
    public let coverage: Double?
    /// The median of predicted over measured q; nil without predictions, or where less than a tenth of the runs is not
    /// negligible.
    public let medianRatio: Double?
    /// The part of the predictions within a factor of 2; nil without predictions.
    public let withinFactorTwo: Double?
    /// The part of the 90% ranges of q that hold it; nil without ranges.
    public let rangeCoverage: Double?
    /// Bounds that were exceeded.
    public let boundsExceeded: Int
    /// The geometric mean of the measured q.
    public let measuredRatio: Double

    /// Errors below a hundred-millionth of the sampling error.
    public static let negligibleRatio = 1e-8

    /// Of some runs.
    public init(_ all: [Calibration.Run]) {
        let runs = all.filter { $0.measuredRatio >= Self.negligibleRatio }
        self.runs = all.count
        negligible = all.count - runs.count
        let predicted = runs.compactMap { run in run.predictedRatio.map { $0 / max(run.measuredRatio, 1e-300) } }
            .sorted()
        unpredicted = runs.count - predicted.count
        let intervals = runs.reduce(0) { $0 + $1.intervals }
        coverage = intervals == 0 ? nil : Double(runs.reduce(0) { $0 + $1.covered }) / Double(intervals)
        medianRatio =
            predicted.isEmpty || 10 * runs.count < all.count
            ? nil : (predicted[(predicted.count - 1) / 2] + predicted[predicted.count / 2]) / 2
        withinFactorTwo =
            predicted.isEmpty
            ? nil : Double(predicted.count { $0 >= 0.5 && $0 <= 2 }) / Double(predicted.count)
        let ranges = runs.filter { $0.predictedRange != nil }
        let held = ranges.count { $0.predictedRange?.contains($0.measuredRatio) ?? false }
        rangeCoverage = ranges.isEmpty ? nil : Double(held) / Double(ranges.count)
        boundsExceeded = all.count { run in run.worstCaseRatio.map { $0 < run.measuredRatio } ?? false }
        let logs = runs.map { log(max($0.measuredRatio, 1e-300)) }
        measuredRatio = exp(logs.reduce(0, +) / Double(max(1, runs.count)))
    }
}
