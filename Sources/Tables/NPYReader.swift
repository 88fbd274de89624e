/// Reads a NumPy array file (.npy, format versions 1.0 to 3.0) as a table: an m×n array, or one of length m as m×1.
/// The columns are named x1…xn.
///
/// Elements: booleans, signed and unsigned integers of 1, 2, 4 or 8 bytes (8-byte integers are rounded to the nearest
/// double), floats of 4 or 8 bytes; either byte order; C or Fortran storage order. NaN counts as a missing value;
/// infinities are errors. The file must hold exactly as many bytes as its header says.
///
/// Cost: positioned reads of the rows asked for; in Fortran order one read for each selected column. Memory beyond the
/// block: 1 MiB, or one row.
public final class NPYReader: TableSource {
    private let file: OpenFile
    private let missing: MissingValues
    private let header: NPYHeader
    private let dataOffset: Int
    private var selection: ColumnSelection
    private var queue = RowQueue()
    /// Rows read from the file.
    private var sourceRows = 0
    private var failure: TableError?
    private var buffer: [UInt8] = []
    /// Rows left out because of a NaN.
    public private(set) var droppedRows = 0

    /// Opens the array at `path` and reads its header.
    ///
    /// - Parameters:
    ///   - columns: the columns to read, in this order; nil reads all.
    ///   - missing: what to do with rows that have a NaN in one of these.
    /// - Throws: ``TableError``.
    public init(path: String, columns: [String]? = nil, missing: MissingValues = .error) throws(TableError) {
        file = try OpenFile(reading: path)
        self.missing = missing
        do throws(NPYProblem) {
            (header, dataOffset) = try Self.readHeader(file)
        } catch {
            throw TableError(file: path, reason: .badArray(error.message))
        }
        if header.columns > ColumnSelection.maximumColumns {
            let limit = ColumnSelection.maximumColumns
            throw TableError(file: path, reason: .tooManyColumns(found: header.columns, limit: limit))
        }
        selection = try ColumnSelection(file: path, available: (1...header.columns).map { "x\($0)" })
        if let columns { try selection.select(columns) }
    }

