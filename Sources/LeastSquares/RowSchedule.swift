import Matrices
import QuantizedKernels
import Quantizers

/// The rows that balanced rounding takes out of turn: the largest of a table first, the smallest last.
///
/// What balancing leaves of a discrepancy D_jk = Σ_i (r_ij·r_ik − x_ij·x_ik) is as large as what the last rows can add
/// and take away, a rounding step times |x_ik|. Large rows are therefore placed where many others follow that work off
/// what they leave, small ones where they set the last digits. An outlier of 200 standard deviations near the end of a
/// table leaves a discrepancy that no prediction from means of the others foresees.
///
/// The size of a row is Σ_j ((u_ij − c_j)/s_j)², c and s mean and deviation of the column on the pilot sample. Tables of
/// up to twice the capacity are ordered by size throughout. Memory: four times `capacity` rows.
struct RowSchedule {
    /// A row taken out of turn.
    struct Entry: Sendable {
        let row: Int
        let size: Double
        let values: [Double]
    }

    private let capacity: Int
    private let keepsSmallest: Bool
    private let centers: [Double]
    private let weights: [Double]
    private var largest: [Entry] = []
    private var smallest: [Entry] = []
    private var upper = -Double.infinity
    private var lower = Double.infinity

    /// No rows yet; `sample` are the pilot rows after the transform. `keepsSmallest` is whether the smallest rows are
    /// looked for too.
    init(sample: DenseMatrix, intercept: Bool, keepsSmallest: Bool = true) {
        self.keepsSmallest = keepsSmallest
        capacity = max(64, min(4096, (1 << 18) / max(1, sample.columns)))
        let count = Double(max(1, sample.rows))
        let means = (0..<sample.columns).map { intercept ? sample.column($0).reduce(0, +) / count : 0 }
        centers = means
        weights = means.indices.map { j in
            let variance = sample.column(j).reduce(0) { $0 + ($1 - means[j]) * ($1 - means[j]) } / count
            return variance > 0 ? 1 / variance : 0
        }
    }

    /// What rows are looked at with: without the rows kept so far, which a copy would have to take along.
    struct Window: Sendable {
        fileprivate let centers: [Double]
        fileprivate let weights: [Double]
        fileprivate let upper: Double
        fileprivate let lower: Double

        /// The rows of a block (k × p), which starts at the given row of the table, that are large or small enough to be
        /// kept. Cost: k·p.
        func candidates(in block: DenseMatrix, first: Int, kernels: Kernels) -> [Entry] {
            let k = block.rows
            var sizes = [Double](repeating: 0, count: k)
            for j in 0..<block.columns {
                var target = sizes.mutableSpan
                kernels.addRowSizes(
                    block.elements.span.extracting((j * k)..<((j + 1) * k)), center: centers[j], weight: weights[j],
                    to: &target)
            }
            return sizes.indices.filter { sizes[$0] > upper || sizes[$0] < lower }.map { i in
                Entry(row: first + i, size: sizes[i], values: (0..<block.columns).map { block[i, $0] })
            }
        }
    }

    /// The window for the next blocks.
    var window: Window {
        Window(centers: centers, weights: weights, upper: upper, lower: keepsSmallest ? lower : -.infinity)
    }

    /// Adds the candidates of a block. What is kept in the end does not depend on the order of the blocks.
    mutating func add(_ candidates: [Entry]) {
        for entry in candidates {
            if entry.size > upper { largest.append(entry) }
            if keepsSmallest, entry.size < lower { smallest.append(entry) }
        }
        if largest.count >= 2 * capacity { upper = Self.keep(&largest, capacity, by: Self.isBefore) }
        if smallest.count >= 2 * capacity { lower = Self.keep(&smallest, capacity) { Self.isBefore($1, $0) } }
    }

    /// Adds rows of a block (k × p) that are numbered otherwise than in turn.
    mutating func add(_ block: DenseMatrix, numbers: [Int], kernels: Kernels) {
        add(
            window.candidates(in: block, first: 0, kernels: kernels).map {
                Entry(row: numbers[$0.row], size: $0.size, values: $0.values)
            })
    }

    /// The rows to take first and those to take last, both from large to small; those to take first in a somewhat other
    /// order for every seed.
    consuming func finish(shufflingNeighbours seed: UInt64? = nil) -> (first: [Entry], last: [Entry]) {
        _ = Self.keep(&largest, capacity, by: Self.isBefore)
        let taken = Set(largest.map(\.row))
        smallest.removeAll { taken.contains($0.row) }
        _ = Self.keep(&smallest, capacity) { Self.isBefore($1, $0) }
        if let seed {
            var generator = SplitMix64(seed: seed)
            Self.shuffleNeighbours(&largest, using: &generator)
        }
        return (largest, smallest.reversed())
    }

    /// Shuffles each eight entries in turn.
    private static func shuffleNeighbours(_ entries: inout [Entry], using generator: inout SplitMix64) {
        for start in stride(from: 0, to: entries.count, by: 8) {
            entries[start..<min(start + 8, entries.count)].shuffle(using: &generator)
        }
    }

    /// What entries are ordered by, and the place of one.
    private struct Key {
        let size: Double
        let row: Int
        let place: Int
    }

    private static func isBefore(_ a: Key, _ b: Key) -> Bool {
        a.size != b.size ? a.size > b.size : a.row < b.row
    }

    /// Keeps the first `count` entries and returns the size of the last of them.
    private static func keep(_ entries: inout [Entry], _ count: Int, by order: (Key, Key) -> Bool) -> Double {
        // Keys are sorted and not the entries, whose values would be counted and moved at every step.
        let keys = entries.indices.map { Key(size: entries[$0].size, row: entries[$0].row, place: $0) }
        entries = keys.sorted(by: order).prefix(count).map { entries[$0.place] }
        return entries.last?.size ?? 0
    }
}

extension [RowSchedule.Entry] {
    /// The rows column by column.
    var columnMajor: [Double] {
        guard let first else { return [] }
        return first.values.indices.flatMap { j in map { $0.values[j] } }
    }
}
