import QuantizedKernels

/// n columns of m rows, `stride` entries apart; the entries between columns are poison that must not be used.
struct IntegerColumns<Entry: FixedWidthInteger & SignedInteger & Sendable> {
    let rows, stride, count: Int
    let entries: [Entry]
    /// The entries again, so that the reference loops run over one concrete type.
    private let wide: [Int64]

    init(rows: Int, stride: Int, count: Int, entry: (Int, Int) -> Entry) {
        (self.rows, self.stride, self.count) = (rows, stride, count)
        var entries = [Entry](repeating: 101, count: max(0, (count - 1) * stride + rows))
        for j in 0..<count { for i in 0..<rows { entries[j * stride + i] = entry(i, j) } }
        self.entries = entries
        wide = entries.map { Int64($0) }
    }

    /// Entries drawn evenly from −largest … largest.
    init(rows: Int, stride: Int, count: Int, largest: Int, using random: inout SplitMix64) {
        self.init(rows: rows, stride: stride, count: count) { _, _ in
            Entry.random(in: Entry(-largest)...Entry(largest), using: &random)
        }
    }

    /// The sum over rows of products of column j with column k of `other`, by the definition.
    func product(_ j: Int, _ other: IntegerColumns, _ k: Int) -> Int64 {
        sumOfProducts(wide[j * stride..<j * stride + rows], other.wide[k * other.stride..<k * other.stride + rows])
    }

    /// A Gram matrix that held 1000 + index before the sums were added, its upper triangle untouched, then sums of the
    /// columns that held 500 + index.
    func expectedGram() -> [Int64] {
        let products = (0..<count * count).map { index in
            let (j, k) = (index % count, index / count)
            return Int64(1000 + index) + (j >= k ? product(j, self, k) : 0)
        }
        return products
            + (0..<count).map { j in wide[j * stride..<j * stride + rows].reduce(Int64(500 + j), +) }
    }

    /// What a kernel makes of the start of `expectedGram`; `nil` where it touched anything else.
    func gram(
        _ body: (inout MutableSpan<Int64>, inout MutableSpan<Int64>, inout MutableSpan<UInt8>) -> Void
    ) -> [Int64]? {
        var products: [Int64]?
        let scratchCount = Kernels.gramScratchByteCount(columns: count)
        let sums = guarded(count, start: 1, guardValue: Int64(-5)) { sums in
            for j in sums.indices { sums[j] = Int64(500 + j) }
            let scratch = guarded(scratchCount, start: 4, guardValue: UInt8(7)) { scratch in
                products = guarded(count * count, start: 1, guardValue: Int64(-5)) { gram in
                    for index in gram.indices { gram[index] = Int64(1000 + index) }
                    body(&gram, &sums, &scratch)
                }
            }
            if scratch == nil { products = nil }
        }
        guard let products, let sums else { return nil }
        return products + sums
    }
}

private func sumOfProducts(_ a: ArraySlice<Int64>, _ b: ArraySlice<Int64>) -> Int64 {
    var sum: Int64 = 0, i = a.startIndex, k = b.startIndex
    while i < a.endIndex {
        sum += a[i] * b[k]
        i += 1
        k += 1
    }
    return sum
}
