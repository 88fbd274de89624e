import Foundation

@testable import Tables

/// A file that exists while the value is alive.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8], suffix: String = ".csv") {
        path = FileManager.default.temporaryDirectory.path + "/tables-\(UUID().uuidString)\(suffix)"
        precondition(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
    }

    convenience init(_ text: String, suffix: String = ".csv") { self.init(Array(text.utf8), suffix: suffix) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// All rows of a source as one block, read `rows` at a time; nil for no row.
func readAll(_ source: any TableSource, rowsAtOnce: Int = 1000) throws(TableError) -> TableBlock? {
    var blocks: [TableBlock] = []
    while let block = try source.nextBlock(maximumRows: rowsAtOnce) {
        precondition(block.rows <= rowsAtOnce && block.firstRow == blocks.reduce(0) { $0 + $1.rows })
        blocks.append(block)
    }
    guard let first = blocks.first else { return nil }
    let values = (0..<first.columnCount).flatMap { column in
        blocks.flatMap { $0.values[column * $0.rows..<(column + 1) * $0.rows] }
    }
    return TableBlock(
        firstRow: 0, rows: blocks.reduce(0) { $0 + $1.rows }, columnCount: first.columnCount, values: values,
        hasMissing: blocks.contains { $0.hasMissing })
}

/// Reads CSV text with small chunks or as the product does.
func readCSV(
    _ text: String, columns: [String]? = nil, missing: MissingValues = .error, options: ReadingOptions? = nil,
    rowsAtOnce: Int = 1000
) throws(TableError) -> TableBlock? {
    try readCSV(Array(text.utf8), columns: columns, missing: missing, options: options, rowsAtOnce: rowsAtOnce)
}

/// Reads CSV bytes.
func readCSV(
    _ bytes: [UInt8], columns: [String]? = nil, missing: MissingValues = .error, options: ReadingOptions? = nil,
    rowsAtOnce: Int = 1000
) throws(TableError) -> TableBlock? {
    let file = TemporaryFile(bytes)
    let reader = try CSVReader(
        input: ByteInput(path: file.path), columns: columns, missing: missing, options: options ?? ReadingOptions())
    return try readAll(reader, rowsAtOnce: rowsAtOnce)
}

/// The message of the error that reading CSV text throws, with the path replaced by "FILE".
func csvMessage(
    _ text: String, columns: [String]? = nil, missing: MissingValues = .error, options: ReadingOptions? = nil
) -> String {
    let file = TemporaryFile(text)
    do throws(TableError) {
        let reader = try CSVReader(
            input: ByteInput(path: file.path), columns: columns, missing: missing,
            options: options ?? ReadingOptions())
        return "no error: \(String(describing: try readAll(reader)))"
    } catch {
        return error.description.replacingOccurrences(of: file.path, with: "FILE")
    }
}
