internal import CNumberParsing
import Matrices

/// A matrix as a Matrix Market file holds it.
public enum MatrixMarketMatrix: Sendable, Equatable {
    /// From the coordinate format.
    case sparse(SparseMatrix)
    /// From the array format.
    case dense(DenseMatrix)

    /// The matrix in compressed sparse columns; of a dense one the entries that are not zero.
    public var sparse: SparseMatrix {
        switch self {
        case .sparse(let matrix): matrix
        case .dense(let matrix): SparseMatrix(matrix)
        }
    }
}

/// Reads Matrix Market files (.mtx), which gzip or Zstandard may have compressed.
///
/// - Formats: coordinate and array. Fields: real, integer, and pattern (entries of 1). Complex matrices are refused.
/// - Symmetry: general; symmetric and skew-symmetric, whose files list the lower triangle only: an entry above the
///   diagonal (of a skew-symmetric matrix also on it) is an error.
/// - One entry a line; rows and columns are counted from 1; blank lines are ignored, comments come before the size.
///   Values of the same place are added. Numbers are correctly rounded; NaN and infinities are errors.
/// - The file must hold as many entries as it states.
///
/// Cost: one pass. Memory: 48 bytes an entry, for entries that are there; a size line alone allocates nothing.
///
/// Source: the format of NISTIR 5935.
public enum MatrixMarketReader {
    /// The matrix in the file at `path`, or on standard input where it is `-`.
    ///
    /// - Throws: ``TableError``.
    public static func read(path: String) throws(TableError) -> MatrixMarketMatrix {
        try read(ByteInput(path: path))
    }

    static func read(
        _ input: ByteInput, options: ReadingOptions = ReadingOptions(), mostColumns: Int = .max
    ) throws(TableError) -> MatrixMarketMatrix {
        var scanner = try MatrixMarketScanner(input, options: options)
        guard scanner.header.columns <= mostColumns else {
            throw TableError(
                file: input.name, reason: .tooManyColumns(found: scanner.header.columns, limit: mostColumns))
        }
        try scanner.readEntries()
        let header = scanner.header
        if header.isCoordinate {
            return .sparse(
                SparseMatrix(
                    rows: header.rows, columns: header.columns, rowIndices: scanner.rowIndices,
                    columnIndices: scanner.columnIndices, values: scanner.values))
        }
        if header.symmetry == .general {
            return .dense(DenseMatrix(rows: header.rows, columns: header.columns, elements: scanner.values))
        }
        return .dense(symmetric(header, lower: scanner.values))
    }

    /// A square matrix from its lower triangle, column after column.
    private static func symmetric(_ header: MatrixMarketHeader, lower: [Double]) -> DenseMatrix {
        var matrix = DenseMatrix(rows: header.rows, columns: header.rows)
        let isSkew = header.symmetry == .skewSymmetric
        var next = 0
        for j in 0..<header.rows {
            for i in (isSkew ? j + 1 : j)..<header.rows {
                matrix[j, i] = isSkew ? -lower[next] : lower[next]
                matrix[i, j] = lower[next]
                next += 1
            }
        }
        return matrix
    }
}

/// The entries of one file.
private struct MatrixMarketScanner {
    let header: MatrixMarketHeader
    /// The places of the entries counted from 0; empty for an array.
    private(set) var rowIndices: [Int] = []
    private(set) var columnIndices: [Int] = []
    private(set) var values: [Double] = []
    private var chunker: RowChunker
    private var lines: Int
    private var entries = 0

    init(_ input: ByteInput, options: ReadingOptions) throws(TableError) {
        chunker = RowChunker(input: input, options: options)
        header = try chunker.readHeader { text, atEnd throws(TableError) in
            try MatrixMarketHeader.parse(text, atEnd: atEnd, file: input.name)
        }
        lines = header.lineCount
    }

    /// Reads all entries; of symmetric coordinates also those above the diagonal, each after its mirror image.
    mutating func readEntries() throws(TableError) {
        var text = DelimitedText()
        while true {
            let end = try chunker.next(&text, separator: UInt8(ascii: " "))
            let before = lines
            try take(text)
            switch end {
            case .row: continue
            case .file: break
            case .openQuote(let offset):
                throw error(before + text.newlines(before: offset) + 1, "found a quote, expected an entry")
            case .longRow:
                throw error(lines + 1, "a line longer than \(chunker.maximumRowBytes) bytes, expected an entry")
            }
            break
        }
        if entries < header.entries {
            throw TableError(
                file: chunker.input.name,
                reason: .badMatrix("the file holds \(entries) entries, its size line states \(header.entries)"))
        }
    }

    private mutating func take(_ text: DelimitedText) throws(TableError) {
        let isCoordinate = header.isCoordinate
        let layout = mtx_layout(
            coordinates: isCoordinate, values: header.field != .pattern, integers: header.field == .integer,
            places: !isCoordinate || header.symmetry == .general
                ? .all : header.symmetry == .symmetric ? .lower : .strictly_lower,
            rows: Int64(header.rows), columns: Int64(header.columns))
        let (scan, rows, columns, numbers) = text.scanEntries(layout, limit: header.entries - entries)
        if scan.problem != .none { throw problem(scan, text) }
        entries += scan.entries
        lines += scan.lines
        rowIndices += rows
        columnIndices += columns
        values += numbers
        guard isCoordinate, header.symmetry != .general else { return }
        let sign: Double = header.symmetry == .symmetric ? 1 : -1
        for (p, (row, column)) in zip(rows, columns).enumerated() where row != column {
            rowIndices.append(column)
            columnIndices.append(row)
            values.append(sign * numbers[p])
        }
    }

    private func problem(_ scan: mtx_scan, _ text: DelimitedText) -> TableError {
        let found = "\"\(shortened(text.bytes[scan.offset..<scan.offset + scan.length]))\""
        let fields = header.isCoordinate ? "row, column\(header.field == .pattern ? "" : " and value")" : "one value"
        let why =
            switch scan.problem {
            case .field_count: "found \(scan.fields) field\(scan.fields == 1 ? "" : "s"), expected \(fields)"
            case .row: "row \(found), expected 1 to \(header.rows)"
            case .column: "column \(found), expected 1 to \(header.columns)"
            case .place:
                "entry \(found) of a \(header.symmetry.rawValue) matrix, expected "
                    + (header.symmetry == .symmetric ? "the diagonal and below" : "below the diagonal")
            case .value: "found \(found), expected \(header.field == .integer ? "a whole number" : "a number")"
            case .not_finite: "non-finite value \(found), expected a finite number"
            default: "more entries than the \(header.entries) that the size line states"
            }
        return error(lines + scan.lines + 1, why)
    }

    private func error(_ line: Int, _ why: String) -> TableError {
        TableError(file: chunker.input.name, reason: .badMatrixLine(line: line, problem: why))
    }
}
