/// The largest distinct values of a column with their counts, up to a limit. With negated values, the smallest.
///
/// A value among the largest of a whole is among the largest of its part, so merging is exact and does not depend on
/// the order.
struct ExtremeValues: Sendable {
    /// A value and how often it occurs.
    struct Entry: Sendable, Equatable {
        let value: Double
        var count: Int
    }

    let limit: Int
    /// Ascending, each value once.
    private var kept: [Entry] = []
    /// Values that came since, in any order.
    private var waiting: [Entry] = []

    init(limit: Int) { self.limit = limit }

    /// The largest values, ascending.
    var entries: [Entry] { merged() }

    /// Values below this are not kept.
    var threshold: Double { kept.count < limit ? -.infinity : kept[0].value }

    /// Counts a value if it can be among the largest. Cost: a few steps on average.
    mutating func insert(_ value: Double, count: Int) {
        if value < threshold { return }
        waiting.append(Entry(value: value, count: count))
        if waiting.count == limit {
            kept = merged()
            waiting.removeAll(keepingCapacity: true)
        }
    }

    /// What is kept and what waits together, as many of the largest as are wanted.
    private func merged() -> [Entry] {
        var result: [Entry] = []
        let new = waiting.sorted { $0.value > $1.value }
        var (old, next) = (kept.count - 1, 0)
        while result.count <= limit, old >= 0 || next < new.count {
            let isOld = next == new.count || old >= 0 && kept[old].value >= new[next].value
            let entry = isOld ? kept[old] : new[next]
            if isOld { old -= 1 } else { next += 1 }
            if result.last?.value == entry.value {
                result[result.count - 1].count += entry.count
            } else {
                result.append(entry)
            }
        }
        if result.count > limit { result.removeLast() }
        return result.reversed()
    }

    mutating func merge(_ other: ExtremeValues) {
        for entry in other.entries { insert(entry.value, count: entry.count) }
    }
}

extension ExtremeValues: Equatable {
    /// Whether the largest values are the same.
    static func == (a: ExtremeValues, b: ExtremeValues) -> Bool { a.limit == b.limit && a.entries == b.entries }
}
