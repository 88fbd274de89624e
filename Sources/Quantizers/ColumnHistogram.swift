/// A summary of a column from which codebooks are designed: counts and moments over a few thousand cells, exact
/// extremes, and the distinct values as long as there are at most 257.
///
/// Inside a cell a value is held as one of 2¹⁶ steps, and the sums of steps and of their squares are integers. So adding is
/// associative: the histogram, and every codebook made from it, does not depend on the order of the rows or on how
/// they were split over threads and merged. Memory: 24 bytes per cell.
public struct ColumnHistogram: Sendable, Equatable {
    /// The m + 1 ascending boundaries of m cells; cell c is [edges[c], edges[c+1]), the last one closed.
    public let edges: [Double]
    /// How many values fell into each cell. Values outside the edges count in the nearest cell.
    public private(set) var counts: [Int64]
    private var steps: [Int64]
    private var squaredSteps: [UInt64]
    private let stepsPerUnit: [Double]

    /// How many finite values were added.
    public private(set) var count: Int64 = 0
    /// How many values were NaN or infinite; they are not in the cells.
    public private(set) var invalidCount: Int64 = 0
    /// The smallest finite value, +∞ before the first.
    public private(set) var minimum = Double.infinity
    /// The largest finite value, −∞ before the first.
    public private(set) var maximum = -Double.infinity
    /// The distinct values with their counts, up to 257.
    public private(set) var distinct = DistinctValues(limit: Codebook.maximumCount + 1)

    /// The number of steps that a cell is divided into.
    static let resolution = 65536.0

    /// An empty histogram with given cell boundaries.
    ///
    /// - Throws: `levelsNotAscending` unless there are at least two edges, finite and strictly ascending.
    public init(edges: [Double]) throws(QuantizerError) {
        guard edges.count >= 2, edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw .levelsNotAscending
        }
        self.edges = edges
        counts = [Int64](repeating: 0, count: edges.count - 1)
        steps = counts
        squaredSteps = [UInt64](repeating: 0, count: edges.count - 1)
        stepsPerUnit = zip(edges, edges.dropFirst()).map { ColumnHistogram.resolution / ($1 - $0) }
    }

    /// The histogram of a column that is at hand, with cells placed by a sample of it. Cost: n log m.
    ///
    /// - Throws: `noValues` if nothing is finite.
    public init(values: [Double], cells: Int = defaultCellCount) throws(QuantizerError) {
        let stride = max(1, values.count / ColumnHistogram.sampleSize)
        var sample: [Double] = []
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        for i in Swift.stride(from: 0, to: values.count, by: stride) { sample.append(values[i]) }
        let edges = try ColumnHistogram.edges(sample: sample, minimum: low, maximum: high, cells: cells)
        try self.init(edges: edges)
        add(values)
    }

    /// Adds a block of values. Cost: n log m.
    public mutating func add(_ values: [Double]) {
        for value in values { add(value) }
    }

    /// Adds one value. Cost: log m.
    public mutating func add(_ value: Double) {
        guard value.isFinite else {
            invalidCount += 1
            return
        }
        count += 1
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        if !distinct.overflowed { distinct.insert(value, count: 1) }
        let cell = self.cell(of: value)
        let position = (value - edges[cell]) * stepsPerUnit[cell]
        let step = Int64(max(0, min(ColumnHistogram.resolution, position)) + 0.5)
        counts[cell] &+= 1
        steps[cell] &+= step
        squaredSteps[cell] &+= UInt64(step &* step)
    }

    /// Adds the histogram of another part of the same column: exactly what adding its values one by one would give.
    ///
    /// - Throws: `edgesDiffer` if the cells are others.
    public mutating func merge(_ other: ColumnHistogram) throws(QuantizerError) {
        guard edges == other.edges else { throw .edgesDiffer }
        for cell in counts.indices {
            counts[cell] += other.counts[cell]
            steps[cell] += other.steps[cell]
            squaredSteps[cell] += other.squaredSteps[cell]
        }
        count += other.count
        invalidCount += other.invalidCount
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        distinct.merge(other.distinct)
    }

    /// The cell that holds x, the nearest one for x outside the edges.
    @inline(__always)
    func cell(of x: Double) -> Int {
        var low = 0
        var length = edges.count - 2
        while length > 0 {
            let half = (length + 1) / 2
            low += edges[low + half] <= x ? half : 0
            length -= half
        }
        return low
    }

    /// The mean of the values in a cell, and their standard deviation.
    func cellMoments(_ cell: Int) -> (mean: Double, deviation: Double) {
        let n = Double(counts[cell])
        guard n > 0 else { return (0.5 * (edges[cell] + edges[cell + 1]), 0) }
        let width = (edges[cell + 1] - edges[cell]) / ColumnHistogram.resolution
        let meanStep = Double(steps[cell]) / n
        let variance = max(0, Double(squaredSteps[cell]) / n - meanStep * meanStep)
        return (edges[cell] + width * meanStep, width * variance.squareRoot())
    }
}
