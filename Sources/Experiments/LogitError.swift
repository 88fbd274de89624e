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

    /// Predicted errors of the logits beside the measured ones, over all pairs of a query and a key of one sequence.
    ///
    /// - Parameters:
    ///   - queries, keys: the vectors, one a row, sequence after sequence of T rows.
    ///   - codedQueries, codedKeys: their codes with the moments of the errors; the prediction uses nothing else.
    /// - Throws: `shape` where codes do not fit together.
    /// - Complexity: 12·m·T·n.
    public static func check(
        queries: DenseMatrix, keys: DenseMatrix, codedQueries: CodedVectors, codedKeys: CodedVectors,
        sequenceLength: Int
    ) throws(ExperimentError) -> ProductErrorCheck {
        guard codedQueries.count == queries.rows, codedKeys.count == keys.rows, keys.rows == queries.rows else {
            throw .shape(
                "\(queries.rows) queries and \(keys.rows) keys with codes of \(codedQueries.count) and "
                    + "\(codedKeys.count); expected equal numbers.")
        }
        let prediction = try ProductErrorPrediction(codedQueries, codedKeys)
        let (x, y) = (codedQueries.decoded, codedKeys.decoded)
        var check = ProductErrorCheck()
        for start in stride(from: 0, to: queries.rows, by: sequenceLength) {
            let rows = start..<min(queries.rows, start + sequenceLength)
            check.add(
                exact: logits(queries, keys, rows), decoded: logits(x, y, rows),
                predicted: prediction.block(rows: rows, columns: rows))
        }
        return check
    }

    /// The relative error expected from moments alone: queries and keys of a sequence are taken as independent draws of the vectors given.
    /// With q·k − q̂·k̂ = e_q·k + q̂·e_k and means over the vectors,
    ///
    ///     E(q·k − q̂·k̂)² = tr(E[e_qe_qᵀ]E[kkᵀ]) + tr(E[q̂q̂ᵀ]E[e_ke_kᵀ]) + 2·tr(E[q̂e_qᵀ]E[ke_kᵀ]).
    ///
    /// NaN if all vectors are zero. Cost: 12·m·n².
    public static func expected(
        queries: DenseMatrix, keys: DenseMatrix, codedQueries: DenseMatrix, codedKeys: DenseMatrix
    ) -> Double {
        func difference(_ a: DenseMatrix, _ b: DenseMatrix) -> DenseMatrix {
            DenseMatrix(rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 - $1 })
        }
        func moment(_ a: DenseMatrix, _ b: DenseMatrix) -> DenseMatrix {
            let sum = BLAS.multiply(a, transposed: true, b)
            return DenseMatrix(rows: sum.rows, columns: sum.columns, elements: sum.elements.map { $0 / Double(a.rows) })
        }
        func product(_ a: DenseMatrix, _ b: DenseMatrix) -> Double {
            zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let queryErrors = difference(queries, codedQueries), keyErrors = difference(keys, codedKeys)
        let keyMoment = moment(keys, keys)
        let error =
            product(moment(queryErrors, queryErrors), keyMoment)
            + product(moment(codedQueries, codedQueries), moment(keyErrors, keyErrors))
            + 2 * product(moment(queryErrors, codedQueries), moment(keys, keyErrors))
        return error / product(moment(queries, queries), keyMoment)
    }

    private static func logits(_ queries: DenseMatrix, _ keys: DenseMatrix, _ rows: Range<Int>) -> DenseMatrix {
        let columns = 0..<queries.columns
        return BLAS.multiply(
            queries.submatrix(rows: rows, columns: columns), transposed: false,
            keys.submatrix(rows: rows, columns: columns), transposed: true)
    }
}
