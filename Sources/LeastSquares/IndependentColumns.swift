import Matrices

extension DenseMatrix {
    /// Of the columns listed, in that order, those of which more than `tolerance` of the norm is left after the columns
    /// in `fixed` and the listed ones kept so far. Gram–Schmidt with reorthogonalization; the fixed columns are not zero.
    ///
    /// Meant for triangular factors. Cost: 4·n·k² flops for n rows and k columns.
    func independentColumns(_ candidates: [Int], after fixed: [Int] = [], tolerance: Double) -> [Int] {
        var basis = fixed.map { j in
            let vector = column(j), norm = vector.norm
            return vector.map { $0 / norm }
        }
        var kept: [Int] = []
        for j in candidates {
            var residual = column(j)
            let norm = residual.norm
            for _ in 0..<2 {
                for q in basis { residual.subtract(q, times: residual.dot(q)) }
            }
            let remaining = residual.norm
            if norm > 0, remaining > tolerance * norm {
                basis.append(residual.map { $0 / remaining })
                kept.append(j)
            }
        }
        return kept
    }
}
