internal import CNumberParsing

/// The errors of rows of delimited text.
struct RowErrors {
    /// The file's name for messages.
    let file: String
    /// The names of all columns of the file.
    let names: [String]

    /// The error for the problem of a text that follows `lines` lines and `rows` rows of the file; nil where it has none.
    func error(for scan: csv_scan, in text: DelimitedText, lines: Int, rows: Int) -> TableError? {
        if scan.problem == .none { return nil }
        let line = lines + text.newlines(before: scan.offset) + 1
        let row = rows + scan.source_rows + 1
        if scan.problem == .blank_line { return error(.blankLine(line: line)) }
        if scan.problem == .field_count {
            return error(.fieldCount(line: line, row: row, found: scan.field, expected: names.count))
        }
        let cell = TableError.Cell(line: line, row: row, column: names[scan.field])
        let found = shortened(text.bytes[scan.offset..<scan.offset + scan.length])
        let shown = found.isEmpty ? Self.emptyCell : found.first == "\"" ? found : "\"\(found)\""
        switch scan.problem {
        case .missing: return error(.missingValue(cell, found: shown))
        case .not_finite: return error(.notFinite(cell, found: shown))
        default: return error(.notNumber(cell, found: shown))
        }
    }

    /// The error for a blank line that is not at the end: in a table of one column it is a row with an empty cell.
    func blankLine(line: Int, row: Int) -> TableError {
        if names.count > 1 { return error(.blankLine(line: line)) }
        return error(.missingValue(.init(line: line, row: row, column: names[0]), found: Self.emptyCell))
    }

    private func error(_ reason: TableError.Reason) -> TableError { TableError(file: file, reason: reason) }

    private static let emptyCell = "empty cell"
}
