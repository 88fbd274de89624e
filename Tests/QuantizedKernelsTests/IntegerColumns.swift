/// n columns of m rows, `stride` entries apart; the entries between columns are poison that must not be used.
struct IntegerColumns<Entry: FixedWidthInteger & SignedInteger & Sendable> {
    let rows, stride, count: Int
    var entries: [Entry]

    init(rows: Int, stride: Int, count: Int, entry: (Int, Int) -> Entry) {
        (self.rows, self.stride, self.count) = (rows, stride, count)
        entries = Array(repeating: 101, count: max(0, (count - 1) * stride + rows))
        for j in 0..<count { for i in 0..<rows { entries[j * stride + i] = entry(i, j) } }
    }

    /// Entries drawn evenly from −largest … largest.
    init(rows: Int, stride: Int, count: Int, largest: Int, using random: inout SplitMix64) {
        self.init(rows: rows, stride: stride, count: count) { _, _ in
            Entry.random(in: Entry(-largest)...Entry(largest), using: &random)
        }
    }

    /// The sum over rows of products of column j with column k of `other`, by the definition.
    func product(_ j: Int, _ other: IntegerColumns, _ k: Int) -> Int64 {
        var sum: Int64 = 0
        for i in 0..<rows { sum += Int64(entries[j * stride + i]) * Int64(other.entries[k * other.stride + i]) }
        return sum
    }

    /// A Gram matrix that held 1000 + index before the sums were added; its upper triangle is untouched.
    func expectedGram() -> [Int64] {
        (0..<count * count).map { index in
            let (j, k) = (index % count, index / count)
            return Int64(1000 + index) + (j >= k ? product(j, self, k) : 0)
        }
    }
}
