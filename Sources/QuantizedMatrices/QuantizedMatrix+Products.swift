import Matrices
import QuantizedKernels

extension QuantizedMatrix {
    /// Σ x_q·â_j over the columns j = list[q], m numbers, straight from the packed codes (without refinements).
    /// Cost: a table look-up and an addition a code; no column is decoded.
    public func multiply(columns list: [Int], by x: [Double], kernels: Kernels = .best) -> [Double] {
        precondition(list.count == x.count, "\(list.count) columns take \(list.count) factors, not \(x.count).")
        var y = [Double](repeating: 0, count: rows)
        let levels = list.map { columns[$0].paddedLevels }
        forEachBlock { bytes, piece, first in
            var whole = y.mutableSpan
            var target = whole._mutatingExtracting(first..<(first + piece.count))
            for (q, j) in list.enumerated() {
                let packed = bytes.extracting(range(of: j, piece)), table = levels[q], factor = [x[q]]
                kernels.multiply(
                    packed, rows: piece.count, columnStride: packed.count, count: 1, bits: columns[j].bits,
                    levels: table.span, by: factor.span, into: &target)
            }
        }
        return y
    }

    /// Σ_i â_ij·y_i for each column j of the list, straight from the packed codes (without refinements).
    /// Cost: a table look-up, a multiplication and an addition a code.
    public func multiplyTransposed(columns list: [Int], by y: [Double], kernels: Kernels = .best) -> [Double] {
        precondition(y.count == rows, "A has \(rows) rows, y \(y.count) entries.")
        var products = [Double](repeating: 0, count: list.count)
        let levels = list.map { columns[$0].paddedLevels }
        forEachBlock { bytes, piece, first in
            let rest = y.span
            let part = rest.extracting(first..<(first + piece.count))
            for (q, j) in list.enumerated() {
                let packed = bytes.extracting(range(of: j, piece)), table = levels[q]
                var whole = products.mutableSpan
                var target = whole._mutatingExtracting(q..<(q + 1))
                kernels.multiplyTransposed(
                    packed, rows: piece.count, columnStride: packed.count, count: 1, bits: columns[j].bits,
                    levels: table.span, by: part, into: &target)
            }
        }
        return products
    }

    /// Column j decoded with its refinements, m numbers.
    public func decoded(column j: Int, kernels: Kernels = .best) -> [Double] {
        var sum = [Double](repeating: 0, count: rows)
        for part in parts(of: j) {
            let levels = coded[part].paddedLevels
            let codes = codes(part: part, first: 0, count: rows, kernels: kernels)
            for i in sum.indices { sum[i] += levels[Int(codes[i])] }
        }
        return sum
    }

    /// Calls `body` with the bytes of each block of codes, its piece and its first row.
    private func forEachBlock(_ body: (Span<UInt8>, CodeLayout.Piece, Int) -> Void) {
        var first = 0
        for piece in codes.layout.pieces(first: 0, count: rows) {
            codes.withBlock(piece.block) { bytes in body(bytes, piece, first) }
            first += piece.count
        }
    }

    private func range(of part: Int, _ piece: CodeLayout.Piece) -> Range<Int> {
        codes.layout.bytes(ofPart: part, inBlock: piece.block, first: piece.first, count: piece.count)
    }
}

extension QuantizedColumn {
    /// The levels, with zeros for the codes of this width that do not occur.
    fileprivate var paddedLevels: [Double] {
        codebook.levels + [Double](repeating: 0, count: (1 << bits) - codebook.levels.count)
    }

    /// The mean of the decoded entries, from the counts of the codes. Cost: one term a level.
    public var decodedMean: Double {
        guard moments.count > 0 else { return 0 }
        var sum = CompensatedSum()
        for (level, count) in zip(codebook.levels, counts) { sum.add(level * Double(count)) }
        return sum.value / Double(moments.count)
    }

    /// Σ(x̂ − c)² of the decoded entries about a center, from the counts of the codes. Cost: one term a level.
    public func decodedSquares(about center: Double) -> Double {
        var sum = CompensatedSum()
        for (level, count) in zip(codebook.levels, counts) {
            sum.add((level - center) * (level - center) * Double(count))
        }
        return sum.value
    }
}
