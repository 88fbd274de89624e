/// The start of a Matrix Market file: the banner, comments, and the size line.
///
/// Source: R. F. Boisvert, R. Pozo, K. A. Remington, "The Matrix Market Exchange Formats: Initial Design", NISTIR 5935.
struct MatrixMarketHeader: Equatable {
    enum Field: String, CaseIterable {
        case real, integer, pattern
    }

    enum Symmetry: String, CaseIterable {
        case general, symmetric
        case skewSymmetric = "skew-symmetric"
    }

    /// Whether entries are listed with their places; all values in column order otherwise.
    let isCoordinate: Bool
    let field: Field
    let symmetry: Symmetry
    let rows: Int
    let columns: Int
    /// The number of entries in the file: of a symmetric matrix only those of the lower triangle.
    let entries: Int
    /// The lines of the header.
    let lineCount: Int

    /// Whether the bytes start with the banner's first word.
    static func isBanner(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes.prefix(bannerWord.utf8.count), as: UTF8.self).lowercased() == bannerWord
    }

    private static let bannerWord = "%%matrixmarket"

    /// Reads the header at the start of `text`; nil where more text is needed.
    static func parse(
        _ text: DelimitedText, atEnd: Bool, file: String
    ) throws(TableError) -> (header: MatrixMarketHeader, length: Int)? {
        var banner: (isCoordinate: Bool, field: Field, symmetry: Symmetry)?
        var start = 0
        var lineCount = 0
        while let end = text.bytes[start..<text.count].firstIndex(of: UInt8(ascii: "\n")) {
            let line = text.bytes[start..<end]
            lineCount += 1
            start = end + 1
            do throws(MatrixMarketProblem) {
                guard let found = banner else {
                    banner = try Self.banner(line)
                    continue
                }
                let fields = Self.words(line)
                if fields.isEmpty || fields[0].hasPrefix("%") { continue }
                let header = try MatrixMarketHeader(found, size: fields, lineCount: lineCount)
                return (header, start)
            } catch {
                throw TableError(file: file, reason: .badMatrixLine(line: lineCount, problem: error.text))
            }
        }
        if !atEnd { return nil }
        if text.count == 0 {
            throw TableError(file: file, reason: .badMatrix("empty file, expected a matrix"))
        }
        throw TableError(file: file, reason: .badMatrix("the line with the matrix's size is missing"))
    }

    private static func words(_ line: ArraySlice<UInt8>) -> [String] {
        line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { String(decoding: $0.prefix(64), as: UTF8.self) }
    }

    /// Reads "%%MatrixMarket matrix FORMAT FIELD SYMMETRY"; letter case is ignored.
    private static func banner(
        _ line: ArraySlice<UInt8>
    ) throws(MatrixMarketProblem) -> (isCoordinate: Bool, field: Field, symmetry: Symmetry) {
        let words = words(line).map { $0.lowercased() }
        guard words.count == 5, words[0] == bannerWord, words[1] == "matrix" else {
            throw MatrixMarketProblem(
                text:
                    "found \"\(shortened(line, limit: 60))\", expected %%MatrixMarket matrix, a format, a field and a symmetry"
            )
        }
        guard ["coordinate", "array"].contains(words[2]) else {
            throw MatrixMarketProblem(text: "format \"\(words[2])\", expected coordinate or array")
        }
        guard let field = Field(rawValue: words[3]) else {
            throw MatrixMarketProblem(text: "\(words[3]) entries, expected real, integer or pattern")
        }
        guard let symmetry = Symmetry(rawValue: words[4]) else {
            throw MatrixMarketProblem(
                text: "\(words[4]) symmetry, expected general, symmetric or skew-symmetric")
        }
        let isCoordinate = words[2] == "coordinate"
        if field == .pattern && (!isCoordinate || symmetry == .skewSymmetric) {
            throw MatrixMarketProblem(text: "a pattern that is \(isCoordinate ? "skew-symmetric" : "an array")")
        }
        return (isCoordinate, field, symmetry)
    }

    /// Reads "rows columns entries", or "rows columns" of an array.
    private init(
        _ banner: (isCoordinate: Bool, field: Field, symmetry: Symmetry), size: [String], lineCount: Int
    ) throws(MatrixMarketProblem) {
        (isCoordinate, field, symmetry) = banner
        self.lineCount = lineCount
        let numbers = size.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
        guard numbers.count == size.count, numbers.count == (isCoordinate ? 3 : 2) else {
            let found = ArraySlice(size.prefix(60).joined(separator: " ").utf8)
            let expected = isCoordinate ? "rows, columns and entries" : "rows and columns"
            throw MatrixMarketProblem(
                text: "found \"\(shortened(found, limit: 60))\", expected the numbers of \(expected)")
        }
        rows = numbers[0]
        columns = numbers[1]
        if rows == 0 || columns == 0 {
            throw MatrixMarketProblem(text: "the matrix has no \(rows == 0 ? "rows" : "columns")")
        }
        if symmetry != .general && rows != columns {
            throw MatrixMarketProblem(text: "a \(symmetry.rawValue) matrix of \(rows) × \(columns) entries")
        }
        let (places, overflow) = rows.multipliedReportingOverflow(by: columns)
        if isCoordinate {
            entries = numbers[2]
        } else if overflow {
            throw MatrixMarketProblem(text: "\(rows) × \(columns) entries are too many")
        } else {
            switch symmetry {
            case .general: entries = places
            case .symmetric: entries = (places - rows) / 2 + rows
            case .skewSymmetric: entries = (places - rows) / 2
            }
        }
        // Memory goes with the rows and columns too: they may not be out of all proportion to the entries.
        let limit = max(Self.freeDimension, entries > Int.max / 64 ? .max : 64 * entries)
        guard max(rows, columns) <= limit else {
            throw MatrixMarketProblem(
                text: "\(rows) × \(columns) with \(entries) entries, expected at most \(limit) rows and columns")
        }
    }

    /// Rows and columns that are accepted whatever the number of entries.
    private static let freeDimension = 1 << 24
}

/// What is wrong with the header of a Matrix Market file.
struct MatrixMarketProblem: Error {
    let text: String
}
