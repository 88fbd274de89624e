internal import CNumberParsing
import Foundation

// The calls of the C scanner; `number_parsing.h` states the rules of the text.

/// A byte buffer whose first `count` bytes are delimited text.
struct DelimitedText {
    /// The bytes; those from `count` on are not text.
    var bytes: [UInt8] = []
    /// The length of the text.
    var count = 0

    /// No text, with room for some.
    init(bytes: [UInt8] = []) { self.bytes = bytes }

    /// The text of these bytes.
    init(_ text: ArraySlice<UInt8>) { (bytes, count) = (Array(text), text.count) }

    /// The number of line ends in the first `length` bytes.
    func newlines(before length: Int) -> Int { newlines(in: 0..<length) }

    /// The number of line ends in some of the bytes.
    func newlines(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        return unsafe withAddress { text in
            unsafe csv_count_newlines(text.map { unsafe $0 + range.lowerBound }, range.count)
        }
    }

    /// Whether a byte is a quote.
    var hasQuote: Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map { unsafe memchr($0, Int32(UInt8(ascii: "\"")), count) != nil } ?? false
        }
    }

    /// The end of line number `most` (from 1) of the bytes `range`, or of the last line that ends there, and the lines
    /// before it; the start where there is none.
    func lines(in range: Range<Int>, most: Int) -> (end: Int, count: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count && most >= 0)
        var lines = most
        let length = unsafe withAddress {
            unsafe csv_pass_lines($0.map { unsafe $0 + range.lowerBound }, range.count, &lines)
        }
        return (range.lowerBound + length, lines)
    }

    /// The offset just past the last complete row, or 0, and the offset of a quote that is not closed.
    func lastRowEnd(separator: UInt8) -> (end: Int, openQuote: Int?) {
        var openQuote = 0
        let end = unsafe withAddress { unsafe csv_last_row_end($0, count, CChar(separator), &openQuote) }
        return (end, openQuote == 0 ? nil : openQuote - 1)
    }

    /// The offset just past the row that starts at `start`, nil if it is not complete, and its number of fields.
    func row(at start: Int, separator: UInt8) -> (end: Int?, fields: Int) {
        precondition(start <= count)
        var fields = 0
        let length = unsafe withAddress { address in
            unsafe csv_first_row_end(address.map { unsafe $0 + start }, count - start, CChar(separator), &fields)
        }
        return (length == 0 ? nil : start + length, fields)
    }

    /// The offset of the byte that ends the field at `start`.
    func fieldEnd(at start: Int, separator: UInt8) -> Int {
        precondition(start <= count)
        return unsafe withAddress { unsafe csv_field_end($0, count, CChar(separator), start) }
    }

    /// What the cell in `range` holds, and its number.
    func cell(in range: Range<Int>, separator: UInt8) -> (kind: csv_cell, value: Double) {
        precondition(range.upperBound <= bytes.count)
        var value = 0.0
        let kind = unsafe withAddress { address in
            let start = unsafe address.map { unsafe $0 + range.lowerBound }
            return unsafe csv_parse_cell(start, range.count, CChar(separator), &value)
        }
        return (kind, value)
    }

    /// Reads all rows; the text must be empty or end with a line end. The piece holds the rows before the problem,
    /// if there is one.
    func scanRows(_ rules: ParsingRules) -> (scan: csv_scan, piece: RowQueue.Piece, lines: Int) {
        precondition(count == 0 || bytes[count - 1] == UInt8(ascii: "\n"))
        let lines = newlines(before: count)
        let capacity = min(lines, count / rules.destinations.count + 1)
        var scan = csv_scan()
        let values = unsafe [Double](unsafeUninitializedCapacity: capacity * rules.columnCount) { buffer, initialized in
            scan = unsafe scanRows(in: 0..<count, rules, into: buffer.baseAddress, capacity: capacity)
            for column in 0..<rules.columnCount where scan.rows < capacity {
                for row in scan.rows..<capacity { unsafe buffer[column * capacity + row] = 0 }
            }
            initialized = capacity * rules.columnCount
        }
        let piece = RowQueue.Piece(
            values: values, stride: capacity, rows: scan.rows,
            hasMissing: rules.missing == .keep && scan.missing_values > 0)
        return (scan, piece, lines)
    }

    /// Reads the next `most` complete rows from `start` on, or as many as there are, into columns of a block: row i of column
    /// k goes to `block[place + i + k * columnStride]`. Every line has to be a row.
    ///
    /// - Returns: the rows' bytes and number, at which nothing is read if it is 0, and the account of the scanner, whose
    ///   offsets are those in these bytes.
    func scanRows(
        from start: Int, most: Int, _ rules: ParsingRules, into block: inout MutableSpan<Double>, at place: Int,
        columnStride: Int
    ) -> (range: Range<Int>, rows: Int, scan: csv_scan) {
        let (end, rows) = lines(in: start..<count, most: most), range = start..<end
        precondition(place >= 0 && place + most <= columnStride)
        precondition(rules.columnCount * columnStride <= block.count)
        precondition(rules.destinations.allSatisfy { $0 < rules.columnCount })
        if rows == 0 { return (range, 0, csv_scan()) }
        let scan = unsafe block.withUnsafeMutableBufferPointer { block in
            unsafe scanRows(
                in: range, rules, into: block.baseAddress.map { unsafe $0 + place }, capacity: columnStride)
        }
        return (range, rows, scan)
    }

    /// The scanner on some of the bytes.
    private func scanRows(
        in range: Range<Int>, _ rules: ParsingRules, into values: UnsafeMutablePointer<Double>?, capacity: Int
    ) -> csv_scan {
        unsafe rules.destinations.withUnsafeBufferPointer { columns in
            let layout = unsafe csv_layout(
                separator: CChar(rules.separator), missing: rules.missing.rule, field_count: columns.count,
                columns: columns.baseAddress)
            return unsafe withAddress { text in
                unsafe csv_scan_rows(
                    text.map { unsafe $0 + range.lowerBound }, range.count, layout, values, capacity)
            }
        }
    }

    /// Reads all entries of Matrix Market text, at most `limit`; the text must be empty or end with a line end.
    func scanEntries(
        _ layout: mtx_layout, limit: Int
    ) -> (scan: mtx_scan, rows: [Int], columns: [Int], values: [Double]) {
        let capacity = min(newlines(before: count), limit)
        let places = layout.coordinates ? capacity : 0
        var rows = [Int64](repeating: 0, count: places)
        var columns = [Int64](repeating: 0, count: places)
        var scan = mtx_scan()
        let values = unsafe [Double](unsafeUninitializedCapacity: capacity) { buffer, initialized in
            unsafe rows.withUnsafeMutableBufferPointer { rows in
                unsafe columns.withUnsafeMutableBufferPointer { columns in
                    unsafe withAddress { text in
                        scan = unsafe mtx_scan_entries(
                            text, count, layout, rows.baseAddress, columns.baseAddress, buffer.baseAddress, capacity)
                    }
                }
            }
            initialized = scan.entries
        }
        let stored = layout.coordinates ? scan.entries : 0
        return (scan, rows[..<stored].map { Int($0) }, columns[..<stored].map { Int($0) }, values)
    }

    private func withAddress<Result>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { unsafe body($0.baseAddress?.assumingMemoryBound(to: CChar.self)) }
    }
}

extension MissingValues {
    fileprivate var rule: csv_missing_rule {
        switch self {
        case .error: .stops
        case .drop: .drops
        case .keep: .is_kept
        }
    }
}
