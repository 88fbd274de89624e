internal import CNumberParsing

/// The rows of a file of delimited text, whose numbers are read from the text again each time: that takes less time than to
/// write them to a temporary file and to read them there, and no room on a disk.
///
/// Cost of a read: the text from at most 4 KiB before the first row to as much behind the last (further apart in files
/// beyond 2 GiB), whatever the columns. Memory: 64 KiB, or one row.
struct DelimitedRows: StoredRows {
    let index: RowIndex
    let header: CSVHeader
    let columnNames: [String]
    /// The place in the file of each column.
    let fields: [Int]

    var rows: Int { index.rows }

    /// As ``StoredRows/read(first:count:columns:into:)``.
    /// - Throws: ``TableError`` for the first row that is no row of numbers, as ``CSVReader`` does, and `readFailed` where the
    ///   file was written to since it was opened.
    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, columns, room: block.count)
        if count == 0 || columns.isEmpty { return }
        let rules = rules(columns)
        var window = try RowWindow(index, rows: first..<first + count)
        var done = 0
        while done < count {
            let (range, rows, scan) = window.text.scanRows(
                from: window.used, most: count - done, rules, into: &block, at: done, columnStride: count)
            if scan.rows != rows {
                try index.file.checkUnchanged()
                throw error(scan, in: DelimitedText(window.text.bytes[range]), after: first + done)
            }
            done += rows
            window.used = range.upperBound
            if rows == 0 { try window.fill() }
        }
        try index.file.checkUnchanged()
        copyRepeated(columns, count, in: &block)
    }

    /// Parsing into the place of each column in the list, the first where a column is listed again.
    private func rules(_ columns: [Int]) -> ParsingRules {
        var destinations = [Int64](repeating: -1, count: header.names.count)
        for (place, column) in columns.enumerated().reversed() { destinations[fields[column]] = Int64(place) }
        return ParsingRules(
            separator: header.separator, missing: .error, destinations: destinations, columnCount: columns.count)
    }

    /// The error for rows of which the scanner read fewer than there are; `rows` of the table precede them.
    private func error(_ scan: csv_scan, in text: DelimitedText, after rows: Int) -> TableError {
        let errors = RowErrors(file: index.file.name, names: header.names)
        if let error = errors.error(for: scan, in: text, lines: header.lineCount + rows, rows: rows) { return error }
        if scan.trailing_blank_lines == 0 { return index.file.changed }
        // Blank lines, which the scanner takes for the end.
        let row = rows + scan.rows + 1
        return errors.blankLine(line: header.lineCount + row, row: row)
    }

    private func copyRepeated(_ columns: [Int], _ count: Int, in block: inout MutableSpan<Double>) {
        var seen: [Int: Int] = [:]
        for (place, column) in columns.enumerated() {
            guard let first = seen[column] else {
                seen[column] = place
                continue
            }
            for i in 0..<count { block[place * count + i] = block[first * count + i] }
        }
    }
}

/// The text of some rows of a file, a piece at a time.
private struct RowWindow {
    private(set) var text = DelimitedText()
    /// Where the text starts that was not used yet.
    var used = 0
    private let index: RowIndex
    /// The file's bytes that are to be read yet.
    private var unread: Range<Int>

    /// Starts at the first row.
    init(_ index: RowIndex, rows: Range<Int>) throws(TableError) {
        self.index = index
        let start = index.start(of: rows.lowerBound)
        unread = start.offset..<index.end(ofFirst: rows.upperBound)
        text.bytes = [UInt8](unsetCount: min(index.bufferBytes, unread.count) + 1) { _ in }
        var linesToPass = start.lines
        while linesToPass > 0 {
            try fill()
            let passed = text.lines(in: used..<text.count, most: linesToPass)
            linesToPass -= passed.count
            used = linesToPass == 0 ? passed.end : text.count
        }
    }

    /// Reads more text, behind what is left.
    mutating func fill() throws(TableError) {
        // All that was to be read is, and rows are missing.
        if unread.isEmpty { throw index.file.changed }
        let left = text.count - used
        for i in 0..<left where used > 0 { text.bytes[i] = text.bytes[used + i] }
        used = 0
        // A place stays free for the line end that the file may lack.
        if left + 1 == text.bytes.count { text.bytes += [UInt8](repeating: 0, count: text.bytes.count) }
        let count = min(text.bytes.count - 1 - left, unread.count)
        try index.file.read(into: &text.bytes, range: left..<left + count, at: unread.lowerBound)
        unread = unread.lowerBound + count..<unread.upperBound
        text.count = left + count
        if index.lacksLineEnd && unread.lowerBound == index.bytes.upperBound {
            text.bytes[text.count] = UInt8(ascii: "\n")
            text.count += 1
        }
    }
}
