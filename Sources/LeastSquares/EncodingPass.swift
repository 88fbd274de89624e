import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The pass over a table that encodes its rows, by several threads.
///
/// Balanced codes cost about 3p multiply–adds per entry and depend on the codes of all rows before. So in a long table
/// only some rows, spread evenly over it and kept to the end, are balanced one by one; the others are rounded at
/// random, in any order, in every fourth batch to means that work off what the batches before left (see
/// `DiscrepancyFeedback`). The discrepancies then stay near those of a few batches, whatever the number of rows, and the
/// kept rows work these off.
///
/// The result does not depend on the number of threads.
struct EncodingPass {
    let table: RegressionTable
    /// The columns of the table, predictors first.
    let columns: [Int]
    let prepared: PreparedTransform
    let threads: Int
    /// Rows that are kept to the end, about; tables of less than twice as many are balanced throughout.
    let keptRows: Int

    /// As many rows of p columns as are balanced in about a sixtieth of a second.
    static func keptRows(columns p: Int) -> Int { max(8192, 75_000_000 / (p * (60 + p / 2))) }

    /// The blocks of a table in groups: three batches are rounded to their own values, one works off what they left; so also
    /// the last. Its means cost as much as all the rest of encoding.
    private static func groups(blocks: Int) -> [Int] {
        let batch = RegressionTable.batchBlocks, whole = blocks / (4 * batch)
        let rest = blocks - whole * 4 * batch, working = min(rest, batch)
        return [rest - working, working] + (0..<whole).flatMap { _ in [3 * batch, batch] }
    }

    /// Whether balanced codes of a table are made row after row throughout.
    static func isSequential(rows: Int, keptRows: Int) -> Bool { rows / keptRows < 2 }

    /// Encodes all rows with nearest or stochastic rounding, in the order of the table; nearest ones with a pilot.
    func independent(
        _ encoder: MatrixEncoder, intercept: Bool, progress: (Int) -> Void
    ) throws(RegressionError) -> QuantizedMatrix {
        var encoder = encoder
        let rowEncoder = encoder.rowEncoder
        try table.forEachBlock(of: columns, threads: threads) { _ in
        } body: { [prepared] _, block in
            let u = prepared.apply(block.rows)
            return rowEncoder.encode(u.elements, rows: u.rows, first: block.first)
        } use: { (block) throws(RegressionError) in
            try RegressionError.storing { () throws(StoreError) in try encoder.append(block) }
            progress(encoder.rows)
        }
        var matrix = try RegressionError.storing { () throws(StoreError) in try encoder.finish() }
        if matrix.columns.allSatisfy({ $0.rounding == .nearest }), matrix.refinements.isEmpty {
            matrix.pilot = pilot(of: matrix.columns, intercept: intercept)
        }
        return matrix
    }

    /// Differences over the sampled rows, or as many of them as a pilot may have; nil where that is none.
    private func pilot(of columns: [QuantizedColumn], intercept: Bool) -> PilotDifferences? {
        let sample = table.sample.selectingColumns(self.columns)
        let most = PilotDifferences.largestShare * Double(table.rows)
        let step = max(1, Int((Double(sample.rows) / max(1, most)).rounded(.up)))
        let chosen = Swift.stride(from: step / 2, to: sample.rows, by: step)
        guard Double(sample.rows / step) <= most else { return nil }
        return PilotDifferences(
            prepared.apply(sample, rows: Array(chosen)), columns: columns, intercept: intercept, threads: threads)
    }

    /// Encodes all rows so that cross products keep their sums: the largest rows first, then the others in the order of
    /// the table, those kept to the end, and the smallest rows last.
    func balanced(
        _ encoder: MatrixEncoder, schedule: RowSchedule, neighbourSeed: UInt64? = nil, progress: (Int) -> Void
    ) throws(RegressionError) -> QuantizedMatrix {
        var encoder = encoder
        let (first, last) = schedule.finish(shufflingNeighbours: neighbourSeed)
        let taken = (first + last).map(\.row).sorted()
        let isSequential = Self.isSequential(rows: table.rows, keptRows: keptRows)
        let stride = isSequential ? 0 : max(1, (table.rows - taken.count) / keptRows)
        let order = RowOrder(rows: table.rows, first: first.map(\.row), last: last.map(\.row), stride: stride)
        try RegressionError.storing { () throws(StoreError) in
            try encoder.append(first.columnMajor, rows: first.count)
        }
        if isSequential {
            try appendInOrder(without: taken, to: &encoder, progress: progress)
        } else {
            let tail = try appendAtRandom(without: taken, stride: stride, to: &encoder, progress: progress)
            for first in Swift.stride(from: 0, to: tail.rows, by: RegressionTable.blockRows) {
                let rows = first..<min(first + RegressionTable.blockRows, tail.rows)
                let part = tail.submatrix(rows: rows, columns: 0..<tail.columns)
                try RegressionError.storing { () throws(StoreError) in
                    try encoder.append(part.elements, rows: part.rows)
                }
            }
        }
        return try RegressionError.storing { () throws(StoreError) in
            try encoder.append(last.columnMajor, rows: last.count)
            var matrix = try encoder.finish()
            matrix.order = order
            return matrix
        }
    }

