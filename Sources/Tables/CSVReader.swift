internal import CNumberParsing

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
/// the block asked for. Several threads read and parse ahead of the caller.
public final class CSVReader: TableSource {
    private let options: ReadingOptions
    private let missing: MissingValues
    private let header: CSVHeader
    private let source: ChunkSource
    private let input: ByteInput
    private let headerLength: Int
    private let meanFieldBytes: Double
    private var selection: ColumnSelection
    /// Made with the first block.
    private var pipeline: ChunkPipeline?
    private var queue = RowQueue()
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
        var chunker = RowChunker(input: input, options: options)
        header = try chunker.readHeader { text, atEnd throws(TableError) in
            try CSVHeader.parse(text, atEnd: atEnd, file: input.name)
        }
        source = ChunkSource(chunker)
        self.input = input
        headerLength = chunker.headerLength
        meanFieldBytes = chunker.meanFieldBytes(separator: header.separator)
        self.options = options
        self.missing = missing
        fractionRead = input.fractionRead
        lines = header.lineCount
        selection = try ColumnSelection(file: input.name, available: header.names)
        if let columns { try selection.select(columns) }
    }

    deinit { pipeline?.stop() }

    /// The names of the selected columns.
    public var columnNames: [String] { selection.names }
    /// Nil: text has to be read to be counted.
    public var rowCountHint: Int? { nil }
    /// The part of the file's bytes read so far; nil for a pipe.
    public private(set) var fractionRead: Double?

    /// The selected columns in the file, of which each pass reads the text again: where they take more than about 64 MiB as
    /// numbers, the file is neither compressed nor a pipe, a missing value is an error, no row is read yet, and no field is
    /// quoted. Cost: the first time one pass that counts lines, at the speed of memory.
    public var storedRows: (any StoredRows)? {
        guard missing == .error, pipeline == nil, numberBytes > Double(options.memoryBytes), let index = rowIndex else {
            return nil
        }
        return DelimitedRows(index: index, header: header, columnNames: columnNames, fields: selection.fields)
    }

    /// The bytes of the selected columns as numbers, by the first rows.
    private var numberBytes: Double {
        let share = Double(selection.fields.count) / Double(header.names.count)
        return Double((input.size ?? 0) - headerLength) / meanFieldBytes * share * Double(MemoryLayout<Double>.stride)
    }

    private lazy var rowIndex: RowIndex? = {
        if input.isCompressed { return nil }
        return try? RowIndex(input.file, start: headerLength, separator: header.separator, options: options)
    }()

    /// Reads only these columns, in this order. To be called before the first block.
    public func select(columns: [String]) throws(TableError) {
        precondition(pipeline == nil, "columns are selected before the first block is read")
        try selection.select(columns)
    }

    /// The next rows, or nil after the last.
    public func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0)
        try wait(forRows: maximumRows)
        return queue.removeFirst(maximumRows: maximumRows, columnCount: selection.fields.count)
    }

    /// The rows of the next chunk, or nil after the last.
    public func nextRows() throws(TableError) -> TableBlock? {
        try wait(forRows: 1)
        return queue.removeFirst(maximumRows: queue.rows, columnCount: selection.fields.count)
    }

    /// Takes chunks until so many rows are there, or the table ends.
    private func wait(forRows count: Int) throws(TableError) {
        let pipeline = started()
        while queue.rows < count && !atEnd && failure == nil {
            let chunk = pipeline.next()
            takeRows(of: chunk)
            pipeline.recycle(chunk.text)
        }
        if queue.rows < count, let failure {
            queue = RowQueue()
            throw failure
        }
    }

    /// The pipeline, which starts to read with the first block.
    private func started() -> ChunkPipeline {
        if let pipeline { return pipeline }
        let rules = ParsingRules(
            separator: header.separator, missing: missing, destinations: selection.destinations,
            columnCount: selection.fields.count)
        let made = ChunkPipeline(source, rules: rules, threads: options.threads)
        pipeline = made
        return made
    }

    private func takeRows(of chunk: ParsedChunk) {
        if let failed = chunk.failure {
            failure = failed
            return
        }
        fractionRead = chunk.fractionRead
        let scan = chunk.scan
        if blankLines > 0 && (scan.source_rows > 0 || scan.problem != .none) { passBlankLines() }
        if failure != nil { return }
        queue.append(chunk.piece)
        droppedRows += scan.dropped_rows
        failure = errors.error(for: scan, in: chunk.text, lines: lines, rows: sourceRows)
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
        if header.names.count > 1 || missing == .error {
            failure = errors.blankLine(line: lines - blankLines + 1, row: sourceRows + 1)
        } else if missing == .drop {
            droppedRows += blankLines
        } else {
            let values = [Double](repeating: .nan, count: blankLines)
            queue.append(RowQueue.Piece(values: values, stride: blankLines, rows: blankLines, hasMissing: true))
        }
        sourceRows += blankLines
        blankLines = 0
    }

    private var errors: RowErrors { RowErrors(file: input.name, names: header.names) }

    private func error(_ reason: TableError.Reason) -> TableError {
        TableError(file: input.name, reason: reason)
    }
}
