import Matrices

/// Two tables of as many rows side by side: the columns of the first, then those of the second, which may be a file of
/// right-hand sides.
///
/// Where a column of the second has a name that the first has too (x1, as arrays and matrices have), the columns of the
/// second are named b, or b1 to bk. Memory: a block of each.
public final class JoinedTable: TableSource {
    private let left: any TableSource
    private let right: any TableSource
    /// All their columns, where they can be read in any order.
    private let stored: (left: (any StoredRows)?, right: (any StoredRows)?)
    private let missing: MissingValues
    private let memoryBytes: Int
    private let files: (left: String, right: String)
    private var selection: ColumnSelection
    /// The names in the second table of the columns that it gives.
    private let rightNames: [String]
    private let leftNames: [String]
    /// The blocks' columns in the order selected; nil until the first block is read.
    private var order: [Int]?
    private var sourceRows = 0
    private var failure: TableError?
    /// Rows left out because of a missing value in either table.
    public private(set) var droppedRows = 0

    /// Opens two tables as ``openTable(path:columns:missing:)`` does.
    ///
    /// - Parameters:
    ///   - path: the file of the first columns.
    ///   - other: the file of the others.
    ///   - missing: what to do with rows that have a missing value in a selected column.
    /// - Throws: ``TableError``, also where the numbers of rows differ; unless both are known, only when they are read.
    public convenience init(
        path: String, beside other: String, missing: MissingValues = .error
    ) throws(TableError) {
        try self.init(path: path, beside: other, missing: missing, options: .standard)
    }

    init(
        path: String, beside other: String, missing: MissingValues, options: ReadingOptions
    ) throws(TableError) {
        // A row that one of the tables leaves out would shift the others.
        let kept: MissingValues = missing == .error ? .error : .keep
        memoryBytes = options.memoryBytes
        // Whether they are small is for both together to say.
        var each = options
        each.memoryBytes = 0
        left = try openTable(path: path, missing: kept, options: each)
        right = try openTable(path: other, missing: kept, options: each)
        self.missing = missing
        files = (path == "-" ? "standard input" : path, other == "-" ? "standard input" : other)
        (leftNames, rightNames) = (left.columnNames, right.columnNames)
        let shown = Self.distinctNames(rightNames, from: leftNames)
        selection = try ColumnSelection(file: files.right, available: leftNames + shown)
        // Lines of text are counted only where that can be of use.
        let first = left.storedRows
        stored = (first, first == nil ? nil : right.storedRows)
        if let rows = left.rowCountHint, let others = right.rowCountHint, rows != others {
            throw rowCounts(found: "\(others)", expected: "\(rows)")
        }
    }

    /// The names of the columns of the second table.
    public var rightHandSides: [String] { Array(selection.available.dropFirst(leftNames.count)) }
    /// The first table as the sparse matrix that it is, where a Matrix Market file of the coordinate format holds it.
    public var sparseMatrix: SparseMatrix? { (stored.left as? SparseRows)?.matrix }
    /// The names of the selected columns.
    public var columnNames: [String] { selection.names }
    /// The number of rows, where one of the tables knows it.
    public var rowCountHint: Int? { left.rowCountHint ?? right.rowCountHint }
    /// The part of the first table read so far.
    public var fractionRead: Double? { left.fractionRead }

    /// The selected columns, where both tables can be read in any order and no row is left out; text only where they take
    /// more than 64 MiB as numbers.
    public var storedRows: (any StoredRows)? {
        guard missing == .error, let first = stored.left, let second = stored.right, first.rows == second.rows else {
            return nil
        }
        if first is DelimitedRows || second is DelimitedRows {
            // Text none of whose columns is selected is checked all the same.
            let ofFirst = selection.fields.count { $0 < leftNames.count }
            let bytes = first.rows * selection.fields.count * MemoryLayout<Double>.stride
            if bytes <= memoryBytes || ofFirst == 0 || ofFirst == selection.fields.count { return nil }
        }
        return JoinedRows(left: first, right: second, columnNames: columnNames, fields: selection.fields)
    }

    /// Reads only these columns, in this order. To be called before the first block.
    public func select(columns: [String]) throws(TableError) {
        precondition(order == nil, "columns are selected before the first block is read")
        try selection.select(columns)
    }

