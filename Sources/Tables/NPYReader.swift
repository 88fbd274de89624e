/// Reads a NumPy array file (.npy, format versions 1.0 to 3.0) as a table: an m×n array, or one of length m as m×1.
/// The columns are named x1…xn.
///
/// Elements: booleans, signed and unsigned integers of 1, 2, 4 or 8 bytes (8-byte integers are rounded to the nearest
/// double), floats of 4 or 8 bytes; either byte order; C or Fortran storage order. NaN counts as a missing value;
/// infinities are errors. The file must hold exactly as many bytes as its header says. gzip and Zstandard are unpacked,
/// and what can't be read twice is kept, in a temporary file that vanishes with the reader.
///
/// Cost: positioned reads of the rows asked for; in Fortran order one read for each selected column. Memory beyond the
/// block: 64 KiB, or one row.
public final class NPYReader: TableSource {
    private let array: NPYArrayFile
    private let missing: MissingValues
    private var selection: ColumnSelection
    private var queue = RowQueue()
    /// Rows read from the file.
    private var sourceRows = 0
    private var failure: TableError?
    /// Rows left out because of a NaN.
    public private(set) var droppedRows = 0

    /// Opens the array at `path`, or on standard input where it is `-`, and reads its header.
    ///
    /// - Parameters:
    ///   - columns: the columns to read, in this order; nil reads all.
    ///   - missing: what to do with rows that have a NaN in one of these.
    /// - Throws: ``TableError``.
    public convenience init(
        path: String, columns: [String]? = nil, missing: MissingValues = .error
    ) throws(TableError) {
        try self.init(ByteInput(path: path), columns: columns, missing: missing)
    }

    init(_ input: ByteInput, columns: [String]?, missing: MissingValues) throws(TableError) {
        array = try NPYArrayFile(input)
        self.missing = missing
        selection = try ColumnSelection(
            file: input.name, available: numberedNames(array.header.columns, file: input.name))
        if let columns { try selection.select(columns) }
    }

    /// The names of the selected columns.
    public var columnNames: [String] { selection.names }
    /// The number of rows of the array.
    public var rowCountHint: Int? { array.header.rows }
    /// The part of the rows read so far.
    public var fractionRead: Double? { Double(sourceRows) / Double(array.header.rows) }
    /// The selected columns in the file, where a missing value is an error.
    public var storedRows: (any StoredRows)? {
        missing == .error ? NPYRows(array: array, columnNames: columnNames, fields: selection.fields) : nil
    }

    /// Reads only these columns, in this order. To be called before the first block.
    public func select(columns: [String]) throws(TableError) {
        precondition(sourceRows == 0, "columns are selected before the first block is read")
        try selection.select(columns)
    }

    /// Goes back to the first row; counts of dropped rows start again.
    public func rewind() {
        queue = RowQueue()
        sourceRows = 0
        droppedRows = 0
        failure = nil
    }

    /// The next rows, or nil after the last.
    public func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0)
        while queue.rows < maximumRows && sourceRows < array.header.rows && failure == nil {
            do throws(TableError) {
                try readRows(min(maximumRows - queue.rows, array.header.rows - sourceRows))
            } catch {
                failure = error
            }
        }
        if queue.rows < maximumRows, let failure {
            queue = RowQueue()
            throw failure
        }
        return queue.removeFirst(maximumRows: maximumRows, columnCount: selection.fields.count)
    }

    /// Reads the next `count` rows into the queue.
    private func readRows(_ count: Int) throws(TableError) {
        let columns = selection.fields.count
        var values = [Double](repeating: 0, count: count * columns)
        var span = values.mutableSpan
        let isFinite = try array.read(first: sourceRows, count: count, fields: selection.fields, into: &span)
        if !isFinite,
            let (row, column) = firstUnfit(span, rows: count, columns: columns, allowingMissing: missing != .error)
        {
            throw TableError(
                file: array.name, unfit: span[column * count + row], row: sourceRows + row + 1,
                column: columnNames[column])
        }
        var piece = RowQueue.Piece(values: values, stride: count, rows: count, hasMissing: !isFinite)
        if !isFinite && missing == .drop { piece = droppingMissing(values, rows: count) }
        droppedRows += count - piece.rows
        sourceRows += count
        queue.append(piece)
    }

    /// The rows without NaN.
    private func droppingMissing(_ values: [Double], rows: Int) -> RowQueue.Piece {
        let columns = selection.fields.indices
        let kept = (0..<rows).filter { row in !columns.contains { values[$0 * rows + row].isNaN } }
        let remaining = columns.flatMap { column in kept.map { values[column * rows + $0] } }
        return RowQueue.Piece(values: remaining, stride: kept.count, rows: kept.count, hasMissing: false)
    }
}
