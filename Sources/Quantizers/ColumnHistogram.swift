/// A summary of a column from which codebooks are designed: counts and moments over a few thousand cells, the 256
/// smallest and largest values exactly, and the distinct values as long as there are at most 257.
///
/// Inside a cell a value is held as one of 2¹⁶ steps, and the sums of steps and of their squares are integers. So adding is
/// associative: the histogram, and every codebook made from it, does not depend on the order of the rows or on how
/// they were split over threads and merged. Memory: 32 bytes per
/// cell and 30 KB.
public struct ColumnHistogram: Sendable, Equatable {
    /// The m + 1 ascending boundaries of m cells; cell c is [edges[c], edges[c+1]), the last one closed.
    public let edges: [Double]
    /// Per cell the number of values, the sum of their steps and the sum of squared steps. Values outside the edges
    /// count in the nearest cell.
    private var sums: [SIMD4<Int64>]
    private let stepsPerUnit: [Double]
    private var largest = ExtremeValues(limit: extremeCount)
    private var smallestNegated = ExtremeValues(limit: extremeCount)

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
    /// How many distinct values are kept exactly at each end.
    static let extremeCount = 256

    /// An empty histogram with given cell boundaries.
    ///
    /// - Throws: `levelsNotAscending` unless there are at least two edges, finite and strictly ascending.
    public init(edges: [Double]) throws(QuantizerError) {
        guard edges.count >= 2, edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw .levelsNotAscending
        }
        self.edges = edges
        sums = [SIMD4<Int64>](repeating: .zero, count: edges.count - 1)
        stepsPerUnit = zip(edges, edges.dropFirst()).map { ColumnHistogram.resolution / ($1 - $0) }
    }

    /// The histogram of a column that is at hand, with cells placed by a sample of it. Cost: n log m.
    ///
    /// - Throws: `noValues` if nothing is finite.
    public init(values: [Double], cells: Int = defaultCellCount) throws(QuantizerError) {
        let sorted = RadixSort.sorted(values.filter(\.isFinite))
        guard let first = sorted.first, let last = sorted.last else { throw .noValues }
        let step = max(1, values.count / ColumnHistogram.sampleSize)
        let edges =
            step == 1
            ? ColumnHistogram.edges(sorted: sorted, minimum: first, maximum: last, cells: cells)
            : try ColumnHistogram.edges(
                sample: stride(from: 0, to: values.count, by: step).map { values[$0] }, minimum: first, maximum: last,
                cells: cells)
        try self.init(edges: edges)
        invalidCount = Int64(values.count - sorted.count)
        add(sorted: sorted)
    }

    /// Adds one value. Cost: log of the number of cells.
    public mutating func add(_ value: Double) { add([value]) }

    /// Adds a block of values. Cost: sorting them.
    public mutating func add(_ values: [Double]) {
        let sorted = RadixSort.sorted(values.filter(\.isFinite))
        invalidCount += Int64(values.count - sorted.count)
        add(sorted: sorted)
    }

    private mutating func add(sorted: [Double]) {
        guard let first = sorted.first, let last = sorted.last else { return }
        count += Int64(sorted.count)
        minimum = min(minimum, first)
        maximum = max(maximum, last)
        addDistinct(sorted)
        addExtremes(sorted)
        addToCells(sorted)
    }

    private mutating func addDistinct(_ sorted: [Double]) {
        var start = 0
        while start < sorted.count, !distinct.overflowed {
            let end = sorted[start...].firstIndex { $0 > sorted[start] } ?? sorted.count
            distinct.insert(sorted[start], count: end - start)
            start = end
        }
    }

    private mutating func addExtremes(_ sorted: [Double]) {
        for value in sorted.reversed() {
            if value < largest.threshold { break }
            largest.insert(value, count: 1)
        }
        for value in sorted {
            if -value < smallestNegated.threshold { break }
            smallestNegated.insert(-value, count: 1)
        }
    }

    private mutating func addToCells(_ sorted: [Double]) {
        let edges = self.edges, stepsPerUnit = self.stepsPerUnit
        var cells = sums.mutableSpan
        var cell = 0
        for value in sorted {
            if edges[cell + 1] <= value { cell = Self.cell(of: value, edges, from: cell) }
            let step = Self.step(value - edges[cell], stepsPerUnit[cell])
            cells[cell] &+= SIMD4(1, step, step &* step, 0)
        }
    }

    /// The cell c with edges[c] ≤ x < edges[c+1], the nearest for x outside, looked for from another one on.
    private static func cell(of x: Double, _ edges: [Double], from start: Int) -> Int {
        var low = start, reach = 1
        while low + reach < edges.count - 1, edges[low + reach] <= x {
            low += reach
            reach *= 2
        }
        var high = min(low + reach, edges.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if edges[middle] <= x { low = middle } else { high = middle }
        }
        return low
    }

    /// The step of a value inside its cell, 0 … 2¹⁶.
    private func step(_ value: Double, _ cell: Int) -> Int64 { Self.step(value - edges[cell], stepsPerUnit[cell]) }

    @inline(__always)
    private static func step(_ distance: Double, _ stepsPerUnit: Double) -> Int64 {
        Int64(max(0, min(resolution, distance * stepsPerUnit)) + 0.5)
    }

    /// Adds the histogram of another part of the same column: exactly what adding its values one by one would give.
    ///
    /// - Throws: `edgesDiffer` if the cells are others.
    public mutating func merge(_ other: ColumnHistogram) throws(QuantizerError) {
        guard edges == other.edges else { throw .edgesDiffer }
        for cell in sums.indices { sums[cell] &+= other.sums[cell] }
        count += other.count
        invalidCount += other.invalidCount
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        distinct.merge(other.distinct)
        largest.merge(other.largest)
        smallestNegated.merge(other.smallestNegated)
    }

    /// One run of neighbouring values: a cell without the extreme values in it, or one extreme value.
    struct Run {
        var count: Int64
        var mean: Double
        var deviation: Double
        var lower: Double
        var upper: Double
    }

    /// The column as ascending runs: extreme values one by one, between them the occupied cells.
    var runs: [Run] {
        let low = smallestNegated.entries.reversed().map { (-$0.value, Int64($0.count)) }
        var high = largest.entries.map { ($0.value, Int64($0.count)) }
        if let last = low.last { high.removeAll { $0.0 <= last.0 } }
        let (floor, ceiling) = (low.last?.0 ?? minimum, high.first?.0 ?? maximum)
        var rest = sums
        for (value, count) in low + high {
            let cell = Self.cell(of: value, edges, from: 0)
            let step = self.step(value, cell)
            rest[cell] &-= SIMD4(count, count * step, count * step * step, 0)
        }
        var result = low.map { Run(count: $0.1, mean: $0.0, deviation: 0, lower: $0.0, upper: $0.0) }
        for cell in rest.indices where rest[cell].x > 0 {
            let n = Double(rest[cell].x)
            let width = (edges[cell + 1] - edges[cell]) / ColumnHistogram.resolution
            let meanStep = Double(rest[cell].y) / n
            let variance = max(0, Double(UInt64(bitPattern: rest[cell].z)) / n - meanStep * meanStep)
            let lower = max(edges[cell], floor)
            let upper = max(lower, min(edges[cell + 1], ceiling))
            let mean = min(max(edges[cell] + width * meanStep, lower), upper)
            result.append(
                Run(
                    count: rest[cell].x, mean: mean, deviation: width * variance.squareRoot(), lower: lower,
                    upper: upper))
        }
        return result + high.map { Run(count: $0.1, mean: $0.0, deviation: 0, lower: $0.0, upper: $0.0) }
    }
}
