/// An estimate of m(x) = E[Y² | X = x] from pairs: averages over runs of x with enough pairs each, joined by lines.
///
/// Runs are short where x is dense and have at least `minimumPairs` pairs, so that thin tails borrow from their
/// neighbours; beyond the outermost runs the last line goes on, but not below a tenth of the last average.
public struct ConditionalSecondMoment: Sendable, Equatable {
    /// Mean x of each run, strictly ascending.
    public let positions: [Double]
    /// Mean y² of each run.
    public let values: [Double]

    /// The estimate from n pairs; pairs that are not finite are left out.
    ///
    /// - Parameters:
    ///   - y: the partner whose square is averaged.
    ///   - x: the variable that it depends on.
    ///   - runs: about the largest number of runs.
    ///   - minimumPairs: the smallest number of pairs in a run.
    /// - Throws: `lengthsDiffer` or `noValues`. Cost: sorting a sample, and a few steps per pair.
    public init(
        of y: [Double], given x: [Double], runs: Int = 128, minimumPairs: Int = 64
    ) throws(QuantizerError) {
        guard x.count == y.count else { throw .lengthsDiffer(x.count, y.count) }
        let kept = x.indices.filter { x[$0].isFinite && y[$0].isFinite }
        let runs = try Runs(kept.map { x[$0] }, count: runs, minimumPairs: minimumPairs)
        var sums = [Double](repeating: 0, count: runs.positions.count)
        for (i, run) in zip(kept, runs.indices) { sums[Int(run)] += y[i] * y[i] }
        positions = runs.positions
        values = zip(sums, runs.counts).map { $0 / $1 }
    }

    /// m(x). Cost: log of the number of runs.
    public func value(_ x: Double) -> Double {
        let (i, share) = Runs.place(x, positions)
        guard positions.count > 1 else { return values[0] }
        let line = values[i] + share * (values[i + 1] - values[i])
        if share < 0 { return max(line, 0.1 * values[i]) }
        return share > 1 ? max(line, 0.1 * values[i + 1]) : line
    }
}

/// A division of a variable's sample into runs of neighbouring values for smoothing.
struct Runs: Sendable, Equatable {
    /// The mean of each run, strictly ascending.
    let positions: [Double]
    /// The number of values in each run.
    let counts: [Double]
    /// The run of each value.
    let indices: [Int32]

    /// Runs of finite values.
    init(_ values: [Double], count: Int, minimumPairs: Int) throws(QuantizerError) {
        let stride = max(1, values.count / ColumnHistogram.sampleSize)
        let sample = Swift.stride(from: 0, to: values.count, by: stride).map { values[$0] }
        let edges = try ColumnHistogram.edges(
            sample: sample, minimum: values.min(), maximum: values.max(), cells: max(16, count))
        let locator = CellLocator(edges)
        let cells = values.map { locator.cell(of: $0, edges) }
        var perCell = [Int](repeating: 0, count: edges.count - 1)
        for cell in cells { perCell[cell] += 1 }
        let runOfCell = Runs.joined(perCell, minimumPairs: minimumPairs)
        let runCount = Int(runOfCell[runOfCell.count - 1]) + 1
        var sums = [Double](repeating: 0, count: runCount)
        var counts = sums
        for (value, cell) in zip(values, cells) {
            sums[Int(runOfCell[cell])] += value
            counts[Int(runOfCell[cell])] += 1
        }
        self.counts = counts
        positions = zip(sums, counts).map { $0 / $1 }
        indices = cells.map { runOfCell[$0] }
    }

    /// Joins cells from the left until each run is large enough; a remainder goes to the last run.
    private static func joined(_ counts: [Int], minimumPairs: Int) -> [Int32] {
        var rest = counts.reduce(0, +)
        var result: [Int32] = []
        var run: Int32 = 0
        var size = 0
        for count in counts {
            result.append(run)
            size += count
            rest -= count
            if size >= minimumPairs, rest >= max(1, minimumPairs) {
                run += 1
                size = 0
            }
        }
        return result
    }

    /// The segment of ascending positions to interpolate in, and the share of the way along it; outside [0, 1] beyond
    /// the ends.
    static func place(_ x: Double, _ positions: [Double]) -> (Int, Double) {
        guard positions.count > 1 else { return (0, 0) }
        let i = x <= positions[0] ? 0 : min(positions.count - 2, lastIndex(positions, notAbove: x))
        let width = positions[i + 1] - positions[i]
        return (i, width > 0 ? (x - positions[i]) / width : 0)
    }
}
