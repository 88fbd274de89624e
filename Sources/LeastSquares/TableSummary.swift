import Matrices
import QuantizedKernels
import QuantizedMatrices
import Quantizers
import Tables

/// What the first pass over a table learns: exact moments and distinct values of each column, a random sample of rows,
/// and the largest rows. Blocks are read by several threads; the result does not depend on how many.
struct TableSummary {
    private(set) var moments: [ColumnMoments] = []
    private(set) var distinct: [DistinctValues]
    private(set) var sample: DenseMatrix
    /// The largest rows of a long table (see `RowSchedule`), measured by some rows spread evenly over it.
    private(set) var largest: [RowSchedule.Entry] = []
    /// The rows of the table that are in the sample, ascending.
    private let sampled: [Int]
    /// Their places in the sample.
    private let places: [Int]

    /// Nothing yet. `sampleRows` of the rows are drawn.
    init(rows: Int, columns: Int, sampleRows: Int, seed: UInt64, threads: Int) {
        distinct = (0..<columns).map { _ in DistinctValues(limit: Codebook.maximumCount + 1) }
        let drawn = Self.draw(sampleRows, of: rows, seed: seed, threads: threads)
        sample = DenseMatrix(rows: drawn.count, columns: columns)
        places = drawn.indices.sorted { drawn[$0] < drawn[$1] }
        sampled = places.map { drawn[$0] }
    }

    /// A uniform random sample of the numbers below m, by reservoir sampling (Vitter's algorithm R). Cost: m draws.
    private static func draw(_ count: Int, of m: Int, seed: UInt64, threads: Int) -> [Int] {
        var kept = Array(0..<min(count, m))
        let share = 1 << 18, generator = SplitMix64(seed: seed)
        // Rows that go into the reservoir, and where, found part by part.
        let found = parallelMap((max(0, m - count) + share - 1) / share, threads: threads) { part in
            let first = count + part * share
            var generator = generator.advanced(by: part * share)
            var hits: [(place: Int, row: Int)] = []
            for row in first..<min(first + share, m) {
                let place = Int(truncatingIfNeeded: generator.next() % UInt64(row + 1))
                if place < count { hits.append((place, row)) }
            }
            return hits
        }
        for (place, row) in found.joined() { kept[place] = row }
        return kept
    }

    private struct Block: Sendable {
        let rows: Range<Int>
        let moments: [BlockMoments]
        let distinct: [DistinctValues]
        /// Values of the sampled rows, one row after the other.
        let sampled: [Double]
        let large: [RowSchedule.Entry]
    }

    /// Rows spread evenly over the table by which the size of all is measured, about.
    private static let measuringRows = 1024

    /// Reads all rows.
    mutating func read(
        _ stored: any StoredRows, threads: Int, kernels: Kernels, progress: (Double) -> Void
    ) throws(TableError) {
        guard stored.rows > 0 else { return }
        let columns = stored.columnNames.count
        let shifts = try stored.block(first: 0, count: 1).values
        moments = shifts.map { ColumnMoments(shift: $0) }
        var schedule =
            ColumnSurvey.step(rows: stored.rows) > 1
            ? RowSchedule(sample: Self.spread(over: stored, threads: threads), intercept: true, keepsSmallest: false)
            : nil
        let size = RegressionTable.passRows(columns: columns), groupRows = size * 4 * RegressionTable.batchBlocks
        // The first rows show which columns have too many distinct values to count.
        let first = (2 * Codebook.maximumCount / size + 1) * size
        let starts = [0] + stride(from: first, to: stored.rows, by: groupRows)
        for (group, end) in zip(starts, starts.dropFirst() + [stored.rows]) {
            try parallelForEach((end - group + size - 1) / size, threads: threads) {
                [known = distinct, sampled, window = schedule?.window] i throws(TableError) in
                let first = group + i * size
                return try Self.look(
                    at: stored, rows: first..<min(first + size, end), shifts: shifts, known: known, sampled: sampled,
                    window: window, kernels: kernels)
            } use: { (block) throws(TableError) in
                add(block)
                schedule?.add(block.large)
            }
            progress(Double(end) / Double(stored.rows))
        }
        largest = schedule?.finish().first ?? []
    }

    /// About `measuringRows` rows; those that cannot be read, and what follows, are for the pass to report.
    private static func spread(over stored: any StoredRows, threads: Int) -> DenseMatrix {
        let rows = Array(stride(from: 0, to: stored.rows, by: max(1, stored.rows / measuringRows)))
        let parts = parallelMap(8, threads: threads) { part in
            var read: [[Double]] = []
            for row in rows[(part * rows.count / 8)..<((part + 1) * rows.count / 8)] {
                guard let block = try? stored.block(first: row, count: 1) else { break }
                read.append(block.values)
            }
            return read
        }
        let read = Array(parts.joined())
        return DenseMatrix(
            rows: read.count, columns: stored.columnNames.count,
            elements: stored.columnNames.indices.flatMap { j in read.map { $0[j] } })
    }

    private static func look(
        at stored: any StoredRows, rows: Range<Int>, shifts: [Double], known: [DistinctValues],
        sampled: [Int], window: RowSchedule.Window?, kernels: Kernels
    ) throws(TableError) -> Block {
        let values = try stored.block(first: rows.lowerBound, count: rows.count).values
        let span = values.span
        let columns = shifts.indices.map { j in (j * rows.count)..<((j + 1) * rows.count) }
        let distinct = columns.indices.map { j in
            var own = DistinctValues(limit: Codebook.maximumCount + 1)
            if !known[j].overflowed { for i in columns[j] where !own.overflowed { own.insert(values[i], count: 1) } }
            return own
        }
        var taken: [Double] = []
        for row in sampled[Self.range(of: rows, in: sampled)] {
            for column in columns { taken.append(values[column.lowerBound + row - rows.lowerBound]) }
        }
        return Block(
            rows: rows,
            moments: columns.indices.map { j in kernels.moments(span.extracting(columns[j]), shift: shifts[j]) },
            distinct: distinct, sampled: taken,
            large: window?.candidates(
                in: DenseMatrix(rows: rows.count, columns: shifts.count, elements: values), first: rows.lowerBound,
                kernels: kernels) ?? [])
    }

    private mutating func add(_ block: Block) {
        for j in moments.indices {
            moments[j].add(block.moments[j])
            if !distinct[j].overflowed { distinct[j].merge(block.distinct[j]) }
        }
        var next = 0
        for place in places[Self.range(of: block.rows, in: sampled)] {
            for j in 0..<sample.columns {
                sample[place, j] = block.sampled[next]
                next += 1
            }
        }
    }

    /// The places in `sampled` of the rows within a range.
    private static func range(of rows: Range<Int>, in sampled: [Int]) -> Range<Int> {
        sampled.partitioningIndex { $0 >= rows.lowerBound }..<sampled.partitioningIndex { $0 >= rows.upperBound }
    }
}
