import Foundation

extension Codebook {
    /// The Lloyd–Max codebook of a column, from its histogram.
    ///
    /// A column with at most K distinct values is represented exactly. Otherwise the better of two results is taken,
    /// started from the companding codebook of λ ∝ (f·m)^{1/3}, which is optimal for many levels, and from the uniform
    /// codebook, which it therefore never loses to. Both are local optima; `optimal` finds the global one.
    /// Cost: cells + K per iteration.
    ///
    /// - Parameters:
    ///   - histogram: the column.
    ///   - count: K, 1 to 256.
    ///   - weight: the weight m(x) of a squared error at x; nil for 1. It has to be finite and not negative.
    /// - Throws: `levelCount` or `noValues`.
    public static func lloydMax(
        _ histogram: ColumnHistogram, count: Int, weight: ((Double) -> Double)? = nil
    ) throws(QuantizerError) -> Codebook {
        guard (1...maximumCount).contains(count) else { throw .levelCount(count) }
        if let exact = try exact(histogram, count: count) { return exact }
        let measure = try HistogramMeasure(histogram, weight: weight)
        let companding = try LloydMax.forHistograms.codebook(
            for: measure, startingFrom: measure.compandingLevels(count: count))
        let range = try uniform(
            minimum: measure.lower[0], maximum: measure.upper[measure.upper.count - 1], count: count)
        let spread = try LloydMax.forHistograms.codebook(for: measure, startingFrom: range.levels)
        let isBetter = spread.distortion(of: measure) < companding.distortion(of: measure)
        return try (isBetter ? spread : companding).scaled(by: measure.scale, offset: measure.centre)
    }

    /// The exact codebook of a column that has at most `count` distinct values, else nil. Throws `noValues`.
    static func exact(_ histogram: ColumnHistogram, count: Int) throws(QuantizerError) -> Codebook? {
        guard histogram.count > 0 else { throw .noValues }
        guard !histogram.distinct.overflowed, histogram.distinct.values.count <= count else { return nil }
        return try Codebook(levels: histogram.distinct.values, isExact: true)
    }
}

extension HistogramMeasure {
    /// Levels at the (i − ½)/K quantiles of λ ∝ (density of the measure)^{1/3}, taken over groups of cells; strictly
    /// ascending, and fewer than K only if the measure has fewer points.
    func compandingLevels(count: Int) -> [Double] {
        let cells = lower.count
        let group = max(1, cells / 2048)
        var knots = [lower[0]]
        var cumulative = [0.0]
        var index = 0
        while index < cells {
            let end = min(cells, index + group)
            let mass = max(0, points.prefix[end].x - points.prefix[index].x)
            let length = max(0, upper[end - 1] - knots[knots.count - 1])
            knots.append(knots[knots.count - 1] + length)
            cumulative.append(cumulative[cumulative.count - 1] + cbrt(mass) * pow(length, 2.0 / 3))
            index = end
        }
        let total = cumulative[cumulative.count - 1]
        var levels: [Double] = []
        for i in 0..<count {
            let target = total * (Double(i) + 0.5) / Double(count)
            let k = min(lastIndex(cumulative, notAbove: target), knots.count - 2)
            let rise = cumulative[k + 1] - cumulative[k]
            let level = knots[k] + (rise > 0 ? (target - cumulative[k]) / rise : 0.5) * (knots[k + 1] - knots[k])
            if levels.last.map({ $0 < level }) ?? true { levels.append(level) }
        }
        return levels
    }
}
