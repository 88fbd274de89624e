import Foundation

extension ColumnHistogram {
    /// The number of cells unless another is asked for.
    public static let defaultCellCount = 4096
    /// The most values of a column that are sorted to place the cells.
    static let sampleSize = 32768

    /// Cell boundaries adapted to a sample of the column.
    ///
    /// Half of the cells follow f^{1/3}, the density of the levels of a good codebook (an interval that holds a share
    /// Δp of the sample and has length Δx gets Δp^{1/3}Δx^{2/3}), a quarter follows f and a quarter the length, so
    /// that weighted designs find cells too. Beyond the sample, cells grow geometrically to the minimum and maximum.
    ///
    /// - Parameters:
    ///   - sample: some values of the column, in any order.
    ///   - minimum, maximum: the extremes of the column where known; nil reaches 2⁴⁰ sample widths out.
    ///   - cells: about how many cells are wanted, at least 16.
    /// - Throws: `noValues` if the sample has no finite value. Cost: a few passes over the sample.
    public static func edges(
        sample: [Double], minimum: Double? = nil, maximum: Double? = nil, cells: Int = defaultCellCount
    ) throws(QuantizerError) -> [Double] {
        let sorted = RadixSort.sorted(sample.filter(\.isFinite))
        guard !sorted.isEmpty else { throw .noValues }
        return edges(sorted: sorted, minimum: minimum, maximum: maximum, cells: cells)
    }

    /// The same for a sample in ascending order, which is not empty.
    static func edges(sorted: [Double], minimum: Double?, maximum: Double?, cells: Int) -> [Double] {
        let first = sorted[0]
        let last = sorted[sorted.count - 1]
        if first == last { return around(first, minimum, maximum) }
        let inner = innerEdges(sorted, cells: max(16, cells))
        let width = last - first
        let lower = outerEdges(from: first, to: minimum ?? (first - width * 0x1p40), step: -width / 256)
        let upper = outerEdges(from: last, to: maximum ?? (last + width * 0x1p40), step: width / 256)
        return strictlyAscending(lower.reversed() + inner + upper)
    }

    /// Boundaries where the sample is a single value.
    private static func around(_ value: Double, _ minimum: Double?, _ maximum: Double?) -> [Double] {
        let low = min(value, minimum ?? value)
        let high = max(value, maximum ?? value)
        let width = max(high - low, max(abs(value), .leastNormalMagnitude / .ulpOfOne) * 1e-9)
        let lower = outerEdges(from: value, to: low - width / 16, step: -width / 4096)
        let upper = outerEdges(from: value.nextUp, to: high + width / 16, step: width / 4096)
        return strictlyAscending(lower.reversed() + [value, value.nextUp] + upper)
    }

    /// Boundaries inside the range of a sorted sample.
    private static func innerEdges(_ sorted: [Double], cells: Int) -> [Double] {
        let group = max(1, sorted.count / 4096)
        var knots = [sorted[0]]
        var shares: [Double] = []
        var index = 0
        while index < sorted.count - 1 {
            // One value at a time near the ends, where a tail has few.
            let isEnd = index < 512 || index + 512 >= sorted.count
            let next = min(sorted.count - 1, index + (isEnd ? 1 : group))
            shares.append(Double(next - index))
            knots.append(sorted[next])
            index = next
        }
        let total = shares.reduce(0, +)
        let range = sorted[sorted.count - 1] - sorted[0]
        let cubeRoots = shares.indices.map {
            cbrt(shares[$0] / total) * pow((knots[$0 + 1] - knots[$0]) / range, 2.0 / 3)
        }
        let cubeRootTotal = cubeRoots.reduce(0, +)
        var cumulative = [0.0]
        for i in shares.indices {
            let length = (knots[i + 1] - knots[i]) / range
            let density = 0.5 * cubeRoots[i] / cubeRootTotal + 0.25 * shares[i] / total + 0.25 * length
            cumulative.append(cumulative[i] + density)
        }
        return equalShares(knots, cumulative, cells: cells)
    }

    /// Points at which a piecewise linear cumulative function passes 0, 1/cells, 2/cells, … of its total.
    private static func equalShares(_ knots: [Double], _ cumulative: [Double], cells: Int) -> [Double] {
        let total = cumulative[cumulative.count - 1]
        var result: [Double] = []
        var interval = 0
        for i in 0...cells {
            let target = total * Double(i) / Double(cells)
            while interval < knots.count - 2, cumulative[interval + 1] < target { interval += 1 }
            let rise = cumulative[interval + 1] - cumulative[interval]
            let share = rise > 0 ? min(1, max(0, (target - cumulative[interval]) / rise)) : 0
            result.append(knots[interval] + share * (knots[interval + 1] - knots[interval]))
        }
        result[result.count - 1] = knots[knots.count - 1]
        return result
    }

    /// Boundaries beyond a point, each step 2^{1/4} times the one before, ending at the target.
    private static func outerEdges(from start: Double, to target: Double, step: Double) -> [Double] {
        var result: [Double] = []
        var position = start
        var length = step
        while length > 0 ? position + 1.5 * length < target : position + 1.5 * length > target {
            position += length
            guard position.isFinite else { return result }
            result.append(position)
            length *= 1.189207115002721
        }
        if target.isFinite, length > 0 ? target > start : target < start { result.append(target) }
        return result
    }

    private static func strictlyAscending(_ values: [Double]) -> [Double] {
        var result: [Double] = []
        for value in values where result.last.map({ $0 < value }) ?? true { result.append(value) }
        return result
    }
}
