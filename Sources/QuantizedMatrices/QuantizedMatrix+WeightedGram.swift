import Matrices
import QuantizedKernels

extension QuantizedMatrix {
    /// Σ_i w_i·v_i·v_iᵀ over the rows v_i = [1, â_i − c] of the decoded columns with their refinements: the weighted number of
    /// rows, sums and sums of products, (p + 1) × (p + 1).
    ///
    /// Weights are double-precision numbers of any sign, so that the middle of a sandwich is such a sum; centers near
    /// the means keep the sums free of cancellation. Codes are decoded piece by piece into the cache. The same bits for
    /// every instruction set; an error of at most about 128·2⁻⁵³ of Σ|w_i·v_ij·v_ik| for each 128 rows, and their sum's.
    /// Cost: m·p²/2 multiply–adds in double precision.
    public func weightedGram(_ weights: [Double], centers: [Double]? = nil, kernels: Kernels = .best) -> DenseMatrix {
        precondition(weights.count == rows, "The matrix has \(rows) rows, there are \(weights.count) weights.")
        precondition(centers.map { $0.count == columns.count } ?? true, "There is one center for each column.")
        let n = columns.count + 1, size = 1024, stride = size + 8
        var gram = DenseMatrix(rows: n, columns: n)
        var block = [Double](repeating: 1, count: n * stride), further = [Double](repeating: 0, count: size)
        var scratch = [Double](repeating: 0, count: Kernels.weightedGramScratchCount(columns: n))
        // Levels about the centers; the base of a refined column takes the center.
        let tables = coded.enumerated().map { part, column in
            column.codebook.levels.map { $0 - (part < columns.count ? centers?[part] ?? 0 : 0) }
        }
        var first = 0
        for piece in codes.layout.pieces(first: 0, count: rows, size: size) {
            codes.withBlock(piece.block) { bytes in
                for (part, table) in tables.enumerated() {
                    let packed = bytes.extracting(
                        codes.layout.bytes(
                            ofPart: part, inBlock: piece.block, first: piece.first, count: piece.count))
                    let bits = codes.layout.bits[part]
                    if part < columns.count {
                        let start = (part + 1) * stride
                        var whole = block.mutableSpan
                        var target = whole._mutatingExtracting(start..<start + piece.count)
                        kernels.unpackAndDecode(packed, bits: bits, levels: table.span, into: &target)
                    } else {
                        let start = (refinements[part - columns.count].base + 1) * stride
                        var whole = further.mutableSpan
                        var target = whole._mutatingExtracting(0..<piece.count)
                        kernels.unpackAndDecode(packed, bits: bits, levels: table.span, into: &target)
                        for i in 0..<piece.count { block[start + i] += further[i] }
                    }
                }
            }
            let w = weights.span
            var sums = gram.elements.mutableSpan, scratchSpan = scratch.mutableSpan
            kernels.weightedGram(
                block.span, rows: piece.count, columnStride: stride, count: n,
                weights: w.extracting(first..<first + piece.count), into: &sums, scratch: &scratchSpan)
            first += piece.count
        }
        for k in 0..<n {
            for j in k..<n { gram[k, j] = gram[j, k] }
        }
        return gram
    }
}
