import Matrices
import QuantizedKernels
import Quantizers
import Tables

/// What a regression needs to know of a table: its rows, kept so that they can be read several times, exact moments
/// and distinct values per column, and a random sample of rows.
///
/// Rows that are on disk or in memory already are read where they are; others are spooled. Memory: the spool's limit
/// (64 MB, beyond it a temporary file), and the sample.
public final class RegressionTable {
    /// Predictors first, then responses.
    public let names: [String]
    /// The number of predictors, n.
    public let predictors: Int
    /// The number of responses, r.
    public var responses: Int { names.count - predictors }
    /// The number of rows, m.
    public var rows: Int { stored.rows }
    /// Rows that were left out because a value was missing.
    public let droppedRows: Int
    /// Exact moments of each column.
    public let moments: [ColumnMoments]
    /// The distinct values of each column, up to 257.
    public let distinct: [DistinctValues]
    /// Randomly chosen rows (k × p), all of them if there are no more than asked for.
    public let sample: DenseMatrix
    /// Of a long table the largest rows, each column by its deviation.
    let largest: [RowSchedule.Entry]

    private let stored: any StoredRows
    private let threads: Int

    /// Reads a source to its end.
    ///
    /// - Parameters:
    ///   - source: delivers the predictor columns first, then the responses.
    ///   - predictors: how many of the columns are predictors.
    ///   - sampleRows: rows of the random sample; nil for the larger of 4096 and 8n.
    ///   - seed: of the sample; the same seed and rows give the same sample.
    ///   - threads: over blocks of rows; nothing depends on it.
    ///   - kernels: what the loops over numbers use; nothing depends on them.
    ///   - progress: called with the fraction read, where the source knows it.
    /// - Throws: as the source, and `tooManyColumns` beyond ``largestColumnCount``.
    public init(
        reading source: any TableSource, predictors: Int, sampleRows: Int? = nil, seed: UInt64 = 1, threads: Int = 1,
        kernels: Kernels = .best, progress: (Double) -> Void = { _ in }
    ) throws(TableError) {
        names = source.columnNames
        self.predictors = predictors
        self.threads = threads
        guard names.count <= Self.largestColumnCount else {
            throw TableError(
                file: "a dense regression", reason: .tooManyColumns(found: names.count, limit: Self.largestColumnCount))
        }
        if let kept = source.storedRows {
            stored = kept
        } else {
            stored = try Self.spooling(source, progress: progress)
        }
        droppedRows = source.droppedRows
        var summary = TableSummary(
            rows: stored.rows, columns: names.count, sampleRows: sampleRows ?? max(4096, 8 * predictors), seed: seed,
            threads: threads)
        try summary.read(stored, threads: threads, kernels: kernels, progress: progress)
        moments = summary.moments
        distinct = summary.distinct
        sample = summary.sample
        largest = summary.largest
    }

    /// Columns at most: several matrices of that many rows and columns are held, 2 GiB each.
    public static let largestColumnCount = 16_384

    /// Keeps the rows of a source that can be read only once.
    private static func spooling(
        _ source: any TableSource, progress: (Double) -> Void
    ) throws(TableError) -> any StoredRows {
        let spool = try RowSpool(columnNames: source.columnNames)
        while let block = try source.nextRows() {
            try spool.append(block)
            if let fraction = source.fractionRead { progress(fraction) }
        }
        return spool.storedRows
    }

    /// The sampled rows as a table of their own, all of them its sample.
    ///
    /// - Parameters:
    ///   - columns: its columns, predictors first; nil for all.
    ///   - rows: the first so many; nil for all.
    func sampleTable(columns: [Int]? = nil, rows: Int? = nil, seed: UInt64) throws(RegressionError) -> RegressionTable {
        let columns = columns ?? Array(names.indices), rows = rows ?? sample.rows
        do {
            let source = try ArrayTableSource(
                names: columns.map { names[$0] }, columns: columns.map { Array(sample.column($0)[..<rows]) },
                label: "sample")
            return try RegressionTable(
                reading: source, predictors: columns.count { $0 < predictors }, sampleRows: rows, seed: seed)
        } catch {
            throw .table(error)
        }
    }

    /// Rows of a block in passes block after block.
    static let blockRows = 4096

    /// Refuses columns of a magnitude whose fourth power leaves the range of double precision.
    func checkMagnitudes() throws(RegressionError) {
        try Self.checkMagnitudes(zip(names, moments).map { ($0, max(abs($1.minimum), abs($1.maximum))) })
    }

    /// The same of columns by the largest magnitudes in them.
    static func checkMagnitudes(_ columns: [(name: String, largest: Double)]) throws(RegressionError) {
        for (name, largest) in columns {
            guard largest == 0 || (1e-70...1e70).contains(largest) else {
                throw .magnitude(column: name, largest: largest)
            }
        }
    }

