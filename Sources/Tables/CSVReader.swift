internal import CNumberParsing
import Dispatch
import Synchronization

/// Reads delimited text (CSV): a header line with column names, then rows of numbers.
///
/// - Separator: comma, tab or semicolon, whichever cuts the header line into most fields (ties: tab, then semicolon).
/// - Quotes: RFC 4180; a field that starts with a quote may hold separators, newlines, and "" for a quote.
/// - Lines end in LF or CRLF; the last may lack its end. Blank lines at the end are ignored, elsewhere an error (in a
///   table of one column: a missing value). A UTF-8 byte order mark is skipped.
/// - Numbers: decimal notation, optional sign (also +) and exponent, blanks around them; correctly rounded; too small
///   a number becomes 0. A decimal comma is accepted where the separator is a semicolon.
/// - Missing values: an empty cell, NA, N/A, null, and NaN with an optional sign, in any letter case.
/// - inf, infinity, and numbers too large for a double are errors.
/// - Columns that are not selected may hold anything.
///
/// An empty name in the header becomes "columnK" (K from 1). A header of numbers only is taken for data and is an
/// error, unless they count up by one such as 0,1,2.
///
/// Cost: one pass; memory is bounded by about ten times the chunk of 1 MiB for each thread, however long the file, plus
/// the block asked for. The text is parsed by `std::from_chars` on several threads.
public final class CSVReader: TableSource {
    private let options: ReadingOptions
    private let missing: MissingValues
    private let header: CSVHeader
    private var selection: ColumnSelection
    private var chunker: RowChunker
    private var workers: [ChunkWorker] = []
    private var queue = RowQueue()
    private var hasStarted = false
    private var atEnd = false
    private var failure: TableError?
    /// Lines and rows of the file that are parsed.
    private var lines: Int
    private var sourceRows = 0
    /// Blank lines after the last row parsed.
    private var blankLines = 0
    /// Rows left out because of a missing value.
    public private(set) var droppedRows = 0

    /// Opens the file at `path`, or standard input where it is `-`, and reads its header. gzip and Zstandard are unpacked.
    ///
    /// - Parameters:
    ///   - columns: the columns to read, in this order; nil reads all.
    ///   - missing: what to do with rows that have a missing value in one of these.
    ///   - threads: how many threads parse; the result does not depend on it.
    /// - Throws: ``TableError``.
    public convenience init(
        path: String, columns: [String]? = nil, missing: MissingValues = .error, threads: Int? = nil
    ) throws(TableError) {
        var options = ReadingOptions.standard
        if let threads { options.threads = threads }
        try self.init(input: ByteInput(path: path), columns: columns, missing: missing, options: options)
    }

    init(
        input: ByteInput, columns: [String]?, missing: MissingValues, options: ReadingOptions
    ) throws(TableError) {
        self.options = options
        self.missing = missing
        chunker = RowChunker(input: input, options: options)
        header = try chunker.readHeader { text, atEnd throws(TableError) in
            try CSVHeader.parse(text, atEnd: atEnd, file: input.name)
        }
        lines = header.lineCount
        selection = try ColumnSelection(file: input.name, available: header.names)
        if let columns { try selection.select(columns) }
    }

    /// The names of the selected columns.
    public var columnNames: [String] { selection.names }
    /// Nil: text has to be read to be counted.
    public var rowCountHint: Int? { nil }
    /// The part of the file's bytes read so far; nil for a pipe.
    public var fractionRead: Double? { chunker.input.fractionRead }

    /// Reads only these columns, in this order. To be called before the first block.
    public func select(columns: [String]) throws(TableError) {
        precondition(!hasStarted, "columns are selected before the first block is read")
        try selection.select(columns)
    }

