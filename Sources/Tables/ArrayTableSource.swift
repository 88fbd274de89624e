/// A table held in memory as named columns, read like a file.
public final class ArrayTableSource: TableSource {
    private var selection: ColumnSelection
    private let columns: [[Double]]
    private let rows: Int
    private let missing: MissingValues
    private let file: String
    private var next = 0
    private var started = false
    private var failure: TableError?
    /// Rows left out because of a missing value.
    public private(set) var droppedRows = 0

    /// A table from its columns, all of the same length (a precondition), one name each.
    ///
    /// - Parameters:
    ///   - names: of the columns.
    ///   - columns: the numbers; NaN is a missing value.
    ///   - missing: what to do with rows that have a missing value in a selected column.
    ///   - label: stands for the file name in error messages.
    /// - Throws: ``TableError`` for a name that occurs twice.
    public init(
        names: [String], columns: [[Double]], missing: MissingValues = .error, label: String = "array"
    ) throws(TableError) {
        precondition(names.count == columns.count, "one name per column")
        rows = columns.first?.count ?? 0
        for column in columns { precondition(column.count == rows, "all columns have the same length") }
        selection = try ColumnSelection(file: label, available: names)
        self.columns = columns
        self.missing = missing
        file = label
    }

    /// The columns selected, all at first.
    public var columnNames: [String] { selection.names }
    /// The number of rows.
    public var rowCountHint: Int? { rows }
    /// The part of the rows delivered.
    public var fractionRead: Double? { rows == 0 ? 1 : Double(next) / Double(rows) }

    /// The selected columns, where a missing value is an error.
    public var storedRows: (any StoredRows)? {
        guard missing == .error else { return nil }
        return StoredColumns(columnNames: columnNames, columns: selection.fields.map { columns[$0] }, file: file)
    }

    /// Chooses columns, in this order.
    public func select(columns names: [String]) throws(TableError) {
        precondition(!started, "columns are selected before the first block")
        try selection.select(names)
    }

    /// The next rows, nil after the last.
    public func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0, "a block has at least one row")
        if let failure { throw failure }
        started = true
        let first = next - droppedRows
        var taken: [Int] = []
        var hasMissing = false
        while next < rows, taken.count < maximumRows {
            let row = next
            next += 1
            do {
                let isMissing = try check(row)
                if isMissing, missing == .drop {
                    droppedRows += 1
                } else {
                    hasMissing = hasMissing || isMissing
                    taken.append(row)
                }
            } catch {
                failure = error
                throw error
            }
        }
        guard !taken.isEmpty else { return nil }
        let values = selection.fields.flatMap { field in taken.map { columns[field][$0] } }
        return TableBlock(
            firstRow: first, rows: taken.count, columnCount: selection.fields.count, values: values,
            hasMissing: hasMissing)
    }

    /// Whether a row has a missing value; throws for an infinite one, and for a missing one where none is allowed.
    private func check(_ row: Int) throws(TableError) -> Bool {
        var isMissing = false
        for field in selection.fields {
            let value = columns[field][row]
            if value.isFinite { continue }
            if !value.isNaN || missing == .error {
                throw TableError(file: file, unfit: value, row: row + 1, column: selection.available[field])
            }
            isMissing = true
        }
        return isMissing
    }
}

/// Columns in memory. NaN and infinities are errors.
struct StoredColumns: StoredRows {
    let columnNames: [String]
    let columns: [[Double]]
    let file: String

    var rows: Int { columns.first?.count ?? 0 }

    func read(
        first: Int, count: Int, columns wanted: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, wanted, room: block.count)
        for (place, column) in wanted.enumerated() {
            for row in 0..<count { block[place * count + row] = columns[column][first + row] }
        }
        guard
            let (row, column) = firstUnfit(block, rows: count, columns: wanted.count, allowingMissing: false)
        else { return }
        throw TableError(
            file: file, unfit: block[column * count + row], row: first + row + 1, column: columnNames[wanted[column]])
    }
}
