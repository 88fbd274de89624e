/// The distinct values of a column with their counts, as long as they are few.
///
/// Past the limit it forgets everything and only remembers that there were too many. Zero and minus zero are one
/// value. Merging two is exact and does not depend on the order.
public struct DistinctValues: Sendable, Equatable {
    /// The most values that are kept.
    public let limit: Int
    /// The distinct values so far, ascending; empty after an overflow.
    public private(set) var values: [Double] = []
    /// How often each value occurred.
    public private(set) var counts: [Int] = []
    /// Whether there were more than `limit` values.
    public private(set) var overflowed = false

    /// No values yet.
    public init(limit: Int) { self.limit = limit }

    /// Counts a value. Cost: log of the number kept; constant after an overflow.
    public mutating func insert(_ value: Double, count: Int) {
        if overflowed { return }
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        if low < values.count, values[low] == value {
            counts[low] += count
        } else if values.count == limit {
            overflowed = true
            values = []
            counts = []
        } else {
            values.insert(value == 0 ? 0 : value, at: low)
            counts.insert(count, at: low)
        }
    }

    /// Adds the values of another part of the same column.
    public mutating func merge(_ other: DistinctValues) {
        if other.overflowed {
            overflowed = true
            values = []
            counts = []
        }
        for (value, count) in zip(other.values, other.counts) { insert(value, count: count) }
    }
}