    /// Calls `body` with each block of rows in turn, as a k × p matrix of the columns listed (nil for all); some blocks are
    /// read ahead by the table's threads. Throws `cancelled` between blocks in a task that was cancelled.
    public func forEachBlock(
        of columns: [Int]? = nil, _ body: (DenseMatrix) throws(RegressionError) -> Void
    ) throws(RegressionError) {
        let columns = columns ?? Array(names.indices)
        let starts = Array(stride(from: 0, to: rows, by: Self.blockRows))
        let ahead = max(1, min(2 * threads, Self.numbersAhead / (Self.blockRows * max(1, columns.count))))
        for group in stride(from: 0, to: starts.count, by: ahead) {
            try parallelForEach(min(ahead, starts.count - group), threads: threads) {
                [stored, rows] i throws(RegressionError) in
                let first = starts[group + i]
                return try Self.block(
                    of: stored, first: first, count: min(Self.blockRows, rows - first), columns: columns)
            } use: { (block) throws(RegressionError) in
                try RegressionError.checkCancellation()
                try body(block)
            }
        }
    }

    /// Numbers in blocks that are read ahead, at most.
    private static let numbersAhead = 1 << 22

    /// A block of rows in a pass made by several threads.
    struct PassBlock: Sendable {
        /// The row of the table that it starts with.
        let first: Int
        let rows: DenseMatrix
    }

    /// Rows of a block in such passes: about 2¹⁶ numbers, so that a block and what is made of it stay in the cache, and an
    /// odd multiple of 64, so that the columns of a block do not compete for the same places there.
    static func passRows(columns: Int) -> Int {
        let most = min(960, max(256, (1 << 16) / max(1, columns)))
        return (most / 64 - 1) / 2 * 128 + 64
    }

    /// Blocks of a batch, as many as the threads of most machines; part of the definition of balanced codes.
    static let batchBlocks = 8

    /// The number of blocks in a pass over the columns listed.
    func blockCount(of columns: [Int]) -> Int {
        let size = Self.passRows(columns: columns.count)
        return (rows + size - 1) / size
    }

    /// Goes through the table in groups of so many blocks; nil for any. For each group `context` is made with its number,
    /// `body` is called with it for all blocks, at the same time by up to `threads` threads, and `use` with the results in
    /// the order of the blocks, meanwhile.
    func forEachBlock<Context: Sendable, T: Sendable>(
        of columns: [Int], groups: [Int]? = nil, threads: Int, context: (_ group: Int) -> Context,
        body: @Sendable (Context, PassBlock) -> T, use: (T) throws(RegressionError) -> Void
    ) throws(RegressionError) {
        let size = Self.passRows(columns: columns.count), blocks = blockCount(of: columns)
        var start = 0
        var group = 0
        while start < blocks {
            try RegressionError.checkCancellation()
            let context = context(group), count = min(groups?[group] ?? 4 * Self.batchBlocks, blocks - start)
            try parallelForEach(count, threads: threads) { [stored, rows, start] i throws(RegressionError) in
                let first = (start + i) * size
                let block = try Self.block(of: stored, first: first, count: min(size, rows - first), columns: columns)
                return body(context, PassBlock(first: first, rows: block))
            } use: { (result) throws(RegressionError) in
                try use(result)
            }
            start += count
            group += 1
        }
    }

    /// Goes through the table in batches of blocks. For each batch `context` is made, `body` is called with it for all
    /// blocks, at the same time by up to `threads` threads, then `combine` with the results in the order of the blocks.
    /// Batches don't depend on the threads. Of every so many batches only the first is read.
    func forEachBatch<Context: Sendable, T: Sendable>(
        of columns: [Int], every step: Int = 1, threads: Int, context: () -> Context,
        body: @Sendable (Context, PassBlock) -> T,
        combine: (Context, [T]) throws(RegressionError) -> Void
    ) throws(RegressionError) {
        let size = Self.passRows(columns: columns.count), blocks = blockCount(of: columns)
        for batch in stride(from: 0, to: blocks, by: Self.batchBlocks * step) {
            try RegressionError.checkCancellation()
            let context = context()
            let count = min(Self.batchBlocks, blocks - batch)
            let results = try parallelMap(count, threads: threads) { [stored, rows] i throws(RegressionError) in
                let first = (batch + i) * size
                let block = try Self.block(
                    of: stored, first: first, count: min(size, rows - first), columns: columns)
                return body(context, PassBlock(first: first, rows: block))
            }
            try combine(context, results)
        }
    }

    /// Of the largest rows (k × p, of the columns listed) and their numbers those that a pass over the first of every so
    /// many batches does not come by.
    func largest(of columns: [Int], notInBatches step: Int) -> (values: DenseMatrix, numbers: [Int]) {
        let batchRows = Self.passRows(columns: columns.count) * Self.batchBlocks
        let left = largest.filter { $0.row / batchRows % step != 0 }
        let values = columns.flatMap { j in left.map { $0.values[j] } }
        return (DenseMatrix(rows: left.count, columns: columns.count, elements: values), left.map(\.row))
    }

    private static func block(
        of stored: any StoredRows, first: Int, count: Int, columns: [Int]
    ) throws(RegressionError) -> DenseMatrix {
        let block = try RegressionError.reading { () throws(TableError) in
            try stored.block(first: first, count: count, columns: columns)
        }
        return DenseMatrix(rows: count, columns: columns.count, elements: block.values)
    }
}
