/// The measure of a histogram, in standardized units: atoms spread over the cells, with exact mass, mean and variance
/// per cell and values between cells' boundaries interpolated.
///
/// Units are u = (x − centre)/scale with the mean and standard deviation of the column, so that sums of squares do
/// not lose digits to a large offset.
public struct HistogramMeasure: CellMeasure {
    /// The mean of the column.
    public let centre: Double
    /// Its standard deviation, or 1 for a constant column.
    public let scale: Double
    /// Ends of the support of each occupied cell, with its moments; ascending.
    let lower: [Double]
    let upper: [Double]
    let cells: [CellMoments]
    /// Sums of the moments of all cells before each.
    private let before: [CellMoments]

    /// The measure of a histogram, with an optional weight per unit of mass, a function of the value.
    ///
    /// - Throws: `noValues` for an empty histogram.
    public init(
        _ histogram: ColumnHistogram, weight: ((Double) -> Double)? = nil
    ) throws(QuantizerError) {
        guard histogram.count > 0 else { throw .noValues }
        let occupied = histogram.counts.indices.filter { histogram.counts[$0] > 0 }
        let total = Double(histogram.count)
        let (centre, scale) = HistogramMeasure.meanAndDeviation(histogram)
        var lower: [Double] = []
        var upper: [Double] = []
        var cells: [CellMoments] = []
        for c in occupied {
            let (mean, deviation) = histogram.cellMoments(c)
            let mass = Double(histogram.counts[c]) / total * (weight?(mean) ?? 1)
            let u = (mean - centre) / scale
            let spread = deviation / scale
            cells.append(CellMoments(mass: mass, first: mass * u, second: mass * (u * u + spread * spread)))
            lower.append((max(histogram.edges[c], histogram.minimum) - centre) / scale)
            upper.append((min(histogram.edges[c + 1], histogram.maximum) - centre) / scale)
        }
        self.init(centre: centre, scale: scale, lower: lower, upper: upper, cells: cells)
    }

    /// Mean and standard deviation of a histogram; deviations are taken relative to the range, so that they neither
    /// overflow nor underflow.
    private static func meanAndDeviation(_ histogram: ColumnHistogram) -> (Double, Double) {
        let total = Double(histogram.count)
        let range = 0.5 * histogram.maximum - 0.5 * histogram.minimum
        guard range > 0 else { return (histogram.minimum, 1) }
        var mean = 0.0
        var square = 0.0
        for c in histogram.counts.indices where histogram.counts[c] > 0 {
            let share = Double(histogram.counts[c]) / total
            let (centre, deviation) = histogram.cellMoments(c)
            let u = centre / range - histogram.minimum / range
            mean += share * u
            square += share * (u * u + deviation / range * (deviation / range))
        }
        let deviation = max(0, square - mean * mean).squareRoot() * range
        return (histogram.minimum + mean * range, deviation > 0 ? deviation : range)
    }

    /// A measure from cells with their supports.
    init(centre: Double, scale: Double, lower: [Double], upper: [Double], cells: [CellMoments]) {
        self.centre = centre
        self.scale = scale
        self.lower = lower
        self.upper = upper
        self.cells = cells
        var sum = CellMoments(mass: 0, first: 0, second: 0)
        var before = [sum]
        for cell in cells {
            sum = CellMoments(
                mass: sum.mass + cell.mass, first: sum.first + cell.first, second: sum.second + cell.second)
            before.append(sum)
        }
        self.before = before
    }

    /// Moments over (a, b]; the part of a cell up to a boundary inside it is interpolated.
    public func moments(from a: Double, to b: Double) -> CellMoments {
        let low = cumulative(a)
        let high = cumulative(b)
        return CellMoments(
            mass: max(0, high.mass - low.mass), first: high.first - low.first, second: high.second - low.second)
    }

    /// The mass per unit length around x, over at least 8 cells.
    public func density(at x: Double) -> Double {
        let index = lastIndex(lower, notAbove: max(x, lower[0]))
        let first = max(0, index - 4)
        let last = min(cells.count - 1, index + 4)
        let length = upper[last] - lower[first]
        return length > 0 ? (before[last + 1].mass - before[first].mass) / length : 0
    }

    /// Moments over (−∞, x]. Inside a cell the mass is spread evenly over the longest interval about its mean that
    /// fits the cell, no longer than its variance asks for.
    private func cumulative(_ x: Double) -> CellMoments {
        if x < lower[0] { return CellMoments(mass: 0, first: 0, second: 0) }
        let index = lastIndex(lower, notAbove: x)
        if x >= upper[index] { return before[index + 1] }
        let cell = cells[index]
        let part = HistogramMeasure.part(cell, from: lower[index], to: upper[index], upTo: x)
        let sum = before[index]
        return CellMoments(mass: sum.mass + part.mass, first: sum.first + part.first, second: sum.second + part.second)
    }

    /// The share of a cell's moments at or below x.
    static func part(_ cell: CellMoments, from lower: Double, to upper: Double, upTo x: Double) -> CellMoments {
        guard cell.mass > 0 else { return CellMoments(mass: 0, first: 0, second: 0) }
        let mean = cell.first / cell.mass
        let variance = max(0, cell.second / cell.mass - mean * mean)
        let half = min((3 * variance).squareRoot(), mean - lower, upper - mean)
        if x >= mean + half { return cell }
        if x < mean - half || half <= 0 { return CellMoments(mass: 0, first: 0, second: 0) }
        let (a, b) = (mean - half, x)
        let share = (b - a) / (2 * half)
        let mass = cell.mass * share
        return CellMoments(mass: mass, first: mass * 0.5 * (a + b), second: mass * (a * a + a * b + b * b) / 3)
    }
}
