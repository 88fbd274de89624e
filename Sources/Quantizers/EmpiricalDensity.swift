import Foundation

/// A point density λ ∝ (f·m)^{1/3} for any density f of the data and any weight m of errors: piecewise constant between
/// knots.
public struct EmpiricalDensity: PointDensity, Equatable {
    /// The ascending boundaries of the pieces.
    public let knots: [Double]
    /// F at the knots, from 0 to 1.
    public let cumulative: [Double]
    /// The constant of high resolution: K²·E[m(X)(X − X̂)²] → (∫(f·m)^{1/3})³/12 for many levels K, per unit of mass.
    public let constant: Double

    /// From masses ∫f of the pieces between knots and the mean weights m of the pieces.
    ///
    /// - Throws: `lengthsDiffer`, `levelsNotAscending`, `weight`, or `noValues` without any mass.
    public init(knots: [Double], masses: [Double], weights: [Double]? = nil) throws(QuantizerError) {
        let weights = weights ?? [Double](repeating: 1, count: masses.count)
        guard knots.count == masses.count + 1 else { throw .lengthsDiffer(knots.count, masses.count + 1) }
        guard weights.count == masses.count else { throw .lengthsDiffer(weights.count, masses.count) }
        guard knots.allSatisfy(\.isFinite), zip(knots, knots.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .levelsNotAscending
        }
        for value in masses + weights where !(value >= 0 && value.isFinite) { throw .weight(value) }
        let total = masses.reduce(0, +)
        var sums = [0.0]
        for i in masses.indices {
            // (f·m)^{1/3} times the length, with f = mass/length.
            let share = cbrt(masses[i] / total * weights[i]) * pow(knots[i + 1] - knots[i], 2.0 / 3)
            sums.append(sums[i] + share)
        }
        guard let integral = sums.last, integral > 0, integral.isFinite else { throw .noValues }
        self.knots = knots
        cumulative = sums.map { $0 / integral }
        constant = integral * integral * integral / 12
    }

    /// From functions f and m on an interval, integrated over equal pieces. f need not be normalized.
    ///
    /// - Throws: as above. Cost: one evaluation of each per piece.
    public init(
        density f: (Double) -> Double, weight m: (Double) -> Double = { _ in 1 }, from lower: Double, to upper: Double,
        pieces: Int = 4096
    ) throws(QuantizerError) {
        guard lower < upper, (upper - lower).isFinite, pieces > 0 else { throw .scale(upper - lower) }
        let width = (upper - lower) / Double(pieces)
        let knots = (0...pieces).map { $0 == pieces ? upper : lower + width * Double($0) }
        let centres = (0..<pieces).map { lower + width * (Double($0) + 0.5) }
        try self.init(knots: knots, masses: centres.map { f($0) * width }, weights: centres.map(m))
    }

    /// From a column's histogram, joined into pieces of at least `minimumCount` values so that thin data do not make
    /// holes, with a weight such as a `ConditionalSecondMoment`.
    ///
    /// - Throws: `noValues` for an empty or constant column, `weight`.
    public init(
        _ histogram: ColumnHistogram, weight: ((Double) -> Double)? = nil, minimumCount: Int = 16
    ) throws(QuantizerError) {
        guard histogram.count > 0, histogram.minimum < histogram.maximum else { throw .noValues }
        var knots = [histogram.minimum]
        var masses: [Double] = []
        var weights: [Double] = []
        var (count, moment) = (0.0, 0.0)
        for run in histogram.runs {
            count += Double(run.count)
            moment += Double(run.count) * (weight?(run.mean) ?? 1)
            guard count >= Double(minimumCount), run.upper > knots[knots.count - 1] else { continue }
            knots.append(run.upper)
            masses.append(count)
            weights.append(moment / count)
            (count, moment) = (0, 0)
        }
        if count > 0 {
            if knots[knots.count - 1] < histogram.maximum {
                knots.append(histogram.maximum)
                masses.append(count)
                weights.append(moment / count)
            } else {
                masses[masses.count - 1] += count
            }
        }
        try self.init(knots: knots, masses: masses, weights: weights)
    }

    /// λ(x); 0 outside the knots.
    public func density(at x: Double) -> Double {
        guard x >= knots[0], x <= knots[knots.count - 1] else { return 0 }
        let i = min(lastIndex(knots, notAbove: x), knots.count - 2)
        return (cumulative[i + 1] - cumulative[i]) / (knots[i + 1] - knots[i])
    }

    /// F(x).
    public func cumulative(_ x: Double) -> Double {
        guard x > knots[0] else { return 0 }
        guard x < knots[knots.count - 1] else { return 1 }
        let i = lastIndex(knots, notAbove: x)
        return cumulative[i] + (x - knots[i]) / (knots[i + 1] - knots[i]) * (cumulative[i + 1] - cumulative[i])
    }

    /// F^{-1}(p) for p in (0, 1).
    public func quantile(_ p: Double) -> Double {
        precondition(p > 0 && p < 1, "A quantile is asked at a probability between 0 and 1, not \(p).")
        let i = min(lastIndex(cumulative, notAbove: p), knots.count - 2)
        let rise = cumulative[i + 1] - cumulative[i]
        return knots[i] + (rise > 0 ? min(1, (p - cumulative[i]) / rise) : 0.5) * (knots[i + 1] - knots[i])
    }
}
