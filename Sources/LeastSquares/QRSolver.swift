import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// Solves least squares by Householder QR of the rows in blocks, predictors and responses side by side.
///
/// Only the triangle of the factorization is kept, (1 + n + r)² numbers, so memory does not depend on the number of
/// rows. The condition number is not squared.
struct QRSolver {
    /// Columns: 1 (with an intercept), predictors, responses.
    private(set) var factorization: TallSkinnyQR
    let predictors: Int
    let intercept: Bool
    let scales: [Double]
    let centers: [Double]

    /// For p columns that are centred at `centers` and divided by powers of two near `magnitudes` before they enter.
    init(predictors: Int, intercept: Bool, centers: [Double], magnitudes: [Double]) {
        self.predictors = predictors
        self.intercept = intercept
        self.centers = centers
        scales = magnitudes.map { 1 / $0.powerOfTwoBelow }
        factorization = TallSkinnyQR(columns: centers.count + (intercept ? 1 : 0))
    }

    /// Adds a block of rows (k × p).
    mutating func append(_ block: DenseMatrix) throws(RegressionError) {
        let offset = intercept ? 1 : 0, k = block.rows
        var rows = DenseMatrix(rows: k, columns: block.columns + offset, repeating: 1)
        for j in 0..<block.columns {
            let center = centers[j], scale = scales[j]
            let from = j * k, to = (j + offset) * k
            for i in 0..<k { rows.elements[to + i] = (block.elements[from + i] - center) * scale }
        }
        do { try factorization.append(rows: rows) } catch { throw .factorization(error) }
    }

    /// The solution from the triangle; `candidates` are the predictors that may take part, nil for all. With `pivoting`
    /// the columns kept where the rank is deficient are those that column pivoting takes first.
    func solve(among candidates: [Int]? = nil, pivoting: Bool = false) throws(RegressionError) -> SolvedSystem {
        let r = try RegressionError.factorizing { () throws(FactorizationError) in try factorization.r }
        let offset = intercept ? 1 : 0
        // What earlier columns leave of a column is rounding below this.
        let tolerance = 16 * Double.ulpOfOne * Double(factorization.rowCount).squareRoot()
        let allowed = candidates ?? Array(0..<predictors)
        let kept =
            pivoting
            ? try pivotedColumns(allowed, of: r, tolerance: tolerance)
            : r.independentColumns(allowed.map { $0 + offset }, after: Array(0..<offset), tolerance: tolerance)
                .map { $0 - offset }
        let columns = Array(0..<offset) + kept.map { $0 + offset }
        let (qr, triangle) = try factorized(columns, of: r)
        let inverseTriangle = try RegressionError.factorizing { () throws(FactorizationError) in
            try TriangularMatrix.inverse(triangle, .upper)
        }
        var inverse = BLAS.multiply(inverseTriangle, transposed: false, inverseTriangle, transposed: true)
            .submatrix(rows: offset..<columns.count, columns: offset..<columns.count)
        for a in kept.indices {
            for b in kept.indices { inverse[a, b] *= scales[kept[a]] * scales[kept[b]] }
        }
        let (condition, largest) = try scaledCondition(r, kept: kept, offset: offset)
        var coefficients: [[Double]] = [], residuals: [Double] = [], rounding: [Double] = []
        for b in predictors..<centers.count {
            let rotated = qr.applyTransposedQ(r.column(b + offset))
            let head = Array(rotated[0..<columns.count])
            let x = try RegressionError.factorizing { () throws(FactorizationError) in
                try TriangularMatrix.solve(triangle, .upper, head)
            }
            var full = [Double](repeating: 0, count: predictors)
            var magnitude = 0.0
            for (a, j) in kept.enumerated() {
                full[j] = x[a + offset] * scales[j] / scales[b]
                magnitude += pow2(x[a + offset] * r.column(j + offset).norm / scales[b])
            }
            coefficients.append(full)
            residuals.append(pow2(Array(rotated[columns.count...]).norm / scales[b]))
            rounding.append(.ulpOfOne * (Double(kept.count) * largest * magnitude).squareRoot())
        }
        return SolvedSystem(
            kept: kept, coefficients: coefficients, inverse: inverse, residualSquares: residuals,
            conditionNumber: condition, smallestSingularValue: largest.squareRoot() / condition,
            roundingErrors: rounding, method: pivoting ? .pivotedQR : .qr, correction: .none)
    }

    /// The QR factorization of some columns of R, and its square triangle.
    private func factorized(
        _ columns: [Int], of r: DenseMatrix
    ) throws(RegressionError) -> (qr: QRFactorization, triangle: DenseMatrix) {
        let qr = try RegressionError.factorizing { () throws(FactorizationError) in
            try QRFactorization(r.selectingColumns(columns))
        }
        return (qr, qr.r.submatrix(rows: 0..<columns.count, columns: 0..<columns.count))
    }