    /// The next rows, or nil after the last.
    public func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0)
        hasStarted = true
        while queue.rows < maximumRows && !atEnd && failure == nil { parseNextChunks() }
        if queue.rows < maximumRows, let failure {
            queue = RowQueue()
            throw failure
        }
        return queue.removeFirst(maximumRows: maximumRows, columnCount: selection.fields.count)
    }

    /// Reads one chunk for each thread, parses them at the same time, and takes over their rows in order.
    private func parseNextChunks() {
        var used = 0
        var readFailure: TableError?
        while used < options.threads {
            if used == workers.count { workers.append(ChunkWorker()) }
            do throws(TableError) {
                try workers[used].read(from: &chunker, separator: header.separator)
            } catch {
                readFailure = error
                break
            }
            used += 1
            if workers[used - 1].isLast { break }
        }
        let active = Array(workers.prefix(used))
        let (separator, missing, destinations) = (header.separator, missing, selection.destinations)
        let columnCount = selection.fields.count
        DispatchQueue.concurrentPerform(iterations: used) { index in
            active[index].parse(
                separator: separator, missing: missing, destinations: destinations, columnCount: columnCount)
        }
        for worker in active where failure == nil { worker.handOver(to: takeRows) }
        failure = failure ?? readFailure
    }

    private func takeRows(of chunk: ParsedChunk) {
        let scan = chunk.scan
        if blankLines > 0 && (scan.source_rows > 0 || scan.problem != .none) { passBlankLines() }
        if failure != nil { return }
        queue.append(chunk.piece)
        droppedRows += scan.dropped_rows
        failure = problem(scan, in: chunk.text)
        sourceRows += scan.source_rows
        blankLines += scan.trailing_blank_lines
        lines += chunk.lines
        if failure != nil { return }
        switch chunk.end {
        case .row: break
        case .file:
            atEnd = true
            if sourceRows == 0 { failure = error(.noRows) }
        case .openQuote(let offset):
            let line = lines + chunk.text.newlines(before: offset) - chunk.lines + 1
            failure = error(.openQuote(line: line))
        case .longRow: failure = error(.rowTooLong(line: lines + 1, limit: options.maximumRowBytes))
        }
    }

    /// Treats blank lines that turned out not to be at the end.
    private func passBlankLines() {
        let line = lines - blankLines + 1
        if header.names.count > 1 {
            failure = error(.blankLine(line: line))
        } else if missing == .error {
            let cell = TableError.Cell(line: line, row: sourceRows + 1, column: header.names[0])
            failure = error(.missingValue(cell, found: emptyCell))
        } else if missing == .drop {
            droppedRows += blankLines
        } else {
            let values = [Double](repeating: .nan, count: blankLines)
            queue.append(RowQueue.Piece(values: values, stride: blankLines, rows: blankLines, hasMissing: true))
        }
        sourceRows += blankLines
        blankLines = 0
    }

    /// The error for a problem in a chunk that follows `lines` lines and `sourceRows` rows.
    private func problem(_ scan: csv_scan, in text: DelimitedText) -> TableError? {
        if scan.problem == .none { return nil }
        let line = lines + text.newlines(before: scan.offset) + 1
        let row = sourceRows + scan.source_rows + 1
        if scan.problem == .blank_line { return error(.blankLine(line: line)) }
        if scan.problem == .field_count {
            return error(.fieldCount(line: line, row: row, found: scan.field, expected: header.names.count))
        }
        let cell = TableError.Cell(line: line, row: row, column: header.names[scan.field])
        let found = shortened(text.bytes[scan.offset..<scan.offset + scan.length])
        let shown = found.isEmpty ? emptyCell : found.first == "\"" ? found : "\"\(found)\""
        switch scan.problem {
        case .missing: return error(.missingValue(cell, found: shown))
        case .not_finite: return error(.notFinite(cell, found: shown))
        default: return error(.notNumber(cell, found: shown))
        }
    }

    private func error(_ reason: TableError.Reason) -> TableError {
        TableError(file: chunker.input.name, reason: reason)
    }
}

private let emptyCell = "empty cell"

/// A chunk and what its parsing gave.
private struct ParsedChunk {
    var text = DelimitedText()
    var end = RowChunker.End.row
    var scan = csv_scan()
    var piece = RowQueue.Piece(values: [], stride: 0, rows: 0, hasMissing: false)
    var lines = 0
}

/// Owns one chunk. One thread at a time works on it.
private final class ChunkWorker: Sendable {
    private let chunk = Mutex(ParsedChunk())

    /// Reads the next chunk.
    func read(from chunker: inout RowChunker, separator: UInt8) throws(TableError) {
        try chunk.withLock { chunk throws(TableError) in
            chunk.end = try chunker.next(&chunk.text, separator: separator)
        }
    }

    /// Whether no chunk can follow this one.
    var isLast: Bool {
        chunk.withLock { chunk in
            if case .row = chunk.end { return false }
            return true
        }
    }

    func parse(separator: UInt8, missing: MissingValues, destinations: [Int64], columnCount: Int) {
        chunk.withLock { chunk in
            (chunk.scan, chunk.piece, chunk.lines) = chunk.text.scanRows(
                separator: separator, missing: missing, destinations: destinations, columnCount: columnCount)
        }
    }

    /// Gives the parsed chunk away and lets go of its rows.
    func handOver(to receiver: (ParsedChunk) -> Void) {
        chunk.withLock { chunk in
            receiver(chunk)
            chunk.piece.values = []
        }
    }
}
