/// A NumPy array in an open file: its header, and reads of any of its rows by any thread.
///
/// Rows are read through a buffer of 64 KiB that stays in the cache. Mapping the file into memory is not faster (4.5 to
/// 6 GB/s, about as fast either way), would count the file's pages as this program's, and would end it if the file became shorter.
struct NPYArrayFile: Sendable {
    /// The name for messages.
    let name: String
    let header: NPYHeader
    private let file: OpenFile
    /// Where the elements start.
    private let dataOffset: Int

    /// Reads and checks the header of an array with one of the numbers of dimensions given. The elements of an array
    /// that is compressed or comes through a pipe are put into a temporary file without a name.
    init(_ input: ByteInput, dimensions: ClosedRange<Int> = 1...2) throws(TableError) {
        name = input.name
        var start = NPYStart(input)
        header = try start.header(dimensions: dimensions)
        if let size = input.size {
            try start.check(header, foundBytes: size - start.length)
            (file, dataOffset) = (input.file, start.length)
        } else {
            (file, dataOffset) = (try start.spooledElements(header), 0)
        }
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
        var buffer = [UInt8](unsetCount: rowsAtOnce * rowBytes) { _ in }
        let layout = ElementLayout(rowStride: rowBytes, columnStride: header.element.size, columns: fields)
        var isFinite = true
        for start in stride(from: 0, to: count, by: rowsAtOnce) {
            let rows = min(rowsAtOnce, count - start)
            try read(&buffer, count: rows * rowBytes, at: (first + start) * rowBytes)
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
        var buffer = [UInt8](unsetCount: rowsAtOnce * size) { _ in }
        let layout = ElementLayout(rowStride: size, columnStride: size, columns: [0])
        var isFinite = true
        for (place, field) in fields.enumerated() {
            for start in stride(from: 0, to: count, by: rowsAtOnce) {
                let rows = min(rowsAtOnce, count - start)
                try read(&buffer, count: rows * size, at: (field * header.rows + first + start) * size)
                let fits = header.element.convert(
                    buffer, layout, rows: rows, into: &block, at: place * count + start, columnStride: count)
                isFinite = isFinite && fits
            }
        }
        return isFinite
    }

    /// Fills `buffer` with the first bytes from byte `offset` of the elements.
    func read(_ buffer: inout [UInt8], count: Int, at offset: Int) throws(TableError) {
        try file.read(into: &buffer, range: 0..<count, at: dataOffset + offset)
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
            file: array.name, unfit: block[column * count + row], row: first + row + 1,
            column: columnNames[columns[column]])
    }
}
