/// Opens a table for reading: a NumPy array, a Matrix Market file or delimited text, told by the first bytes, from a
/// file or from standard input where `path` is `-`. gzip and Zstandard are unpacked.
///
/// The columns of arrays and matrices are named x1 to xn. A Matrix Market file is read into memory at once, the entries
/// that are not listed are zeros; one that lists fewer than one entry in a million is refused as no table (a few bytes
/// could claim any number of rows).
///
/// - Parameters:
///   - columns: the columns to read, in this order; nil reads all.
///   - missing: what to do with rows that have a missing value in one of these.
/// - Throws: ``TableError`` where the file can't be opened or its header can't be read.
public func openTable(
    path: String, columns: [String]? = nil, missing: MissingValues = .error
) throws(TableError) -> any TableSource {
    try openTable(path: path, columns: columns, missing: missing, options: .standard)
}

/// The same with options for text.
package func openTable(
    path: String, columns: [String]? = nil, missing: MissingValues, options: ReadingOptions
) throws(TableError) -> any TableSource {
    let input = try ByteInput(path: path)
    var kind = input.kind
    // A name that promises something else is an error that says what was found.
    if kind == .other && hasExtension(path, "npy") { kind = .numPyArray }
    if kind == .other && hasExtension(path, "mtx") { kind = .matrixMarket }
    switch kind {
    case .numPyArray: return try NPYReader(input, columns: columns, missing: missing)
    case .matrixMarket: return try StoredRowsReader(matrixRows(input), columns: columns, file: input.name)
    case .other: return try CSVReader(input: input, columns: columns, missing: missing, options: options)
    }
}

/// Whether a file's name ends in `.wanted`, a suffix of compression aside.
private func hasExtension(_ path: String, _ wanted: String) -> Bool {
    let name = path.lowercased()
    return [".\(wanted)", ".\(wanted).gz", ".\(wanted).zst"].contains { name.hasSuffix($0) }
}

/// The matrix of a Matrix Market file as rows of a table.
private func matrixRows(_ input: ByteInput) throws(TableError) -> any StoredRows {
    switch try MatrixMarketReader.read(input, mostColumns: ColumnSelection.maximumColumns) {
    case .dense(let matrix):
        let columns = (0..<matrix.columns).map { matrix.column($0) }
        return StoredColumns(
            columnNames: try numberedNames(matrix.columns, file: input.name), columns: columns, file: input.name)
    case .sparse(let matrix):
        let mostCells = Double(max(matrix.values.count, 100)) * 1e6
        guard Double(matrix.rows) * Double(matrix.columns) <= mostCells else {
            throw TableError(
                file: input.name,
                reason: .badMatrix(
                    "\(matrix.rows) × \(matrix.columns) with \(matrix.values.count) entries is too sparse to be read as a table"
                ))
        }
        return SparseRows(columnNames: try numberedNames(matrix.columns, file: input.name), matrix: matrix)
    }
}

/// The names x1 to xn. Throws where there are more columns than a table may have.
func numberedNames(_ count: Int, file: String) throws(TableError) -> [String] {
    let limit = ColumnSelection.maximumColumns
    guard count <= limit else { throw TableError(file: file, reason: .tooManyColumns(found: count, limit: limit)) }
    return (1...count).map { "x\($0)" }
}
