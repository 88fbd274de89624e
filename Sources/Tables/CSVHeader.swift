/// The separator and the column names, from the first line of delimited text.
struct CSVHeader {
    let separator: UInt8
    let names: [String]
    /// Lines of the file that the header takes (more than one where a quoted name has a newline).
    let lineCount: Int

    /// Reads the header at the start of `text`; nil where more text is needed.
    static func parse(
        _ text: DelimitedText, atEnd: Bool, file: String
    ) throws(TableError) -> (header: CSVHeader, length: Int)? {
        let start = text.bytes.starts(with: [0xEF, 0xBB, 0xBF]) && text.count >= 3 ? 3 : 0
        if let kind = binaryKind(text) { throw TableError(file: file, reason: .notText(kind)) }
        if text.bytes[start..<text.count].allSatisfy({ blanks.contains($0) }) {
            if !atEnd { return nil }
            throw TableError(file: file, reason: .empty)
        }
        guard let separator = detectSeparator(text.bytes[start..<text.count]),
            let end = text.row(at: start, separator: separator).end
        else {
            if !atEnd { return nil }
            throw TableError(file: file, reason: .openQuote(line: 1))
        }
        let header = try CSVHeader(text, range: start..<end, separator: separator, file: file)
        return (header, end)
    }

    /// The separator that occurs most often outside quotes in the first line; of equally frequent ones that which is
    /// rarer within names: tab, then semicolon, then comma. Nil where the line does not end.
    private static func detectSeparator(_ bytes: ArraySlice<UInt8>) -> UInt8? {
        enum State { case fieldStart, plain, quoted, closed }
        let (quote, blank, newline) = (UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: "\n"))
        let separators = [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: ",")]
        var counts = [0, 0, 0]
        var state = State.fieldStart
        for byte in bytes {
            switch (state, byte) {
            case (.quoted, quote): state = .closed
            case (.quoted, _), (.fieldStart, blank): continue
            case (.fieldStart, quote), (.closed, quote): state = .quoted
            case (_, newline):
                let most = counts.max() ?? 0
                return most == 0 ? UInt8(ascii: ",") : zip(separators, counts).first { $0.1 == most }?.0
            default:
                let index = separators.firstIndex(of: byte)
                if let index { counts[index] += 1 }
                state = index == nil ? .plain : .fieldStart
            }
        }
        return nil
    }

    private init(_ text: DelimitedText, range: Range<Int>, separator: UInt8, file: String) throws(TableError) {
        if text.bytes[range].contains(0) { throw TableError(file: file, reason: .notText("a zero byte")) }
        let cells = Self.cells(text, range: range, separator: separator)
        if cells.count == 1, text.bytes[cells[0]].allSatisfy({ Self.blanks.contains($0) }) {
            throw TableError(file: file, reason: .blankLine(line: 1))
        }
        if cells.contains(where: { Self.hasBareCarriageReturn(text.bytes[$0]) }) {
            throw TableError(file: file, reason: .notText("a carriage return that ends no line"))
        }
        let names = cells.enumerated().map { index, cell in
            let name = cellText(text.bytes[cell])
            return name.isEmpty ? "column\(index + 1)" : name
        }
        if Self.isData(text, cells: cells, separator: separator) {
            let line = shortened(text.bytes[range.lowerBound..<range.upperBound - 1], limit: 40)
            throw TableError(file: file, reason: .headerIsData(found: line))
        }
        self.separator = separator
        self.names = names
        lineCount = text.newlines(before: range.upperBound)
    }

    /// Whether a name outside quotes holds a carriage return, as in files whose lines end in nothing else.
    private static func hasBareCarriageReturn(_ cell: ArraySlice<UInt8>) -> Bool {
        cell.contains(0x0D) && cell.first { $0 != 0x20 } != UInt8(ascii: "\"")
    }

    /// Spaces, tabs, line ends.
    private static let blanks: Set<UInt8> = [0x20, 0x09, 0x0D, 0x0A]

    /// The ranges of the cells of one row, without the line end.
    private static func cells(_ text: DelimitedText, range: Range<Int>, separator: UInt8) -> [Range<Int>] {
        var cells: [Range<Int>] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let end = text.fieldEnd(at: start, separator: separator)
            cells.append(start..<end)
            start = end + 1
        }
        if let last = cells.last, last.count > 0, text.bytes[last.upperBound - 1] == 0x0D {
            cells[cells.count - 1] = last.lowerBound..<last.upperBound - 1
        }
        return cells
    }

    /// Whether the first line holds data rather than names: all cells are numbers, and they do not count up by one as
    /// names given by a program do (0,1,2 or 1990,1991; a single 0).
    private static func isData(_ text: DelimitedText, cells: [Range<Int>], separator: UInt8) -> Bool {
        for cell in cells where text.cell(in: cell, separator: separator).kind != .number { return false }
        let counts = cells.compactMap { UInt32(cellText(text.bytes[$0])) }
        guard counts.count == cells.count, counts.count > 1 || counts == [0] else { return true }
        return !zip(counts, counts.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 == 1 }
    }

    /// What the file is, where its first bytes are those of no text.
    private static func binaryKind(_ text: DelimitedText) -> String? {
        let kinds: [(magic: [UInt8], kind: String)] = [
            ([0xFF, 0xFE], "UTF-16 text"), ([0xFE, 0xFF], "UTF-16 text"),
            ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array (its name should end in .npy)"),
            ([0x1F, 0x8B], "gzip data within compressed data"),
            ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive (such as .xlsx)"),
        ]
        return kinds.first { text.count >= $0.magic.count && text.bytes.starts(with: $0.magic) }?.kind
    }
}

/// The text of a cell: without blanks around it and quotes, "" read as one quote.
func cellText(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
    return text.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
        .joined(separator: "\"").trimmed
}

/// The text of a cell as a message shows it: without blanks around it, on one line, and cut after `limit` characters.
func shortened(_ bytes: ArraySlice<UInt8>, limit: Int = 32) -> String {
    let text = String(decoding: bytes.prefix(8 * limit), as: UTF8.self).trimmed
    let shown = text.prefix(limit).unicodeScalars.map { $0.isControl ? "\u{FFFD}" : "\($0)" }
    return shown.joined() + (text.count > limit || bytes.count > 8 * limit ? "…" : "")
}

/// The same of a string.
func shortened(_ text: String) -> String { shortened(Array(text.utf8)[...]) }

extension StringProtocol {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
        let tail = drop(while: isBlank)
        guard let last = tail.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(tail[...last])
    }
}
