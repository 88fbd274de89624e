import Foundation

/// How well a codebook fits a column: what a designer would want to be told when a quantizer is fed data that it was not
/// made for, or leaves levels unused.
public struct CodebookHealth: Sendable, Equatable {
    /// K.
    public let levelCount: Int
    /// How many levels at least one value decodes to.
    public let usedLevelCount: Int
    /// The share of values that lie farther outside the end levels than half the step there.
    public let overloadRate: Double
    /// The mean squared error.
    public let distortion: Double
    /// The variance of the column over the distortion, in decibel; +∞ without error.
    public let signalToNoise: Double
    /// How many decibel the distortion is above that of the best codebook with as many levels; 0 if both vanish.
    public let shortfall: Double

    /// Examines a codebook on a column. Counts are by the histogram's cells.
    ///
    /// - Throws: `noValues` for an empty histogram. Cost: designing an optimal codebook for comparison.
    public init(_ codebook: Codebook, on histogram: ColumnHistogram) throws(QuantizerError) {
        let runs = histogram.runs
        let total = Double(histogram.count)
        guard total > 0 else { throw .noValues }
        levelCount = codebook.count
        var used = [Bool](repeating: false, count: codebook.count)
        var (overloaded, mean) = (0.0, 0.0)
        let levels = codebook.levels
        let last = codebook.count - 1
        let (lowStep, highStep) = last > 0 ? (levels[1] - levels[0], levels[last] - levels[last - 1]) : (0, 0)
        for run in runs {
            used[Int(codebook.encode(run.mean))] = true
            mean += Double(run.count) / total * run.mean
            let isOutside = run.mean < levels[0] - 0.5 * lowStep || run.mean > levels[last] + 0.5 * highStep
            if isOutside { overloaded += Double(run.count) }
        }
        usedLevelCount = used.count { $0 }
        overloadRate = overloaded / total
        var variance = 0.0
        for run in runs {
            let offset = run.mean - mean
            variance += Double(run.count) / total * (offset * offset + run.deviation * run.deviation)
        }
        distortion = try CodebookHealth.error(codebook, on: histogram)
        signalToNoise = distortion > 0 ? 10 * log10(variance / distortion) : .infinity
        let best = try Codebook.optimal(histogram, count: codebook.count)
        let least = try CodebookHealth.error(best, on: histogram)
        shortfall = distortion > least ? 10 * log10(distortion / least) : 0
    }

    /// The mean squared error: exact from the distinct values while they are known, else from the cells.
    private static func error(_ codebook: Codebook, on histogram: ColumnHistogram) throws(QuantizerError) -> Double {
        guard !histogram.distinct.overflowed else { return try codebook.distortion(of: histogram) }
        var sum = 0.0
        for (value, count) in zip(histogram.distinct.values, histogram.distinct.counts) {
            let offset = value - codebook.quantize(value)
            sum += Double(count) * offset * offset
        }
        return sum / Double(histogram.count)
    }
}
