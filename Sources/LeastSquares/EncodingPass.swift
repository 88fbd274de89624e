import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The pass over a table that encodes its rows, by several threads.
///
/// Balanced codes cost about 3p multiply–adds per entry and depend on the codes of all rows before. But a row of the
/// table works off about one rounding error of each discrepancy, and n entries rounded at random without bias leave
/// only about √n of them. So in a long table most rows are rounded at random, at a p-th of a third of the cost and in
/// any order, and about 4√(p·m) rows spread evenly over the table are kept to the end, to be balanced against what the
/// others left. Values beyond the outermost levels are a bias that random rounding cannot avoid: wherever the
/// discrepancies come near to what the kept rows can work off, blocks are balanced instead.
///
/// The result does not depend on the number of threads.
struct EncodingPass {
    let table: RegressionTable
    /// The columns of the table, predictors first.
    let columns: [Int]
    let prepared: PreparedTransform
    let threads: Int

    /// Encodes all rows with nearest or stochastic rounding, in the order of the table.
    func independent(_ encoder: MatrixEncoder, progress: (Int) -> Void) throws(RegressionError) -> QuantizedMatrix {
        var encoder = encoder
        let rowEncoder = encoder.rowEncoder
        try table.forEachBatch(of: columns, threads: threads) {
        } body: { [prepared] _, block in
            let u = prepared.apply(block.rows)
            return rowEncoder.encode(u.elements, rows: u.rows, first: block.first)
        } combine: { (_, blocks) throws(RegressionError) in
            try RegressionError.storing { () throws(StoreError) in for block in blocks { try encoder.append(block) } }
            progress(encoder.rows)
        }
        return try RegressionError.storing { () throws(StoreError) in try encoder.finish() }
    }

    /// Encodes all rows so that cross products keep their sums: the largest rows first, then the others in the order of
    /// the table, those kept to the end, and the smallest rows last.
    func balanced(
        _ encoder: MatrixEncoder, schedule: RowSchedule, progress: (Int) -> Void
    ) throws(RegressionError) -> QuantizedMatrix {
        var encoder = encoder
        let (first, last) = schedule.finish()
        let taken = Set((first + last).map(\.row))
        let kept = max(Self.fewestKept, Int(4 * Double(columns.count * table.rows).squareRoot()))
        let stride = (table.rows - taken.count) / kept
        try RegressionError.storing { () throws(StoreError) in
            try encoder.append(first.columnMajor, rows: first.count)
        }
        if stride < 4 {
            try appendInOrder(without: taken, to: &encoder, progress: progress)
        } else {
            let tail = try appendAtRandom(without: taken, keeping: kept, to: &encoder, progress: progress)
            try RegressionError.storing { () throws(StoreError) in
                try encoder.append(tail.elements, rows: tail.rows)
            }
        }
        return try RegressionError.storing { () throws(StoreError) in
            try encoder.append(last.columnMajor, rows: last.count)
            return try encoder.finish()
        }
    }

    /// Rows that are kept to the end at least; tables of fewer than five times as many are balanced throughout.
    static let fewestKept = 8192

    private func appendInOrder(
        without taken: Set<Int>, to encoder: inout MatrixEncoder, progress: (Int) -> Void
    ) throws(RegressionError) {
        var done = 0
        try table.forEachBatch(of: columns, threads: threads) {
        } body: { [prepared] _, block in
            (rows: prepared.apply(block.rows).without(taken, first: block.first), count: block.rows.rows)
        } combine: { (_, blocks) throws(RegressionError) in
            for block in blocks {
                try RegressionError.storing { () throws(StoreError) in
                    try encoder.append(block.rows.elements, rows: block.rows.rows)
                }
                done += block.count
            }
            progress(done)
        }
    }

    /// The state that the blocks of a batch are balanced from.
    private struct BalanceStart: Sendable {
        let state: BalancedRounding
    }

    private struct EncodedBlock: Sendable {
        let encoded: EncodedRows
        let kept: DenseMatrix
        let count: Int
    }

    /// Encodes all but the rows taken and those kept, which are returned.
    private func appendAtRandom(
        without taken: Set<Int>, keeping kept: Int, to encoder: inout MatrixEncoder, progress: (Int) -> Void
    ) throws(RegressionError) -> DenseMatrix {
        let rowEncoder = encoder.rowEncoder
        let stride = table.rows / kept
        var tail = [[Double]](repeating: [], count: columns.count)
        var done = 0
        let parts = RegressionTable.batchBlocks
        try table.forEachBatch(of: columns, threads: threads) { () -> BalanceStart? in
            encoder.rowsToWorkOff > 0.75 * Double(kept)
                ? BalanceStart(state: encoder.balanceState(dividedBy: parts)) : nil
        } body: { [prepared] start, block in
            let split = prepared.apply(block.rows).split(first: block.first, taken: taken, stride: stride)
            let rows = split.others
            let encoded =
                start.map { rowEncoder.encode(rows.elements, rows: rows.rows, balancing: $0.state) }
                ?? rowEncoder.encode(rows.elements, rows: rows.rows, first: block.first)
            return EncodedBlock(encoded: encoded, kept: split.kept, count: block.rows.rows)
        } combine: { (start, blocks) throws(RegressionError) in
            try RegressionError.storing { () throws(StoreError) in
                if start == nil {
                    for block in blocks { try encoder.append(block.encoded) }
                } else {
                    try encoder.append(balancedTogether: blocks.map(\.encoded), of: parts)
                }
            }
            for block in blocks {
                for j in tail.indices { tail[j] += block.kept.column(j) }
                done += block.count
            }
            progress(done)
        }
        return DenseMatrix(rows: tail.first?.count ?? 0, columns: tail.count, elements: tail.flatMap { $0 })
    }
}

extension DenseMatrix {
    /// The rows that are not in `taken`; `first` is the number of the block's first row.
    fileprivate func without(_ taken: Set<Int>, first: Int) -> DenseMatrix {
        let left = (0..<rows).filter { !taken.contains(first + $0) }
        return left.count < rows ? selectingRows(left) : self
    }

    /// The rows that are not in `taken`: every one whose number leaves half the stride when divided by it, to be kept, and
    /// the others, as many as a multiple of 8; what is left of these is kept too.
    fileprivate func split(first: Int, taken: Set<Int>, stride: Int) -> (kept: DenseMatrix, others: DenseMatrix) {
        var kept: [Int] = [], others: [Int] = []
        for i in 0..<rows where !taken.contains(first + i) {
            if (first + i) % stride == stride / 2 { kept.append(i) } else { others.append(i) }
        }
        kept += others.suffix(others.count % 8)
        others.removeLast(others.count % 8)
        return (selectingRows(kept), selectingRows(others))
    }

    /// The listed rows, in that order.
    private func selectingRows(_ list: [Int]) -> DenseMatrix {
        var elements = [Double](repeating: 0, count: list.count * columns)
        for j in 0..<columns {
            let start = j * rows, target = j * list.count
            for (place, i) in list.enumerated() { elements[target + place] = self.elements[start + i] }
        }
        return DenseMatrix(rows: list.count, columns: columns, elements: elements)
    }
}
