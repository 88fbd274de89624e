/// Rows that are read but not delivered yet. Cuts pieces of any length into blocks of the length asked for.
struct RowQueue {
    /// Column-major rows in a buffer: row i of column j is `values[j * stride + i]`.
    struct Piece {
        var values: [Double]
        var stride: Int
        var rows: Int
        var hasMissing: Bool
    }

    private var pieces: [Piece] = []
    /// Rows of the first piece that are delivered already.
    private var start = 0
    /// Rows delivered so far.
    private(set) var firstRow = 0
    /// Rows waiting.
    private(set) var rows = 0

    /// Adds rows at the end.
    mutating func append(_ piece: Piece) {
        if piece.rows == 0 { return }
        pieces.append(piece)
        rows += piece.rows
    }

    /// Takes the first `maximumRows` rows, or all if there are fewer; nil if there are none.
    mutating func removeFirst(maximumRows: Int, columnCount: Int) -> TableBlock? {
        let count = min(rows, maximumRows)
        if count == 0 { return nil }
        if let whole = wholePiece(count, columnCount) { return whole }
        let segments = nextSegments(count)
        var values: [Double] = []
        values.reserveCapacity(count * columnCount)
        for column in 0..<columnCount {
            for segment in segments {
                let piece = pieces[segment.piece]
                let offset = column * piece.stride
                values += piece.values[offset + segment.rows.lowerBound..<offset + segment.rows.upperBound]
            }
        }
        let mayMiss = segments.contains { pieces[$0.piece].hasMissing }
        dropFirst(count)
        return block(count, columnCount, values, hasMissing: mayMiss && values.contains { $0.isNaN })
    }

    /// The first piece itself, where it is exactly what is asked for.
    private mutating func wholePiece(_ count: Int, _ columnCount: Int) -> TableBlock? {
        guard start == 0, pieces[0].rows == count, pieces[0].values.count == count * columnCount else { return nil }
        let piece = pieces.removeFirst()
        rows -= count
        let hasMissing = piece.hasMissing && piece.values.contains { $0.isNaN }
        return block(count, columnCount, piece.values, hasMissing: hasMissing)
    }

    private mutating func block(_ count: Int, _ columnCount: Int, _ values: [Double], hasMissing: Bool) -> TableBlock {
        defer { firstRow += count }
        return TableBlock(
            firstRow: firstRow, rows: count, columnCount: columnCount, values: values, hasMissing: hasMissing)
    }

    private func nextSegments(_ count: Int) -> [(piece: Int, rows: Range<Int>)] {
        var segments: [(piece: Int, rows: Range<Int>)] = []
        var needed = count
        var first = start
        for index in pieces.indices where needed > 0 {
            let taken = min(needed, pieces[index].rows - first)
            segments.append((index, first..<first + taken))
            needed -= taken
            first = 0
        }
        return segments
    }

    private mutating func dropFirst(_ count: Int) {
        rows -= count
        var passed = start + count
        var finished = 0
        while finished < pieces.count, passed >= pieces[finished].rows {
            passed -= pieces[finished].rows
            finished += 1
        }
        pieces.removeFirst(finished)
        start = passed
    }
}