    /// The names of the selected columns.
    public var columnNames: [String] { selection.names }
    /// The number of rows of the array.
    public var rowCountHint: Int? { header.rows }
    /// The part of the rows read so far.
    public var fractionRead: Double? { Double(sourceRows) / Double(header.rows) }

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
        while queue.rows < maximumRows && sourceRows < header.rows && failure == nil {
            do throws(TableError) {
                try readRows(min(maximumRows - queue.rows, header.rows - sourceRows))
            } catch {
                failure = error
            }
        }
        if queue.rows < maximumRows, let failure { throw failure }
        return queue.removeFirst(maximumRows: maximumRows, columnCount: selection.fields.count)
    }

    /// Reads the next `count` rows into the queue.
    private func readRows(_ count: Int) throws(TableError) {
        var values = [Double](repeating: 0, count: count * selection.fields.count)
        if header.isFortranOrder || header.columns == 1 {
            try readColumns(count, into: &values)
        } else {
            try readRowMajor(count, into: &values)
        }
        var piece = RowQueue.Piece(values: values, stride: count, rows: count, hasMissing: false)
        if try hasMissing(values, rows: count) {
            piece.hasMissing = missing == .keep
            if missing == .drop { piece = droppingMissing(values, rows: count) }
        }
        droppedRows += count - piece.rows
        sourceRows += count
        queue.append(piece)
    }

    /// Reads the next rows of an array whose rows are contiguous, about 1 MiB at a time.
    private func readRowMajor(_ count: Int, into values: inout [Double]) throws(TableError) {
        let size = header.element.size
        let rowBytes = header.columns * size
        let rowsAtOnce = max(1, Self.bufferBytes / rowBytes)
        for first in stride(from: 0, to: count, by: rowsAtOnce) {
            let rows = min(rowsAtOnce, count - first)
            try fillBuffer(rows * rowBytes, at: dataOffset + (sourceRows + first) * rowBytes)
            for (place, field) in selection.fields.enumerated() {
                header.element.decode(
                    buffer, start: field * size, stride: rowBytes, count: rows, into: &values,
                    first: place * count + first)
            }
        }
    }

    /// Reads the next rows of an array whose columns are contiguous.
    private func readColumns(_ count: Int, into values: inout [Double]) throws(TableError) {
        let size = header.element.size
        let rowsAtOnce = Self.bufferBytes / size
        for (place, field) in selection.fields.enumerated() {
            let offset = dataOffset + (field * header.rows + sourceRows) * size
            if header.element.isNativeDouble {
                try file.read(into: &values, range: place * count..<(place + 1) * count, at: offset)
                continue
            }
            for first in stride(from: 0, to: count, by: rowsAtOnce) {
                let rows = min(rowsAtOnce, count - first)
                try fillBuffer(rows * size, at: offset + first * size)
                header.element.decode(
                    buffer, start: 0, stride: size, count: rows, into: &values, first: place * count + first)
            }
        }
    }

    private static let bufferBytes = 1 << 20

    private func fillBuffer(_ count: Int, at offset: Int) throws(TableError) {
        if buffer.count < count { buffer = [UInt8](repeating: 0, count: count) }
        try file.read(into: &buffer, range: 0..<count, at: offset)
    }

    /// Whether a value of the rows just read is NaN. Throws for the first value, row by row, that is not allowed.
    private func hasMissing(_ values: [Double], rows: Int) throws(TableError) -> Bool {
        var found = false
        var firstBad: (row: Int, column: Int)?
        for column in selection.fields.indices {
            for row in 0..<rows where !values[column * rows + row].isFinite {
                let isMissing = values[column * rows + row].isNaN
                found = found || isMissing
                if isMissing && missing != .error { continue }
                if row < firstBad?.row ?? rows { firstBad = (row, column) }
                break
            }
        }
        guard let (row, column) = firstBad else { return found }
        let cell = TableError.Cell(line: nil, row: sourceRows + row + 1, column: columnNames[column])
        let value = values[column * rows + row]
        let reason: TableError.Reason =
            value.isNaN ? .missingValue(cell, found: "NaN") : .notFinite(cell, found: value > 0 ? "inf" : "-inf")
        throw TableError(file: file.name, reason: reason)
    }

    /// The rows without NaN.
    private func droppingMissing(_ values: [Double], rows: Int) -> RowQueue.Piece {
        let columns = selection.fields.indices
        let kept = (0..<rows).filter { row in !columns.contains { values[$0 * rows + row].isNaN } }
        let remaining = columns.flatMap { column in kept.map { values[column * rows + $0] } }
        return RowQueue.Piece(values: remaining, stride: kept.count, rows: kept.count, hasMissing: false)
    }

    /// Reads and checks the header; the sizes it states must be those of the file.
    static func readHeader(
        _ file: OpenFile, dimensions: ClosedRange<Int> = 1...2
    ) throws(NPYProblem) -> (NPYHeader, dataOffset: Int) {
        guard let size = file.size else { throw NPYProblem("a NumPy array is read from a regular file only") }
        let range = try NPYHeader.dictionaryRange(readBytes(file, 0..<min(size, 12)))
        guard range.count <= NPYHeader.maximumLength else {
            throw NPYProblem("a header of \(range.count) bytes, expected at most \(NPYHeader.maximumLength)")
        }
        guard range.upperBound <= size else { throw NPYProblem("truncated header") }
        let header = try NPYHeader(dictionary: readBytes(file, range), dimensions: dimensions)
        if header.rows == 0 || header.columns == 0 {
            throw NPYProblem("the array has no \(header.rows == 0 ? "rows" : "columns")")
        }
        if header.shape.contains(0) { throw NPYProblem("the array has no elements") }
        let shape = (header.shape.count == 1 ? header.shape + [1] : header.shape)
            .map { "\($0)" }.joined(separator: " × ")
        let stated = header.byteCount.map { "\($0)" } ?? "more than 2^63"
        guard header.byteCount == size - range.upperBound else {
            throw NPYProblem(
                "the header states \(shape) elements of \(header.element.size) bytes "
                    + "(\(stated) bytes), the file holds \(size - range.upperBound) bytes after it")
        }
        return (header, range.upperBound)
    }

    private static func readBytes(_ file: OpenFile, _ range: Range<Int>) throws(NPYProblem) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        do throws(TableError) {
            try file.read(into: &bytes, range: 0..<range.count, at: range.lowerBound)
        } catch {
            throw NPYProblem("reading the header failed")
        }
        return bytes
    }
}