    /// The coefficients of x_j − x̄_j as a combination of predictors that are independent, by least squares.
    func dependency(of j: Int, on kept: [Int]) throws(RegressionError) -> [Double] {
        guard !kept.isEmpty else { return [] }
        let offset = intercept ? 1 : 0
        let r = try RegressionError.factorizing { () throws(FactorizationError) in try factorization.r }
        let columns = Array(0..<offset) + kept.map { $0 + offset }
        let (qr, triangle) = try factorized(columns, of: r)
        let x = try RegressionError.factorizing { () throws(FactorizationError) in
            try TriangularMatrix.solve(
                triangle, .upper, Array(qr.applyTransposedQ(r.column(j + offset))[0..<columns.count]))
        }
        return kept.enumerated().map { x[$0.offset + offset] * scales[$0.element] / scales[j] }
    }

    /// Of the predictors listed, those that pivoting takes before what is left of any, less the constant, is below the
    /// tolerance; columns of R are scaled to norm 1. Ascending.
    private func pivotedColumns(
        _ list: [Int], of r: DenseMatrix, tolerance: Double
    ) throws(RegressionError) -> [Int] {
        let offset = intercept ? 1 : 0
        var columns = r.submatrix(rows: offset..<r.rows, columns: 0..<r.columns)
            .selectingColumns(list.map { $0 + offset })
        for (place, j) in list.enumerated() {
            let norm = r.column(j + offset).norm
            for i in 0..<columns.rows { columns[i, place] = norm > 0 ? columns[i, place] / norm : 0 }
        }
        let pivoted = try RegressionError.factorizing { () throws(FactorizationError) in
            try PivotedQR(columns, tolerance: 0)
        }
        let rank = (0..<min(columns.rows, columns.columns)).first { abs(pivoted.r[$0, $0]) <= tolerance }
        return pivoted.permutation.prefix(rank ?? columns.columns).map { list[$0] }.sorted()
    }

    /// ‖A·d‖ for changes d of all predictors' coefficients, A the centred design matrix (nil if the factor overflowed).
    func designNorm(_ d: [Double]) -> Double? {
        guard let r = try? factorization.r else { return nil }
        let offset = intercept ? 1 : 0
        var product = [Double](repeating: 0, count: r.rows - offset)
        for j in 0..<predictors {
            let factor = d[j] / scales[j]
            for i in 0...j { product[i] += factor * r[i + offset, j + offset] }
        }
        return product.norm
    }

    /// F with ‖(X − 1x̄ᵀ)·v‖ = ‖F·v‖ for coefficients v of all columns, predictors then responses (p × p).
    func centeredFactor() throws(RegressionError) -> DenseMatrix {
        let r = try RegressionError.factorizing { () throws(FactorizationError) in try factorization.r }
        let offset = intercept ? 1 : 0
        var factor = r.submatrix(rows: offset..<r.rows, columns: offset..<r.columns)
        for j in 0..<factor.columns {
            for i in 0..<factor.rows { factor[i, j] /= scales[j] }
        }
        return factor
    }

    private func pow2(_ x: Double) -> Double { x * x }

    /// Condition number of the kept columns scaled to norm 1, and the square of their largest singular value.
    private func scaledCondition(
        _ r: DenseMatrix, kept: [Int], offset: Int
    ) throws(RegressionError) -> (condition: Double, largest: Double) {
        guard !kept.isEmpty else { return (1, 1) }
        var scaled = r.submatrix(rows: offset..<r.rows, columns: 0..<r.columns)
            .selectingColumns(kept.map { $0 + offset })
        for a in kept.indices {
            let norm = scaled.column(a).norm
            for i in 0..<scaled.rows { scaled[i, a] /= norm }
        }
        let values = try RegressionError.factorizing { () throws(FactorizationError) in
            try SVD.singularValues(of: scaled)
        }
        return (values[0] / values[kept.count - 1], values[0] * values[0])
    }
}

extension QRSolver {
    /// The factorization of the decoded rows of a quantized regression.
    init(_ data: QuantizedRegression, kernels: Kernels) throws(RegressionError) {
        let columns = data.matrix.columns
        self.init(
            predictors: data.predictors, intercept: data.intercept,
            centers: columns.map { data.intercept ? $0.moments.mean : 0 },
            magnitudes: columns.map { data.intercept ? $0.moments.standardDeviation : $0.moments.rootMeanSquare })
        let size = RegressionTable.blockRows
        for first in stride(from: 0, to: data.matrix.rows, by: size) {
            try RegressionError.checkCancellation()
            try append(data.matrix.decoded(first: first, count: min(size, data.matrix.rows - first), kernels: kernels))
        }
    }

    /// The factorization of the numbers themselves.
    init(fullPrecision table: RegressionTable, columns: [Int], predictors: Int, intercept: Bool) throws(RegressionError)
    {
        let moments = columns.map { table.moments[$0] }
        self.init(
            predictors: predictors, intercept: intercept, centers: moments.map { intercept ? $0.mean : 0 },
            magnitudes: moments.map { intercept ? $0.standardDeviation : $0.rootMeanSquare })
        var solver = self
        try table.forEachBlock(of: columns) { (block) throws(RegressionError) in try solver.append(block) }
        self = solver
    }
}
