/// The largest distinct values of a column with their counts, up to a limit. With negated values, the smallest.
///
/// A value among the largest of a whole is among the largest of its part, so merging is exact and does not depend on
/// the order.
struct ExtremeValues: Sendable, Equatable {
    let limit: Int
    /// Ascending.
    private(set) var values: [Double] = []
    private(set) var counts: [Int] = []

    init(limit: Int) { self.limit = limit }

    /// Values below this are not kept.
    var threshold: Double { values.count < limit ? -.infinity : values[0] }

    /// Counts a value if it is among the largest. Cost: up to the limit.
    mutating func insert(_ value: Double, count: Int) {
        if value < threshold { return }
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        if low < values.count, values[low] == value {
            counts[low] += count
            return
        }
        values.insert(value, at: low)
        counts.insert(count, at: low)
        if values.count > limit {
            values.removeFirst()
            counts.removeFirst()
        }
    }

    mutating func merge(_ other: ExtremeValues) {
        for (value, count) in zip(other.values, other.counts) { insert(value, count: count) }
    }
}
