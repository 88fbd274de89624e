import Factorizations
import Matrices

/// Errors of inner products between queries and keys of the same sequence.
public enum LogitError {
    /// Σ (q·k − q̂·k̂)² / Σ (q·k)² over all pairs of a query and a key of one sequence; NaN if all logits are zero.
    ///
    /// - Parameters:
    ///   - queries, keys: the vectors, one a row, sequence after sequence of T rows.
    ///   - codedQueries, codedKeys: what stands for them.
    /// - Complexity: 4·m·T·n.
    public static func relative(
        queries: DenseMatrix, keys: DenseMatrix, codedQueries: DenseMatrix, codedKeys: DenseMatrix, sequenceLength: Int
    ) -> Double {
        var error = 0.0
        var size = 0.0
        for start in stride(from: 0, to: queries.rows, by: sequenceLength) {
            let rows = start..<min(queries.rows, start + sequenceLength)
            let exact = logits(queries, keys, rows)
            let coded = logits(codedQueries, codedKeys, rows)
            for (x, y) in zip(exact.elements, coded.elements) {
                error += (x - y) * (x - y)
                size += x * x
            }
        }
        return error / size
    }

    private static func logits(_ queries: DenseMatrix, _ keys: DenseMatrix, _ rows: Range<Int>) -> DenseMatrix {
        let columns = 0..<queries.columns
        return BLAS.multiply(
            queries.submatrix(rows: rows, columns: columns), transposed: false,
            keys.submatrix(rows: rows, columns: columns), transposed: true)
    }
}