    private func appendInOrder(
        without taken: [Int], to encoder: inout MatrixEncoder, progress: (Int) -> Void
    ) throws(RegressionError) {
        var done = 0
        try table.forEachBlock(of: columns, threads: threads) { _ in
        } body: { [prepared] _, block in
            let rows = block.rowsLeft(taken)
            return (rows: prepared.apply(block.rows, rows: rows), count: block.rows.rows)
        } use: { (block) throws(RegressionError) in
            try RegressionError.storing { () throws(StoreError) in
                try encoder.append(block.rows.elements, rows: block.rows.rows)
            }
            done += block.count
            progress(done)
        }
    }

    private struct EncodedBlock: Sendable {
        let encoded: EncodedRows
        let kept: DenseMatrix
        let count: Int
    }

    /// Encodes all but the rows taken and every one whose number leaves half the stride when divided by it; these are
    /// returned.
    private func appendAtRandom(
        without taken: [Int], stride: Int, to encoder: inout MatrixEncoder, progress: (Int) -> Void
    ) throws(RegressionError) -> DenseMatrix {
        let rowEncoder = encoder.rowEncoder
        let feedback = DiscrepancyFeedback(
            designs: rowEncoder.designs, sample: prepared.apply(table.sample.selectingColumns(columns)),
            batchRows: RegressionTable.passRows(columns: columns.count) * RegressionTable.batchBlocks)
        var kept: [DenseMatrix] = []
        var done = 0
        let groups = Self.groups(blocks: table.blockCount(of: columns))
        try table.forEachBlock(of: columns, groups: groups, threads: threads) { group in
            group % 2 == 1 ? feedback.means(working: encoder) : nil
        } body: { [prepared] means, block in
            let split = block.split(taken, stride: stride)
            let rows = prepared.apply(block.rows, rows: split.others)
            return EncodedBlock(
                encoded: rowEncoder.encode(
                    rows.elements, means: means?.apply(rows, kernels: prepared.kernels).elements,
                    rows: rows.rows, first: block.first),
                kept: prepared.apply(block.rows, rows: split.kept), count: block.rows.rows)
        } use: { (block) throws(RegressionError) in
            try RegressionError.storing { () throws(StoreError) in try encoder.append(block.encoded) }
            kept.append(block.kept)
            done += block.count
            progress(done)
        }
        return DenseMatrix(stacking: kept, columns: columns.count)
    }
}

extension RegressionTable.PassBlock {
    /// The rows of the block that are not among those taken (rows of the table, ascending).
    fileprivate func rowsLeft(_ taken: [Int]) -> [Int] {
        var next = taken.partitioningIndex { $0 >= first }
        var left: [Int] = []
        left.reserveCapacity(rows.rows)
        for i in 0..<rows.rows {
            if next < taken.count, taken[next] == first + i { next += 1 } else { left.append(i) }
        }
        return left
    }

    /// The rows that are not taken: every one whose number leaves half the stride when divided by it, to be kept, and
    /// the others.
    fileprivate func split(_ taken: [Int], stride: Int) -> (kept: [Int], others: [Int]) {
        var kept: [Int] = [], others: [Int] = []
        others.reserveCapacity(rows.rows)
        for i in rowsLeft(taken) {
            if (first + i) % stride == stride / 2 { kept.append(i) } else { others.append(i) }
        }
        return (kept, others)
    }
}

extension [Int] {
    /// The first place from which on a condition holds; it must hold for all places after one where it does.
    func partitioningIndex(where holds: (Int) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
