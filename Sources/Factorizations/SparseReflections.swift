import Matrices

/// An orthogonal m × m matrix Q as a row permutation and a product of k sparse Householder reflections
/// I − τ·v·vᵀ, the form in which SPQR returns it.
struct SparseReflections: Sendable {
    /// The vectors v, the columns of an m × k matrix, in permuted rows.
    let vectors: SparseMatrix
    /// The k coefficients τ.
    let coefficients: [Double]
    /// Row i of A is row `places[i]` of the permuted A.
    let places: [Int]

    /// Qᵀ·b. Cost: 4 flops a stored entry.
    func applyTransposed(_ b: [Double]) -> [Double] {
        var y = [Double](repeating: 0, count: b.count)
        for (i, place) in places.enumerated() { y[place] = b[i] }
        for k in 0..<coefficients.count { reflect(k, &y) }
        return y
    }

    /// Q·b. Cost: 4 flops a stored entry.
    func apply(_ b: [Double]) -> [Double] {
        var y = b
        for k in stride(from: coefficients.count - 1, through: 0, by: -1) { reflect(k, &y) }
        return places.map { y[$0] }
    }

    private func reflect(_ k: Int, _ y: inout [Double]) {
        let range = vectors.columnPointers[k]..<vectors.columnPointers[k + 1]
        var dot = 0.0
        for p in range { dot += vectors.values[p] * y[vectors.rowIndices[p]] }
        dot *= coefficients[k]
        for p in range { y[vectors.rowIndices[p]] -= dot * vectors.values[p] }
    }
}
