import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

extension QuantizedRegression {
    /// What the codes of given rows stand for: the rows after the transform, in the columns of `matrix`.
    ///
    /// - Parameter rows: k rows of the table, predictors then responses.
    /// - Returns: k × the columns of `matrix`. Cost: k·p² flops.
    public func transformed(_ rows: DenseMatrix, kernels: Kernels = .best) -> DenseMatrix {
        let responses = description.predictorNames.count..<rows.columns
        return PreparedTransform(matrix.transform, kernels: kernels).apply(
            rows.selectingColumns(description.places + Array(responses)))
    }
}

// MARK: Rows chosen

extension QuantizedRegression {
    /// The regression of some rows of the table, from their codes.
    ///
    /// What is exact for all rows is estimated for some: see `QuantizedMatrix.selecting(rows:)`. The errors predicted for
    /// a solution count that in, for rows that were chosen without regard to their quantization errors.
    ///
    /// - Parameter rows: rows of the table, counted from 0 without those that were left out for missing values; in any
    ///   order, each once.
    /// - Throws: `invalidProblem` for no row, a row that is not there or is named twice; `unsupported` for weighted rows
    ///   and for rows that were chosen already; `store` where a temporary file cannot be written.
    /// - Complexity: the codes of all rows, and one Gram matrix of those chosen.
    public func selecting(rows: [Int]) throws(RegressionError) -> QuantizedRegression {
        try selecting(try flags(rows))
    }

    /// The regression of all rows but some; as `selecting(rows:)`.
    public func excluding(rows: [Int]) throws(RegressionError) -> QuantizedRegression {
        try selecting(try flags(rows).map { !$0 })
    }

    /// Whether rows that were chosen determine the solution, as far as the codes tell: there are as many rows as
    /// coefficients, and the errors of products are small beside the matrix. E‖M⁻¹ΔG‖² is taken as
    /// Σ_jk Var ΔG_jk·(M⁻¹)_jj(M⁻¹)_kk and may not be above 1. Cost: one term a column.
    func isDetermined(_ equations: NormalEquations, _ system: SolvedSystem) -> Bool {
        let m = Double(matrix.rows)
        guard matrix.share < 1 else { return true }
        guard matrix.rows >= predictors + (intercept ? 1 : 0) else { return false }
        var spread = 0.0, errors = 0.0
        for (p, j) in system.kept.enumerated() {
            spread += system.inverse[p, p] * equations.exactSquares[j]
            errors += system.inverse[p, p] * matrix.columns[j].totalSquaredError
        }
        return 2 * (1 - matrix.share) * spread * errors / m <= 1
    }

    private func flags(_ rows: [Int]) throws(RegressionError) -> [Bool] {
        var flags = [Bool](repeating: false, count: matrix.rows)
        for row in rows {
            guard flags.indices.contains(row) else {
                throw .invalidProblem("There is no row \(row); the rows are 0 to \(matrix.rows - 1).")
            }
            guard !flags[row] else { throw .invalidProblem("Row \(row) is named twice.") }
            flags[row] = true
        }
        return flags
    }

    private func selecting(_ flags: [Bool]) throws(RegressionError) -> QuantizedRegression {
        guard description.weighting == nil else {
            throw .unsupported(
                "Rows of a weighted store cannot be chosen: it is weighted about the means of all of them.")
        }
        guard matrix.share == 1 else {
            throw .unsupported("These rows were chosen from others; choose from all of them.")
        }
        guard flags.contains(true) else { throw .invalidProblem("No row is left.") }
        guard flags.contains(false) else { return self }
        let constants = constantPredictors(among: flags), left = constants.map(\.column)
        let part = try RegressionError.storing { () throws(StoreError) in
            try matrix.selecting(rows: flags, without: constants)
        }
        var description = description
        description.droppedRows = 0
        description.places = description.places.indices.filter { !left.contains($0) }.map {
            self.description.places[$0]
        }
        description.moments = matrix.columns.indices.filter { !left.contains($0) }.map { moments[$0] }
        description.dependent += left.map { .init(name: matrix.columns[$0].name, reason: "constant in these rows") }
        let chosen = QuantizedRegression(matrix: part, description: description)
        description.moments = try chosen.estimatedMoments()
        return QuantizedRegression(matrix: part, description: description)
    }

    /// Predictors that the rows chosen say nothing of: constant ones with an intercept, zeros without.
    private func constantPredictors(among flags: [Bool]) -> [(column: Int, value: Double)] {
        matrix.constantColumns(among: flags).filter { $0.column < predictors && (intercept || $0.value == 0) }
    }

    /// Moments of the columns before the transform, X − 1μᵀ = Ũ·T with Ũ the quantized columns, of the kept ones less μ:
    /// means and squares from the means and the corrected Gram matrix of Ũ.
    private func estimatedMoments() throws(RegressionError) -> [ColumnMoments] {
        let transform = matrix.transform, t = transform.inverseMatrix(), m = Double(matrix.rows)
        let gram = try NormalEquations(self, threads: 1, kernels: .best).corrected(.exactDiagonal)
        let means = matrix.columns.indices.map { j in
            matrix.columns[j].moments.mean - (transform.kept[j] && !transform.isIdentity ? transform.centers[j] : 0)
        }
        return matrix.columns.indices.map { j in
            let whole = description.moments[j], column = t.column(j)
            let deviation = means.dot(column), square = max(0, column.dot(BLAS.multiply(gram, column)))
            let center = transform.isIdentity ? 0 : transform.centers[j]
            let spread = intercept ? square : max(0, square - m * (center + deviation) * (center + deviation))
            return ColumnMoments(
                shift: center + deviation, count: matrix.rows, minimum: whole.minimum, maximum: whole.maximum,
                shiftedSum: 0, shiftedSumOfSquares: spread)
        }
    }
}
