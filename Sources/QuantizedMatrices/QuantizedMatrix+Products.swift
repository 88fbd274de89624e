import Matrices
import QuantizedKernels

extension QuantizedMatrix {
    /// Σ x_q·â_j over the columns j = list[q], m numbers, straight from the packed codes (without refinements).
    ///
    /// Codes of at most 4 bits with integer levels of at most 127 are multiplied as integers: with w_q = scale_j·x_q each
    /// w_q is taken to within max|w|·2⁻⁴⁶, and what follows is exact up to one rounding per 32 columns. Other codes look up
    /// the products of level and factor.
    /// Cost: a table look-up and an addition a code; no column is decoded.
    public func multiply(columns list: [Int], by x: [Double], kernels: Kernels = .best) -> [Double] {
        precondition(list.count == x.count, "\(list.count) columns take \(list.count) factors, not \(x.count).")
        let parts = ProductColumns(self, list)
        let constant = parts.narrow.reduce(0) { $0 + x[$1] * columns[list[$1]].grid.offset }
        let factors = parts.narrow.map { x[$0] * columns[list[$0]].grid.scale }
        return [Double](capacity: rows) { y in
            forEachBlock { bytes, piece, first in
                // Block by block, while it is in the cache.
                y.append(repeating: constant, count: piece.count)
                var whole = y.mutableSpan
                var target = whole._mutatingExtracting(first..<(first + piece.count))
                kernels.multiply(
                    bytes, columns: parts.integers(piece), rows: piece.count, by: factors.span, into: &target)
                for q in parts.wide {
                    let j = list[q], packed = bytes.extracting(range(of: j, piece))
                    let table = columns[j].paddedLevels, factor = [x[q]]
                    kernels.multiply(
                        packed, rows: piece.count, columnStride: packed.count, count: 1, bits: columns[j].bits,
                        levels: table.span, by: factor.span, into: &target)
                }
            }
        }
    }

    /// Σ_i â_ij·y_i for each column j of the list, straight from the packed codes (without refinements).
    ///
    /// Codes of at most 4 bits with integer levels of at most 127 are multiplied as integers: of each 2048 rows, the y_i
    /// are taken to within max|y|·2⁻⁴⁶, and their sums of products are exact up to one rounding.
    /// Cost: a table look-up, a multiplication and an addition a code.
    public func multiplyTransposed(columns list: [Int], by y: [Double], kernels: Kernels = .best) -> [Double] {
        precondition(y.count == rows, "A has \(rows) rows, y \(y.count) entries.")
        let parts = ProductColumns(self, list)
        var products = [Double](repeating: 0, count: list.count)
        var sums = [Double](repeating: 0, count: parts.narrow.count), total = 0.0
        forEachBlock { bytes, piece, first in
            let rest = y.span
            let part = rest.extracting(first..<(first + piece.count))
            var integerSums = sums.mutableSpan
            total += kernels.multiplyTransposed(
                bytes, columns: parts.integers(piece), rows: piece.count, by: part, into: &integerSums)
            for q in parts.wide {
                let j = list[q], packed = bytes.extracting(range(of: j, piece)), table = columns[j].paddedLevels
                var whole = products.mutableSpan
                var target = whole._mutatingExtracting(q..<(q + 1))
                kernels.multiplyTransposed(
                    packed, rows: piece.count, columnStride: packed.count, count: 1, bits: columns[j].bits,
                    levels: table.span, by: part, into: &target)
            }
        }
        for (k, q) in parts.narrow.enumerated() {
            let grid = columns[list[q]].grid
            products[q] = grid.offset * total + grid.scale * sums[k]
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

/// The columns of a product: those that are multiplied as integers, and the others.
private struct ProductColumns {
    /// Places in the list.
    let narrow: [Int], wide: [Int]
    private let layout: CodeLayout
    private let columns: [(part: Int, bits: Int, levels: [Int8])]

    init(_ matrix: QuantizedMatrix, _ list: [Int]) {
        var narrow: [Int] = [], wide: [Int] = [], columns: [(part: Int, bits: Int, levels: [Int8])] = []
        for (q, j) in list.enumerated() {
            let column = matrix.columns[j], levels = column.grid.integers.compactMap { Int8(exactly: $0) }
            if column.bits <= 4, levels.count == column.grid.integers.count {
                narrow.append(q)
                columns.append((j, column.bits, levels))
            } else {
                wide.append(q)
            }
        }
        (self.narrow, self.wide, self.columns) = (narrow, wide, columns)
        layout = matrix.codes.layout
    }

    /// The columns multiplied as integers, as they lie in a block.
    func integers(_ piece: CodeLayout.Piece) -> [IntegerColumn] {
        columns.map { column in
            let bytes = layout.bytes(
                ofPart: column.part, inBlock: piece.block, first: piece.first, count: piece.count)
            return IntegerColumn(start: bytes.lowerBound, bits: column.bits, levels: column.levels)
        }
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
