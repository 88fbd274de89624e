import Matrices

extension QuantizedRegression {
    /// What the codes of given rows stand for: the rows after the transform, in the columns of `matrix`.
    ///
    /// - Parameter rows: k rows of the table, predictors then responses.
    /// - Returns: k × the columns of `matrix`. Cost: k·p² flops.
    public func transformed(_ rows: DenseMatrix) -> DenseMatrix {
        let responses = description.predictorNames.count..<rows.columns
        return PreparedTransform(matrix.transform).apply(rows.selectingColumns(description.places + Array(responses)))
    }
}
