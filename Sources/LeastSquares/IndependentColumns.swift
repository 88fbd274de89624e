import Matrices

extension DenseMatrix {
    /// Of the columns listed, in that order, those of which more than `tolerance` of the norm is left after the columns
    /// in `fixed` and the listed ones kept so far. Gram–Schmidt with reorthogonalization; the fixed columns are not zero.
    ///
    /// Meant for triangular factors. Cost: 4·n·k² flops for n rows and k columns.
    func independentColumns(_ candidates: [Int], after fixed: [Int] = [], tolerance: Double) -> [Int] {
        var basis = ColumnBasis()
        for j in fixed { basis.append(column(j), basis.remainder(of: column(j))) }
        var kept: [Int] = []
        for j in candidates {
            let vector = column(j), rest = basis.remainder(of: vector)
            guard rest.norm > 0, rest.norm > tolerance * rest.size else { continue }
            basis.append(vector, rest)
            kept.append(j)
        }
        return kept
    }
}

/// Columns taken one after the other, orthonormalized (Gram–Schmidt, twice).
struct ColumnBasis {
    private var basis: [[Double]] = []
    /// The columns of the triangle that belongs to it.
    private var triangle: [[Double]] = []
    private var norms: [Double] = []

    /// What the columns taken leave of another one.
    struct Remainder {
        let vector: [Double]
        let norm: Double
        /// Coefficients of the columns taken, of which the other is a combination but for the remainder.
        let coefficients: [Double]
        /// ‖x‖ + Σ|c_k|·‖x_k‖: what the rounding error of the remainder is relative to.
        let size: Double
        fileprivate let shares: [Double]
    }

    /// Cost: rows times columns taken.
    func remainder(of column: [Double]) -> Remainder {
        var rest = column, shares = [Double](repeating: 0, count: basis.count)
        for _ in 0..<2 {
            for (l, q) in basis.enumerated() {
                let share = rest.dot(q)
                shares[l] += share
                rest.subtract(q, times: share)
            }
        }
        var c = shares
        for l in c.indices.reversed() {
            for l2 in (l + 1)..<max(l + 1, c.count) { c[l] -= triangle[l2][l] * c[l2] }
            c[l] /= triangle[l][l]
        }
        let size = zip(c, norms).reduce(column.norm) { $0 + abs($1.0) * $1.1 }
        return Remainder(vector: rest, norm: rest.norm, coefficients: c, size: size, shares: shares)
    }

    /// Takes a column with what the others leave of it, which is not zero.
    mutating func append(_ column: [Double], _ rest: Remainder) {
        basis.append(rest.vector.map { $0 / rest.norm })
        triangle.append(rest.shares + [rest.norm])
        norms.append(column.norm)
    }
}
