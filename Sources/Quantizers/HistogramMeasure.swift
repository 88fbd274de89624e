/// The measure of a histogram: extreme values as points, the mass of every other cell spread about its mean, with
/// exact mass, mean and variance per cell.
///
/// Units are u = (x − centre)/scale with a value from the middle of the column and a power of two. Sums run outward
/// from the middle, so that neither a large offset nor an outlier costs digits elsewhere. Mass is the number of
/// values, times the weight if there is one.
public struct HistogramMeasure: CellMeasure {
    /// What units are relative to.
    public var centre: Double { points.centre }
    /// The unit.
    public var scale: Double { points.scale }
    /// The mass of the whole column.
    public var total: Double { points.prefix[points.count].x - points.prefix[0].x }

    /// Moments and prefix sums of the occupied cells and extreme values, in ascending order.
    let points: WeightedPoints
    /// The ends of each, standardized.
    let lower: [Double]
    let upper: [Double]

    /// The measure of a histogram.
    ///
    /// - Parameter weight: the weight m(x) of a squared error at x, finite and not negative; nil for 1.
    /// - Throws: `noValues` for an empty histogram, `weight` for a weight out of bounds.
    public init(
        _ histogram: ColumnHistogram, weight: ((Double) -> Double)? = nil
    ) throws(QuantizerError) {
        guard histogram.count > 0 else { throw .noValues }
        let runs = histogram.runs
        let centre = runs[runs.count / 2].mean
        let reach = max(histogram.maximum - centre, centre - histogram.minimum)
        let scale = reach.isNormal ? reach.binade : 1
        var masses = runs.map { Double($0.count) }
        if let weight {
            for i in runs.indices {
                let factor = weight(runs[i].mean)
                guard factor >= 0, factor.isFinite else { throw .weight(factor) }
                masses[i] *= factor
            }
        }
        self.init(runs, masses: masses, centre: centre, scale: scale)
    }

    private init(_ runs: [ColumnHistogram.Run], masses: [Double], centre: Double, scale: Double) {
        points = WeightedPoints(count: runs.count, centre: centre, scale: scale) { i in
            let u = (runs[i].mean - centre) / scale
            let spread = runs[i].deviation / scale
            return SIMD4(masses[i], masses[i] * u, masses[i] * (u * u + spread * spread), 0)
        }
        lower = runs.map { ($0.lower - centre) / scale }
        upper = runs.map { ($0.upper - centre) / scale }
    }

    /// Moments over (a, b]; the part of a cell up to a boundary inside it is interpolated.
    public func moments(from a: Double, to b: Double) -> CellMoments {
        let sums = cumulative(b) - cumulative(a)
        return CellMoments(mass: max(0, sums.x), first: sums.y, second: sums.z)
    }

    /// The mass per unit length around x, over up to 9 cells.
    public func density(at x: Double) -> Double {
        let index = lastIndex(lower, notAbove: max(x, lower[0]))
        let first = max(0, index - 4)
        let last = min(lower.count - 1, index + 4)
        let length = upper[last] - lower[first]
        return length > 0 ? (points.prefix[last + 1].x - points.prefix[first].x) / length : 0
    }

    /// Moments from the middle of the column up to x, negative before it.
    private func cumulative(_ x: Double) -> SIMD4<Double> {
        if x < lower[0] { return points.prefix[0] }
        let index = lastIndex(lower, notAbove: x)
        if x >= upper[index] { return points.prefix[index + 1] }
        let cell = points.prefix[index + 1] - points.prefix[index]
        return points.prefix[index] + HistogramMeasure.part(cell, from: lower[index], to: upper[index], upTo: x)
    }

    /// The share of a cell's moments at or below x. The mass is spread evenly over an interval about the mean that has
    /// the cell's variance, or as much of it as fits into the cell.
    private static func part(
        _ cell: SIMD4<Double>, from lower: Double, to upper: Double, upTo x: Double
    ) -> SIMD4<Double> {
        guard cell.x > 0 else { return .zero }
        let mean = cell.y / cell.x
        let variance = max(0, cell.z / cell.x - mean * mean)
        let half = min((3 * variance).squareRoot(), mean - lower, upper - mean)
        if x >= mean + half { return cell }
        if x < mean - half || half <= 0 { return .zero }
        let start = mean - half
        let mass = cell.x * (x - start) / (2 * half)
        return SIMD4(mass, mass * 0.5 * (start + x), mass * (start * start + start * x + x * x) / 3, 0)
    }
}
