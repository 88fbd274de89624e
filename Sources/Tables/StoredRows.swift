/// The rows of a table where they can be read in any order and as often as wanted, by several threads at the same
/// time: a file on disk, a ``RowSpool``, arrays in memory.
public protocol StoredRows: Sendable {
    /// The number of rows, m.
    var rows: Int { get }
    /// The names of the columns.
    var columnNames: [String] { get }
    /// Reads rows `first` to `first + count − 1` of the columns listed (by place in ``columnNames``, in any order) as a
    /// count × columns.count block, column after column: row i of column k goes to `block[k * count + i]`.
    ///
    /// - Precondition: the rows and columns exist, and the block has room for `count * columns.count` numbers.
    /// - Throws: ``TableError`` where reading fails, or for the first number of the rows read, row by row, that is not
    ///   allowed.
    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError)
}

extension StoredRows {
    /// Rows `first` to `first + count − 1` of the columns listed, nil for all, as a block of their own.
    ///
    /// - Throws: ``TableError`` as ``read(first:count:columns:into:)``.
    public func block(first: Int, count: Int, columns: [Int]? = nil) throws(TableError) -> TableBlock {
        let columns = columns ?? Array(columnNames.indices)
        let values = try [Double](unsetCount: count * columns.count) { (values) throws(TableError) in
            try read(first: first, count: count, columns: columns, into: &values)
        }
        return TableBlock(firstRow: first, rows: count, columnCount: columns.count, values: values)
    }

    /// Checks what every conformance demands of its arguments.
    func checkArguments(_ first: Int, _ count: Int, _ columns: [Int], room: Int) {
        precondition(first >= 0 && count >= 0 && first <= rows - count, "the rows read are rows of the table")
        precondition(columns.allSatisfy(columnNames.indices.contains), "the columns read are columns of the table")
        precondition(room >= count * columns.count, "the block has room for the rows read")
    }
}

/// The first number of a count × n block, row by row, that is NaN or infinite and not allowed; nil if there is none.
func firstUnfit(
    _ block: borrowing MutableSpan<Double>, rows: Int, columns: Int, allowingMissing: Bool
) -> (row: Int, column: Int)? {
    var found: (row: Int, column: Int)?
    for column in 0..<columns {
        for row in 0..<(found?.row ?? rows) {
            let value = block[column * rows + row]
            if value.isFinite || (allowingMissing && value.isNaN) { continue }
            found = (row, column)
            break
        }
    }
    return found
}

extension TableError {
    /// The error for a number at a place of a table that is no text: NaN is a missing value.
    init(file: String, unfit value: Double, row: Int, column: String) {
        let cell = Cell(line: nil, row: row, column: column)
        let reason: Reason =
            value.isNaN ? .missingValue(cell, found: "NaN") : .notFinite(cell, found: value > 0 ? "inf" : "-inf")
        self.init(file: file, reason: reason)
    }
}
