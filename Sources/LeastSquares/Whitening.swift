import Factorizations
import Matrices
import QuantizedMatrices
import Tables

/// L⁻¹ for errors of covariance σ²·V, V = B·Bᵀ = L·Lᵀ: multiplied by it, rows have uncorrelated errors of equal variance.
public struct Whitening: Sendable {
    /// L, or Lᵀ.
    private let triangle: DenseMatrix
    private let isLower: Bool

    /// The number of rows, m.
    public var rows: Int { triangle.rows }

    /// From a covariance factor B (m × p, p ≥ m): its own triangle where it is one, else that of a QR factorization of Bᵀ.
    /// Cost: 2·m²·(p − m/3) flops.
    ///
    /// - Throws: `invalidProblem` where the covariance is singular to rounding, `factorization` for entries that are not
    ///   finite.
    public init(covarianceFactor b: DenseMatrix) throws(RegressionError) {
        let m = b.rows
        guard b.columns >= m else {
            throw .invalidProblem(
                "The covariance factor is \(m) × \(b.columns); with fewer columns than rows the covariance is singular."
            )
        }
        isLower = b.columns == m && (0..<m).allSatisfy { j in (0..<j).allSatisfy { b[$0, j] == 0 } }
        let condition: Double
        do throws(FactorizationError) {
            triangle = isLower ? b : try QRFactorization(b.transposed()).r
            condition = try TriangularMatrix.reciprocalConditionEstimate(triangle, isLower ? .lower : .upper)
        } catch {
            throw .factorization(error)
        }
        guard condition > Double(max(1, m)) * .ulpOfOne else {
            throw .invalidProblem("The covariance factor is singular to rounding: no row may be without error.")
        }
    }

    /// L⁻¹·X for X of m × k. Cost: m²·k flops.
    func applied(to x: DenseMatrix) throws(RegressionError) -> DenseMatrix {
        try RegressionError.factorizing { () throws(FactorizationError) in
            try TriangularMatrix.solve(triangle, isLower ? .lower : .upper, transposed: !isLower, x)
        }
    }
}

extension WeightedTable {
    /// Reads a source to its end and makes its rows uncorrelated: generalised least squares. All of it is held in memory.
    ///
    /// - Parameters:
    ///   - source: delivers the predictor columns first, then the responses; as many rows as the covariance has.
    ///   - predictors: how many of the columns are predictors.
    ///   - whitening: of the errors of the rows, in the order of the source.
    ///   - intercept: whether the model will have an intercept.
    ///   - seed: of the random sample of rows.
    ///   - label: what messages and reports call the covariance.
    /// - Throws: `table`; `invalidProblem` for another number of rows, or for rows left out.
    public init(
        reading source: any TableSource, predictors: Int, whitening: Whitening, intercept: Bool = true,
        seed: UInt64 = 1,
        label: String = "covariance"
    ) throws(RegressionError) {
        let numbers = try RegressionError.reading { () throws(TableError) in try source.readMatrix() }
        let m = numbers.rows
        guard m > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        guard m == whitening.rows, source.droppedRows == 0 else {
            throw .invalidProblem(
                "\(label) is a covariance of \(whitening.rows) rows; the table has \(m)"
                    + (source.droppedRows > 0 ? " and \(source.droppedRows) that were left out." : "."))
        }
        var shifted = DenseMatrix(rows: m, columns: numbers.columns + 1, repeating: 1)
        let centers = (0..<numbers.columns).map { j in
            intercept ? numbers.column(j).reduce(0) { $0 + $1 / Double(m) } : 0
        }
        for j in 0..<numbers.columns {
            for i in 0..<m { shifted[i, j + 1] = numbers[i, j] - centers[j] }
        }
        let white = try whitening.applied(to: shifted)
        let ones = white.column(0), total = ones.dot(ones)
        let columns = (0..<numbers.columns).map { white.column($0 + 1) }
        let shares = columns.map { intercept ? ones.dot($0) / total : 0 }
        weighting = Weighting(
            kind: .covariance, column: label, hasConstant: intercept, rows: m, zeroRows: 0, total: total,
            centers: centers, means: zip(centers, shares).map(+),
            totalSquares: zip(columns, shares).map { column, share in
                var rest = column
                rest.subtract(ones, times: share)
                return rest.dot(rest)
            })
        let count = predictors + (intercept ? 1 : 0), names = source.columnNames
        do throws(TableError) {
            table = try RegressionTable(
                reading: ArrayTableSource(
                    names: (intercept ? ["(Intercept)"] : []) + names, columns: (intercept ? [ones] : []) + columns,
                    label: label),
                predictors: count, sampleRows: max(4096, 8 * count), seed: seed)
        } catch {
            throw .table(error)
        }
    }
}
