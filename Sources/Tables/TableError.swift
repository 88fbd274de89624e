/// Why a table can't be read, or spooled: the file, what was found there, and what was expected.
public struct TableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that a caller answers differently.
    public enum Category: Sendable, CaseIterable {
        /// No such file (sysexits 66).
        case notFound
        /// The file is there but can't be opened (sysexits 66).
        case unreadable
        /// The contents are not a table of finite numbers, or not the columns asked for (sysexits 65).
        case badData
        /// Reading or writing failed half-way (sysexits 74).
        case inputOutput
    }

    /// The place of a cell.
    public struct Cell: Sendable, Equatable {
        /// The line of the file from 1, where the file is text.
        public let line: Int?
        /// The data row from 1 (the header is not counted, dropped rows are).
        public let row: Int
        /// The column's name.
        public let column: String

        /// A place from its parts.
        public init(line: Int?, row: Int, column: String) {
            self.line = line
            self.row = row
            self.column = column
        }
    }

    /// What went wrong.
    public enum Reason: Sendable, Equatable {
        /// No file has this path.
        case notFound
        /// The file can't be opened; the system's words.
        case unreadable(String)
        /// Reading failed; the system's words.
        case readFailed(String)
        /// Writing the temporary file failed; the system's words.
        case writeFailed(String)
        /// The file has no bytes, or blank lines only.
        case empty
        /// There is a header but no row.
        case noRows
        /// The file is no delimited text; what it looks like.
        case notText(String)
        /// The first line holds numbers.
        case headerIsData(found: String)
        /// The table is wider than ``TableSource`` supports.
        case tooManyColumns(found: Int, limit: Int)
        /// Two columns of the header have the same name.
        case duplicateColumn(name: String, first: Int, second: Int)
        /// A selection names a column twice.
        case duplicateSelection(name: String)
        /// A selection names no column.
        case emptySelection
        /// A selection names a column that is not there.
        case unknownColumn(name: String, suggestions: [String], available: [String])
        /// A cell that is not a number.
        case notNumber(Cell, found: String)
        /// A missing value where none is allowed.
        case missingValue(Cell, found: String)
        /// An infinity, or a number too large for a double.
        case notFinite(Cell, found: String)
        /// A weight that is negative or, where rows are counted, no whole number.
        case badWeight(Cell, found: String, expected: String)
        /// A table beside another with another number of rows.
        case rowCount(found: String, expected: String, other: String)
        /// A row with too few or too many fields.
        case fieldCount(line: Int, row: Int, found: Int, expected: Int)
        /// A blank line that is not at the end.
        case blankLine(line: Int)
        /// A quoted field that does not end.
        case openQuote(line: Int)
        /// A row longer than the limit in bytes.
        case rowTooLong(line: Int, limit: Int)
        /// A NumPy file that can't be read as a table; why.
        case badArray(String)
        /// Compressed data that can't be unpacked; where and why.
        case badCompression(String)
        /// A Matrix Market file that can't be read; why.
        case badMatrix(String)
        /// A line of a Matrix Market file that can't be read; why.
        case badMatrixLine(line: Int, problem: String)
    }

    /// The path as given, or "standard input".
    public let file: String
    /// What went wrong.
    public let reason: Reason

    /// An error from its parts.
    public init(file: String, reason: Reason) {
        self.file = file
        self.reason = reason
    }

    /// The kind of failure.
    public var category: Category {
        switch reason {
        case .notFound: .notFound
        case .unreadable: .unreadable
        case .readFailed, .writeFailed: .inputOutput
        default: .badData
        }
    }

    /// The message, in one line, without a full stop: file, place, what was found, what was expected. Names are cut after
    /// 64 characters; control characters in them, which could mislead a terminal, are replaced.
    public var description: String {
        String(String.UnicodeScalarView(message.unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 }))
    }

    private var message: String {
        switch reason {
        case .notFound: "\(file): no such file"
        case .unreadable(let why): "\(file): can't be opened: \(why)"
        case .readFailed(let why): "\(file): reading failed: \(why)"
        case .writeFailed(let why): "\(file): writing failed: \(why)"
        case .notNumber(let cell, let found): "\(place(cell)): found \(found), expected a number"
        case .missingValue(let cell, let found): "\(place(cell)): missing value (\(found)), expected a number"
        case .notFinite(let cell, let found): "\(place(cell)): non-finite value \(found), expected a finite number"
        case .badWeight(let cell, let found, let expected): "\(place(cell)): weight \(found), expected \(expected)"
        case .rowCount(let found, let expected, let other):
            "\(file): found \(found) rows, expected \(expected) as in \(other)"
        case .badArray(let why), .badCompression(let why), .badMatrix(let why): "\(file): \(why)"
        case .badMatrixLine(let line, let why): "\(file):\(line): \(why)"
        default: "\(file)\(textProblem)"
        }
    }

    private func place(_ cell: Cell) -> String {
        let line = cell.line.map { ":\($0)" } ?? ""
        return "\(file)\(line): data row \(cell.row), column \(quoted(cell.column))"
    }

    /// The rest of the message for problems of the header or of a whole row.
    private var textProblem: String {
        switch reason {
        case .empty: ": empty file, expected a header line with the column names"
        case .noRows: ": no data rows after the header"
        case .notText(let found): ": found \(found), expected delimited text (UTF-8)"
        case .headerIsData(let found): ":1: found numbers (\(found)), expected a header line with the column names"
        case .tooManyColumns(let found, let limit): ": \(found) columns, expected at most \(limit)"
        case .duplicateColumn(let name, let first, let second):
            ":1: columns \(first) and \(second) are both named \(quoted(name)), expected distinct names"
        case .duplicateSelection(let name): ": column \(quoted(name)) is selected twice"
        case .emptySelection: ": no column is selected"
        case .unknownColumn(let name, let suggestions, let available):
            ": no column \(quoted(name))\(hint(suggestions: suggestions, available: available))"
        case .fieldCount(let line, let row, let found, let expected):
            ":\(line): data row \(row): found \(found) field\(found == 1 ? "" : "s"), expected \(expected)"
        case .blankLine(let line): ":\(line): blank line between rows"
        case .openQuote(let line): ":\(line): a quoted field starts here and is never closed"
        case .rowTooLong(let line, let limit): ":\(line): row longer than \(limit) bytes"
        default: ""
        }
    }

    private func hint(suggestions: [String], available: [String]) -> String {
        let names = suggestions.isEmpty ? Array(available.prefix(8)) : suggestions
        let list = names.map(quoted).joined(separator: ", ")
        if suggestions.isEmpty { return "; the columns are \(list)\(available.count > 8 ? ", …" : "")" }
        return "; did you mean \(list)?"
    }

    /// A name as messages show it.
    private func quoted(_ name: String) -> String {
        let start = name.unicodeScalars.prefix(64)
        return "\"\(String(start))\(start.endIndex < name.unicodeScalars.endIndex ? "…" : "")\""
    }
}

extension Unicode.Scalar {
    /// Whether this is one of the C0 and C1 control characters, or ends a line.
    var isControl: Bool { properties.generalCategory == .control || (value | 1) == 0x2029 }
}
