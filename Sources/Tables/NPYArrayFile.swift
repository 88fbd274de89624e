/// A NumPy array in an open file: its header, and reads of any of its rows by any thread.
///
/// Rows are read through a buffer of 64 KiB that stays in the cache. Mapping the file into memory is not faster (4.5 to
/// 6 GB/s either way), would count the file's pages as this program's, and would end it if the file became shorter.
struct NPYArrayFile: Sendable {
    let file: OpenFile
    let header: NPYHeader
    /// Where the elements start.
    let dataOffset: Int

    /// Opens an array of one of the numbers of dimensions given, and reads and checks its header.
    init(path: String, dimensions: ClosedRange<Int> = 1...2) throws(TableError) {
        file = try OpenFile(reading: path)
        do throws(NPYProblem) {
            (header, dataOffset) = try Self.readHeader(file, dimensions: dimensions)
        } catch {
            throw TableError(file: path, reason: .badArray(error.message))
        }
    }

    /// The names x1 to xn of the columns. Throws where there are too many.
    func columnNames() throws(TableError) -> [String] {
        let limit = ColumnSelection.maximumColumns
        guard header.columns <= limit else {
            throw TableError(file: file.name, reason: .tooManyColumns(found: header.columns, limit: limit))
        }
        return (1...header.columns).map { "x\($0)" }
    }

    /// Reads `count` rows of the columns `fields`, column after column, into the start of `block`. Returns whether all
    /// numbers are finite.
    func read(
        first: Int, count: Int, fields: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) -> Bool {
        if count == 0 { return true }
        return header.isFortranOrder || header.columns == 1
            ? try readColumns(first, count, fields, &block) : try readRows(first, count, fields, &block)
    }

    private static let bufferBytes = 1 << 16

    /// Reads rows that are contiguous.
    private func readRows(
        _ first: Int, _ count: Int, _ fields: [Int], _ block: inout MutableSpan<Double>
    ) throws(TableError) -> Bool {
        let rowBytes = header.columns * header.element.size
        let rowsAtOnce = min(count, max(1, Self.bufferBytes / rowBytes))
        var buffer = [UInt8](repeating: 0, count: rowsAtOnce * rowBytes)
        let layout = ElementLayout(rowStride: rowBytes, columnStride: header.element.size, columns: fields)
        var isFinite = true
        for start in stride(from: 0, to: count, by: rowsAtOnce) {
            let rows = min(rowsAtOnce, count - start)
            try file.read(into: &buffer, range: 0..<rows * rowBytes, at: dataOffset + (first + start) * rowBytes)
            let fits = header.element.convert(
                buffer, layout, rows: rows, into: &block, at: start, columnStride: count)
            isFinite = isFinite && fits
        }
        return isFinite
    }

    /// Reads columns that are contiguous.
    private func readColumns(
        _ first: Int, _ count: Int, _ fields: [Int], _ block: inout MutableSpan<Double>
    ) throws(TableError) -> Bool {
        let size = header.element.size
        let rowsAtOnce = min(count, Self.bufferBytes / size)
        var buffer = [UInt8](repeating: 0, count: rowsAtOnce * size)
        let layout = ElementLayout(rowStride: size, columnStride: size, columns: [0])
        var isFinite = true
        for (place, field) in fields.enumerated() {
            for start in stride(from: 0, to: count, by: rowsAtOnce) {
                let rows = min(rowsAtOnce, count - start)
                let offset = dataOffset + (field * header.rows + first + start) * size
                try file.read(into: &buffer, range: 0..<rows * size, at: offset)
                let fits = header.element.convert(
                    buffer, layout, rows: rows, into: &block, at: place * count + start, columnStride: count)
                isFinite = isFinite && fits
            }
        }
        return isFinite
    }

    /// Reads and checks the header; the sizes it states must be those of the file.
    private static func readHeader(
        _ file: OpenFile, dimensions: ClosedRange<Int>
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

/// The rows of a NumPy array as stored. NaN and infinities are errors.
struct NPYRows: StoredRows {
    let array: NPYArrayFile
    let columnNames: [String]
    /// The place in the array of each column.
    let fields: [Int]

    var rows: Int { array.header.rows }

    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, columns, room: block.count)
        if try array.read(first: first, count: count, fields: columns.map { fields[$0] }, into: &block) { return }
        guard
            let (row, column) = firstUnfit(block, rows: count, columns: columns.count, allowingMissing: false)
        else { return }
        throw TableError(
            file: array.file.name, unfit: block[column * count + row], row: first + row + 1,
            column: columnNames[columns[column]])
    }
}
