import Matrices

/// Substitution with triangular factors in compressed columns, rows rising within a column: the diagonal entry is the
/// last of a column of an upper and the first of a column of a lower triangle. Shapes are preconditions of the caller.
enum SparseTriangle {
    /// For R of r × n whose column `pivots[k]` ends in row k: the x of n entries with R·x = c that is zero outside the
    /// pivots.
    static func solveUpper(_ r: SparseMatrix, pivots: [Int], _ c: [Double]) -> [Double] {
        var y = c
        var x = [Double](repeating: 0, count: r.columns)
        for k in stride(from: pivots.count - 1, through: 0, by: -1) {
            let j = pivots[k]
            let last = r.columnPointers[j + 1] - 1
            let value = y[k] / r.values[last]
            x[j] = value
            for p in r.columnPointers[j]..<last { y[r.rowIndices[p]] -= value * r.values[p] }
        }
        return x
    }

    /// The solution of Uᵀ·y = c for a square upper triangle U.
    static func solveUpperTransposed(_ u: SparseMatrix, _ c: [Double]) -> [Double] {
        var y = c
        for j in 0..<u.columns {
            let last = u.columnPointers[j + 1] - 1
            var sum = y[j]
            for p in u.columnPointers[j]..<last { sum -= u.values[p] * y[u.rowIndices[p]] }
            y[j] = sum / u.values[last]
        }
        return y
    }

    /// The solution of L·y = c for a square lower triangle L.
    static func solveLower(_ l: SparseMatrix, _ c: [Double]) -> [Double] {
        var y = c
        for j in 0..<l.columns {
            let first = l.columnPointers[j]
            let value = y[j] / l.values[first]
            y[j] = value
            for p in (first + 1)..<l.columnPointers[j + 1] { y[l.rowIndices[p]] -= value * l.values[p] }
        }
        return y
    }

    /// The solution of Lᵀ·x = c for a square lower triangle L.
    static func solveLowerTransposed(_ l: SparseMatrix, _ c: [Double]) -> [Double] {
        var x = c
        for j in stride(from: l.columns - 1, through: 0, by: -1) {
            let first = l.columnPointers[j]
            var sum = x[j]
            for p in (first + 1)..<l.columnPointers[j + 1] { sum -= l.values[p] * x[l.rowIndices[p]] }
            x[j] = sum / l.values[first]
        }
        return x
    }
}
