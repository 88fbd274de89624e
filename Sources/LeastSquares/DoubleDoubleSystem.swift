import Factorizations
import Matrices

/// Normal equations in double-double arithmetic, about 31 digits.
struct DoubleDoubleSystem {
    private let moments: ExactMoments
    private let n: Int
    private let intercept: Bool
    /// Centred moments of all columns, lower triangle used, scaled: column j by 2^−e_j.
    private let matrix: [[DoubleDouble]]
    private let scales: [Double]
    /// How small a pivot must be to be rounding, relative to the column's square.
    private let tolerances: [Double]

    /// The first `predictors` columns are unknowns, the others right-hand sides.
    init(_ moments: ExactMoments, predictors: Int, intercept: Bool) {
        self.moments = moments
        n = predictors
        self.intercept = intercept
        let p = moments.columns
        let squares = (0..<p).map { moments.moment($0, $0, centered: intercept).high }
        let factors = squares.map { max($0, 0).squareRoot().powerOfTwoBelow }
        scales = factors
        matrix = (0..<p).map { j in
            (0...j).map { k in
                let value = moments.moment(j, k, centered: intercept)
                return value * DoubleDouble(1 / factors[j]) * DoubleDouble(1 / factors[k])
            }
        }
        // Centring multiplies the relative error of a square, 2⁻¹⁰⁰, by raw over centred.
        tolerances = (0..<p).map { j in
            let raw = moments.product(j, j).high
            return squares[j] > 0 ? 64 * Double(p + 1) * 0x1p-98 * (raw / squares[j]) : .infinity
        }
    }

    /// L over the columns kept: rows of every column over the kept ones, and which are kept.
    private func cholesky() -> (rows: [[DoubleDouble]], kept: [Int]) {
        var kept: [Int] = [], rows: [[DoubleDouble]] = []
        for j in matrix.indices {
            var row: [DoubleDouble] = []
            for (a, k) in kept.enumerated() {
                var value = matrix[j][k]
                for c in 0..<a { value = value - row[c] * rows[k][c] }
                row.append(value / rows[k][a])
            }
            if j < n {
                var pivot = matrix[j][j]
                for value in row { pivot = pivot - value * value }
                let square = matrix[j][j].high
                if square > 0, pivot.high > tolerances[j] * square {
                    row.append(pivot.squareRoot())
                    kept.append(j)
                }
            }
            rows.append(row)
        }
        return (rows, kept)
    }

    /// F with FᵀF the moments (p × p, for as many unknowns as columns), rounded to double at the end.
    func factor() -> DenseMatrix {
        let (rows, _) = cholesky()
        var factor = DenseMatrix(rows: rows.count, columns: rows.count)
        for (j, row) in rows.enumerated() {
            for (a, value) in row.enumerated() { factor[a, j] = value.high * scales[j] }
        }
        return factor
    }

    /// One solved system per right-hand side, and its intercept.
    func solve() throws(RegressionError) -> [(system: SolvedSystem, intercept: Double)] {
        let (rows, kept) = cholesky()
        var triangle = DenseMatrix(rows: kept.count, columns: kept.count)  // R = Lᵀ
        for (q, j) in kept.enumerated() {
            for a in 0...q { triangle[a, q] = rows[j][a].high }
        }
        let (inverse, condition, smallest) = try covariance(triangle, kept)
        return (n..<matrix.count).map { b in
            let z = substitute(rows[b], rows: rows, kept: kept)
            var x = [Double](repeating: 0, count: n), size = 0.0
            var total = moments.product(-1, b)
            for (value, j) in zip(z, kept) {
                let ratio = DoubleDouble(scales[b] / scales[j])
                total = total - value * ratio * moments.product(-1, j)
                x[j] = value.high * (scales[b] / scales[j])
                size += value.high * value.high * matrix[j][j].high
            }
            var rest = matrix[b][b]
            for value in rows[b] { rest = rest - value * value }
            let system = SolvedSystem(
                kept: kept, coefficients: [x], inverse: inverse,
                residualSquares: [max(0, rest.high) * scales[b] * scales[b]], conditionNumber: condition,
                smallestSingularValue: smallest,
                roundingErrors: [.ulpOfOne * (Double(max(1, kept.count)) * size).squareRoot() * scales[b]],
                method: .normal, correction: .none)
            return (system, (total / DoubleDouble(Double(max(1, moments.rows)))).high)
        }
    }

    /// z with Lᵀz = f.
    private func substitute(_ f: [DoubleDouble], rows: [[DoubleDouble]], kept: [Int]) -> [DoubleDouble] {
        var z = Array(f.prefix(kept.count))
        for a in kept.indices.reversed() {
            for c in (a + 1)..<max(a + 1, kept.count) { z[a] = z[a] - rows[kept[c]][a] * z[c] }
            z[a] = z[a] / rows[kept[a]][a]
        }
        return z
    }

    private func covariance(
        _ triangle: DenseMatrix, _ kept: [Int]
    ) throws(RegressionError) -> (inverse: DenseMatrix, condition: Double, smallest: Double) {
        try RegressionError.factorizing { () throws(FactorizationError) in
            let half = try TriangularMatrix.inverse(triangle, .upper)
            var inverse = BLAS.multiply(half, transposed: false, half, transposed: true)
            var scaled = triangle
            for (q, j) in kept.enumerated() {
                let norm = triangle.column(q).norm
                for a in kept.indices {
                    scaled[a, q] /= norm
                    inverse[a, q] /= scales[kept[a]] * scales[j]
                }
            }
            let values = try SVD.singularValues(of: scaled)
            guard let first = values.first, let last = values.last else { return (inverse, 1, 1) }
            return (inverse, first / max(last, .leastNormalMagnitude), last)
        }
    }
}