    /// The next rows, or nil after the last.
    public func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0)
        if let failure { throw failure }
        do throws(TableError) {
            while let block = try nextRows(maximumRows) {
                if block.rows > 0 { return block }
            }
            return nil
        } catch {
            failure = error
            throw error
        }
    }

    /// The next rows of both tables without those to be left out.
    private func nextRows(_ maximumRows: Int) throws(TableError) -> TableBlock? {
        if order == nil { order = try selectInBoth() }
        let order = order ?? []
        let first = try left.nextBlock(maximumRows: maximumRows)
        let second = try right.nextBlock(maximumRows: maximumRows)
        let (rows, others) = (first?.rows ?? 0, second?.rows ?? 0)
        guard rows == others else {
            // A table that gave all the rows asked for may have more.
            let count = { (rows: Int) in "\(rows == maximumRows ? "at least " : "")\(self.sourceRows + rows)" }
            throw rowCounts(found: count(others), expected: count(rows))
        }
        guard let first, let second else { return nil }
        let firstRow = sourceRows - droppedRows
        sourceRows += rows
        var kept = Array(0..<rows)
        if missing == .drop, first.hasMissing || second.hasMissing {
            let parts = order.map { Self.column($0, first, second) }
            kept.removeAll { row in parts.contains { $0[$0.startIndex + row].isNaN } }
            droppedRows += rows - kept.count
        }
        let values = order.flatMap { place in
            let column = Self.column(place, first, second)
            return kept.count == rows ? Array(column) : kept.map { column[column.startIndex + $0] }
        }
        return TableBlock(
            firstRow: firstRow, rows: kept.count, columnCount: order.count, values: values,
            hasMissing: missing == .keep && values.contains { $0.isNaN })
    }

    /// Column `place` of two blocks side by side.
    private static func column(_ place: Int, _ first: TableBlock, _ second: TableBlock) -> ArraySlice<Double> {
        let (block, j) = place < first.columnCount ? (first, place) : (second, place - first.columnCount)
        return block.values[j * block.rows..<(j + 1) * block.rows]
    }

    /// Selects in both tables what is needed; a table that gives nothing is read for its number of rows. Returns the
    /// places of the selected columns.
    private func selectInBoth() throws(TableError) -> [Int] {
        let split = leftNames.count
        let leftFields = selection.fields.filter { $0 < split }
        let rightFields = selection.fields.filter { $0 >= split }
        try left.select(columns: leftFields.isEmpty ? [leftNames[0]] : leftFields.map { leftNames[$0] })
        try right.select(columns: rightFields.isEmpty ? [rightNames[0]] : rightFields.map { rightNames[$0 - split] })
        var next = (left: 0, right: max(1, leftFields.count))
        return selection.fields.map { field in
            defer { if field < split { next.left += 1 } else { next.right += 1 } }
            return field < split ? next.left : next.right
        }
    }

    private func rowCounts(found: String, expected: String) -> TableError {
        TableError(file: files.right, reason: .rowCount(found: found, expected: expected, other: files.left))
    }

    /// The names themselves, or b, b1 to bk where one of them is taken.
    private static func distinctNames(_ names: [String], from taken: [String]) -> [String] {
        let taken = Set(taken)
        guard names.contains(where: taken.contains) else { return names }
        return names.count == 1 ? ["b"] : (1...names.count).map { "b\($0)" }
    }
}

/// Stored rows side by side.
private struct JoinedRows: StoredRows {
    let left: any StoredRows
    let right: any StoredRows
    let columnNames: [String]
    /// For each column its place among all of both tables.
    let fields: [Int]

    var rows: Int { left.rows }

    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, columns, room: block.count)
        let split = left.columnNames.count
        // Columns of one table that follow each other are one read.
        var place = 0
        while place < columns.count {
            let isLeft = fields[columns[place]] < split
            var end = place + 1
            while end < columns.count, (fields[columns[end]] < split) == isLeft { end += 1 }
            let wanted = columns[place..<end].map { isLeft ? fields[$0] : fields[$0] - split }
            var part = block._mutatingExtracting(place * count..<end * count)
            try (isLeft ? left : right).read(first: first, count: count, columns: wanted, into: &part)
            place = end
        }
    }
}
