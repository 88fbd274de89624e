import Factorizations
import Matrices

extension DenseMatrix {
    /// Of the columns listed, in that order, those of which more than `tolerance` of the norm is left after the columns
    /// in `fixed` and the listed ones kept so far. Gram–Schmidt with reorthogonalization; the fixed columns are not zero.
    ///
    /// Meant for triangular factors. Cost: 4·n·k² flops for n rows and k columns; n³/3 where these are all columns of a
    /// triangle and none depends on others.
    func independentColumns(_ candidates: [Int], after fixed: [Int] = [], tolerance: Double) -> [Int] {
        if fixed.isEmpty, candidates.elementsEqual(0..<columns), isIndependentTriangle(2 * tolerance) {
            return candidates
        }
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

    /// Whether the matrix is upper triangular and more than `tolerance` of every column's size is left after those before
    /// it, which is on its diagonal. Column j is a combination of these with the coefficients −r_jj·(R⁻¹)_·j, but for that.
    private func isIndependentTriangle(_ tolerance: Double) -> Bool {
        guard rows == columns,
            (0..<columns).allSatisfy({ j in (j + 1..<max(j + 1, rows)).allSatisfy { self[$0, j] == 0 } }),
            let inverse = try? TriangularMatrix.inverse(self, .upper)
        else { return false }
        let norms = (0..<columns).map { column($0).norm }
        return norms.indices.allSatisfy { j in
            let rest = abs(self[j, j])
            let size = (0..<j).reduce(norms[j]) { $0 + rest * abs(inverse[$1, j]) * norms[$1] }
            return rest > 0 && rest > tolerance * size
        }
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
