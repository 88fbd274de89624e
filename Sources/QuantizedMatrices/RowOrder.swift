/// Which row of the table each row of a matrix was.
///
/// Most rows stay in the order of the table. Balanced rounding takes some out of turn: those encoded first and last are
/// listed, those kept to the end are every so many of the others. Rows of tables that were joined follow each other.
public struct RowOrder: Sendable, Equatable {
    /// Rows that were encoded together.
    struct Segment: Sendable, Equatable {
        let rows: Int
        /// The rows encoded first and last, in the order in which they were.
        let first: [Int], last: [Int]
        /// Of the others, those whose number leaves ⌊stride/2⌋ when divided by the stride come after the rest; 0 for none.
        let stride: Int
    }

    private(set) var segments: [Segment]

    /// The order of the table.
    public init(rows: Int) { self.init(rows: rows, first: [], last: [], stride: 0) }

    /// Rows listed first and last, no row twice; `stride` as balanced rounding keeps rows, 0 for none.
    public init(rows: Int, first: [Int], last: [Int], stride: Int) {
        segments = [Segment(rows: rows, first: first, last: last, stride: stride)]
    }

    init(segments: [Segment]) { self.segments = segments }

    /// The number of rows.
    public var rows: Int { segments.reduce(0) { $0 + $1.rows } }

    /// Adds the rows of another table behind these.
    mutating func append(_ other: RowOrder) { segments += other.segments }

    /// For each row of the matrix, whether the row of the table that it was is chosen (one flag per row of the table).
    /// Cost: a few operations a row.
    func flags(_ isChosen: [Bool]) -> [Bool] {
        var result: [Bool] = [], start = 0
        result.reserveCapacity(isChosen.count)
        for segment in segments {
            segment.forEachRow { result.append(isChosen[start + $0]) }
            start += segment.rows
        }
        return result
    }

    /// The row of the table that each row of the matrix was, counted from 0. Memory: 8 bytes a row.
    public var tableRows: [Int] {
        var result: [Int] = [], start = 0
        for segment in segments {
            segment.forEachRow { result.append(start + $0) }
            start += segment.rows
        }
        return result
    }

    /// Bytes of it in a store, beyond those that every store has.
    public var bytes: Int {
        segments.reduce(0) { $0 + 24 + $1.width * ($1.first.count + $1.last.count) } - 24
    }
}

extension RowOrder.Segment {
    /// Bytes that hold every row number.
    var width: Int { max(1, (Int.bitWidth - max(0, rows - 1).leadingZeroBitCount + 7) / 8) }

    /// The rows of the table in the order of the matrix.
    fileprivate func forEachRow(_ body: (Int) -> Void) {
        var isTaken = [Bool](repeating: false, count: rows)
        for row in first + last { isTaken[row] = true }
        for row in first { body(row) }
        for row in 0..<rows where !isTaken[row] && !isKept(row) { body(row) }
        if stride > 0 {
            for row in Swift.stride(from: stride / 2, to: rows, by: stride) where !isTaken[row] { body(row) }
        }
        for row in last { body(row) }
    }

    private func isKept(_ row: Int) -> Bool { stride > 0 && row % stride == stride / 2 }
}
