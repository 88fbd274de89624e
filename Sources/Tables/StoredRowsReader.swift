import Matrices

/// Reads stored rows in order.
final class StoredRowsReader: TableSource {
    private let rows: any StoredRows
    private var selection: ColumnSelection
    private var next = 0

    /// A reader at the first row.
    init(_ rows: any StoredRows, columns: [String]? = nil, file: String = "table") throws(TableError) {
        self.rows = rows
        selection = try ColumnSelection(file: file, available: rows.columnNames)
        if let columns { try selection.select(columns) }
    }

    var columnNames: [String] { selection.names }
    var rowCountHint: Int? { rows.rows }
    var droppedRows: Int { 0 }
    var fractionRead: Double? { rows.rows == 0 ? 1 : Double(next) / Double(rows.rows) }
    var storedRows: (any StoredRows)? {
        selection.isWhole ? rows : SelectedRows(base: rows, columnNames: columnNames, fields: selection.fields)
    }

    func select(columns: [String]) throws(TableError) {
        precondition(next == 0, "columns are selected before the first block is read")
        try selection.select(columns)
    }

    func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0)
        let count = min(maximumRows, rows.rows - next)
        if count == 0 { return nil }
        let block = try rows.block(first: next, count: count, columns: selection.fields)
        next += count
        return block
    }
}

/// Some columns of stored rows.
private struct SelectedRows: StoredRows {
    let base: any StoredRows
    let columnNames: [String]
    /// The place in `base` of each column.
    let fields: [Int]

    var rows: Int { base.rows }

    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, columns, room: block.count)
        try base.read(first: first, count: count, columns: columns.map { fields[$0] }, into: &block)
    }
}

/// The rows of a sparse matrix, with its zeros.
struct SparseRows: StoredRows {
    let columnNames: [String]
    let matrix: SparseMatrix

    var rows: Int { matrix.rows }

    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, columns, room: block.count)
        for (place, column) in columns.enumerated() {
            for row in 0..<count { block[place * count + row] = 0 }
            let entries = matrix.columnPointers[column]..<matrix.columnPointers[column + 1]
            var p = firstEntry(entries, row: first)
            while p < entries.upperBound, matrix.rowIndices[p] < first + count {
                block[place * count + matrix.rowIndices[p] - first] = matrix.values[p]
                p += 1
            }
        }
    }

    /// The first of the entries of a column whose row is at least `row`.
    private func firstEntry(_ entries: Range<Int>, row: Int) -> Int {
        var (low, high) = (entries.lowerBound, entries.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if matrix.rowIndices[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
