import Matrices

/// Query and key vectors of attention heads: a calibration set, to which codes are fitted, and an evaluation set.
public struct AttentionData: Sendable {
    /// One matrix per query head, (sequences·T) × head size.
    public let calibrationQueries: [DenseMatrix]
    /// One matrix per key head.
    public let calibrationKeys: [DenseMatrix]
    /// The evaluation queries.
    public let queries: [DenseMatrix]
    /// The evaluation keys.
    public let keys: [DenseMatrix]
    /// T, the number of tokens of a sequence: query and key of the same sequence meet in a logit.
    public let sequenceLength: Int

    /// Checks that the arrays fit together.
    ///
    /// - Throws: `ExperimentError.shape`: no heads, other numbers of heads in calibration and evaluation, more key
    ///   heads than query heads, heads of different size or length, or a length that is no multiple of T.
    public init(
        calibrationQueries: [DenseMatrix], calibrationKeys: [DenseMatrix], queries: [DenseMatrix], keys: [DenseMatrix],
        sequenceLength: Int
    ) throws(ExperimentError) {
        guard let first = calibrationQueries.first, let query = queries.first, !keys.isEmpty else {
            throw .shape("There is no head in one of the arrays.")
        }
        guard sequenceLength > 0 else { throw .shape("A sequence has at least one token, not \(sequenceLength).") }
        guard calibrationQueries.count == queries.count, calibrationKeys.count == keys.count else {
            throw .shape(
                "The calibration arrays have \(calibrationQueries.count) query and \(calibrationKeys.count) key heads, "
                    + "the evaluation arrays \(queries.count) and \(keys.count); expected equal numbers.")
        }
        guard keys.count <= queries.count else {
            throw .shape("\(keys.count) key heads for \(queries.count) query heads; expected at most as many.")
        }
        for (name, stack, like) in [
            ("calibration queries", calibrationQueries, first), ("calibration keys", calibrationKeys, first),
            ("queries", queries, query), ("keys", keys, query),
        ] {
            for matrix in stack where matrix.columns != first.columns || matrix.rows != like.rows || matrix.rows == 0 {
                throw .shape(
                    "The \(name) have heads of \(matrix.rows) tokens of size \(matrix.columns), expected "
                        + "\(like.rows) of size \(first.columns).")
            }
        }
        for (name, stack) in [
            ("calibration queries", calibrationQueries), ("calibration keys", calibrationKeys), ("queries", queries),
            ("keys", keys),
        ] {
            for (head, matrix) in stack.enumerated() where !matrix.elements.contains(where: { $0 != 0 }) {
                throw .shape("All entries of head \(head + 1) of the \(name) are 0: its logits have no relative error.")
            }
        }
        guard query.rows % sequenceLength == 0 else {
            throw .shape("\(query.rows) tokens are not a whole number of sequences of \(sequenceLength).")
        }
        self.calibrationQueries = calibrationQueries
        self.calibrationKeys = calibrationKeys
        self.queries = queries
        self.keys = keys
        self.sequenceLength = sequenceLength
    }

    /// The key head that query head h uses: h·(key heads)/(query heads), rounded down.
    public func keyHead(of queryHead: Int) -> Int { queryHead * keys.count / queries.count }
}
