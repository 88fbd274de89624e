import Matrices
import Quantizers
import Tables

/// What a regression needs to know of a table: its rows, kept so that they can be read several times, exact moments
/// and distinct values per column, and a random sample of rows.
///
/// Memory: the spool's limit (64 MB, beyond it a temporary file), and the sample.
public final class RegressionTable {
    /// Predictors first, then responses.
    public let names: [String]
    /// The number of predictors, n.
    public let predictors: Int
    /// The number of responses, r.
    public var responses: Int { names.count - predictors }
    /// The number of rows, m.
    public var rows: Int { spool.rows }
    /// Rows that were left out because a value was missing.
    public let droppedRows: Int
    /// Exact moments of each column.
    public let moments: [ColumnMoments]
    /// The distinct values of each column, up to 257.
    public let distinct: [DistinctValues]
    /// Randomly chosen rows (k × p), all of them if there are no more than asked for.
    public let sample: DenseMatrix

    private let spool: RowSpool

    /// Reads a source to its end.
    ///
    /// - Parameters:
    ///   - source: delivers the predictor columns first, then the responses.
    ///   - predictors: how many of the columns are predictors.
    ///   - sampleRows: rows of the random sample; nil for the larger of 4096 and 8n.
    ///   - seed: of the sample; the same seed and rows give the same sample.
    ///   - progress: called with the fraction read, where the source knows it.
    public init(
        reading source: any TableSource, predictors: Int, sampleRows: Int? = nil, seed: UInt64 = 1,
        progress: (Double) -> Void = { _ in }
    ) throws(TableError) {
        names = source.columnNames
        self.predictors = predictors
        spool = try RowSpool(columnNames: names)
        var reservoir = Reservoir(
            capacity: sampleRows ?? max(4096, 8 * predictors), columns: names.count, seed: seed)
        var moments: [ColumnMoments] = []
        var distinct = names.map { _ in DistinctValues(limit: Codebook.maximumCount + 1) }
        while let block = try source.nextBlock(maximumRows: Self.blockRows) {
            if moments.isEmpty { moments = names.indices.map { ColumnMoments(shift: block[0, $0]) } }
            for j in names.indices {
                let column = block.values[(j * block.rows)..<((j + 1) * block.rows)]
                moments[j].add(column)
                for value in column where !distinct[j].overflowed { distinct[j].insert(value, count: 1) }
            }
            reservoir.add(block)
            try spool.append(block)
            if let fraction = source.fractionRead { progress(fraction) }
        }
        self.moments = moments
        self.distinct = distinct
        droppedRows = source.droppedRows
        sample = reservoir.matrix()
    }

    /// Rows of a block in every pass.
    static let blockRows = 4096

    /// Refuses columns of a magnitude whose fourth power leaves the range of double precision.
    func checkMagnitudes() throws(RegressionError) {
        for (name, moments) in zip(names, moments) {
            let largest = max(abs(moments.minimum), abs(moments.maximum))
            guard largest == 0 || (1e-70...1e70).contains(largest) else {
                throw .magnitude(column: name, largest: largest)
            }
        }
    }

    /// Calls `body` with each block of rows in turn, as a k × p matrix of the columns listed (nil for all).
    public func forEachBlock(
        of columns: [Int]? = nil, _ body: (DenseMatrix) throws(RegressionError) -> Void
    ) throws(RegressionError) {
        let reader = spool.makeReader()
        while let block = try next(of: reader, columns: columns, rows: Self.blockRows) { try body(block) }
    }

    /// A block of rows in a pass made by several threads.
    struct PassBlock: Sendable {
        /// The place of the block among all.
        let index: Int
        /// The row of the table that it starts with.
        let first: Int
        let rows: DenseMatrix
    }

    /// Rows of a block in such passes: about 2¹⁵ numbers, so that a block and what is made of it stay in the cache.
    static func passRows(columns: Int) -> Int { min(4096, max(256, (1 << 15) / max(1, columns) / 64 * 64)) }

    /// Goes through the table in batches of blocks. For each batch `context` is made, `body` is called with it for all
    /// blocks, at the same time by up to `threads` threads, then `combine` with the results in the order of the blocks.
    /// Batches don't depend on the threads.
    func forEachBatch<Context: Sendable, T: Sendable>(
        of columns: [Int], threads: Int, context: () -> Context, body: @Sendable (Context, PassBlock) -> T,
        combine: (Context, [T]) throws(RegressionError) -> Void
    ) throws(RegressionError) {
        let reader = spool.makeReader()
        let count = Self.passRows(columns: columns.count)
        var index = 0, first = 0
        while true {
            var batch: [PassBlock] = []
            while batch.count < Self.batchBlocks, let block = try next(of: reader, columns: columns, rows: count) {
                batch.append(PassBlock(index: index, first: first, rows: block))
                index += 1
                first += block.rows
            }
            guard !batch.isEmpty else { return }
            let context = context()
            try combine(context, parallelMap(batch.count, threads: threads) { [batch] i in body(context, batch[i]) })
        }
    }

    /// Blocks of a batch, more than the threads of most machines; part of the definition of balanced codes.
    static let batchBlocks = 16

    private func next(
        of reader: RowSpoolReader, columns: [Int]?, rows count: Int
    ) throws(RegressionError) -> DenseMatrix? {
        guard
            let block = try RegressionError.reading({ () throws(TableError) in
                try reader.nextBlock(maximumRows: count)
            })
        else { return nil }
        let rows = DenseMatrix(rows: block.rows, columns: block.columnCount, elements: block.values)
        guard let columns, columns != Array(names.indices) else { return rows }
        return rows.selectingColumns(columns)
    }
}

/// A uniform random sample of rows of fixed size, by reservoir sampling (Vitter's algorithm R).
struct Reservoir {
    private let capacity: Int
    private let columns: Int
    private var generator: SplitMix64
    private var seen = 0
    private var kept: [[Double]] = []

    init(capacity: Int, columns: Int, seed: UInt64) {
        self.capacity = capacity
        self.columns = columns
        generator = SplitMix64(seed: seed)
    }

    mutating func add(_ block: TableBlock) {
        for i in 0..<block.rows {
            seen += 1
            if kept.count < capacity {
                kept.append((0..<columns).map { block[i, $0] })
            } else {
                let place = Int(generator.next() % UInt64(seen))
                if place < capacity { kept[place] = (0..<columns).map { block[i, $0] } }
            }
        }
    }

    func matrix() -> DenseMatrix {
        var result = DenseMatrix(rows: kept.count, columns: columns)
        for (i, row) in kept.enumerated() {
            for j in 0..<columns { result[i, j] = row[j] }
        }
        return result
    }
}
