import Factorizations
import Matrices
import QuantizedMatrices

/// Solves least squares by the singular values of the column-scaled design; where some cannot be told from zero, the
/// solution is the one of least norm of the table's coefficients (without the intercept).
///
/// The columns are scaled to norm 1 for the decision on the rank, so that it does not depend on units; the norm that is
/// made least is that of the coefficients as they are reported, as in `numpy.linalg.lstsq`. (Golub and Van Loan, *Matrix
/// Computations*, 5.5.)
struct SVDSolver {
    /// The singular values of the scaled columns, largest first.
    let singularValues: [Double]
    /// The right singular vectors, n × n.
    let vectors: DenseMatrix
    /// Norms of the columns; 0 for a column of zeros.
    let norms: [Double]
    /// The number of singular values that can be told from zero.
    let rank: Int
    /// W: coefficients z of the system are W·z of the table's columns; nil for the identity.
    let basis: DenseMatrix?

    /// The coefficients Σ v_i·c_i/norm over the first `rank` directions, the scaled columns' c_i = σ_i⁻¹u_iᵀb given.
    ///
    /// - Parameter offset: what the table's coefficients have beside W·z.
    func coefficients(_ c: [Double], offset: [Double]) throws(RegressionError) -> [Double] {
        var z = unscaled(BLAS.multiply(vectors, Array(c.prefix(rank)) + zeros(norms.count - min(rank, c.count))))
        guard rank < norms.count else { return z }
        var table = basis.map { BLAS.multiply($0, z) } ?? z
        for j in table.indices { table[j] += offset[j] }
        let share = try RegressionError.factorizing { () throws(FactorizationError) in
            try QRFactorization(nullSpaceInTable).leastSquares(table)
        }
        z.subtract(BLAS.multiply(nullSpace, share), times: 1)
        return z
    }

    /// P·M⁺·Pᵀ: with P the map from a solution to the one of least norm, the covariance of the coefficients up to the
    /// residual variance; M⁻¹ for full rank.
    func inverse() throws(RegressionError) -> DenseMatrix {
        let n = norms.count
        var roots = DenseMatrix(rows: n, columns: rank)
        for i in 0..<rank {
            for j in 0..<n where norms[j] > 0 { roots[j, i] = vectors[j, i] / (singularValues[i] * norms[j]) }
        }
        if rank < n {
            let image = basis.map { BLAS.multiply($0, roots) } ?? roots
            let share = try RegressionError.factorizing { () throws(FactorizationError) in
                try QRFactorization(nullSpaceInTable).leastSquares(image)
            }
            let correction = BLAS.multiply(nullSpace, share)
            for i in roots.elements.indices { roots.elements[i] -= correction.elements[i] }
        }
        return BLAS.multiply(roots, transposed: false, roots, transposed: true)
    }

    private func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }

    /// The directions in which the coefficients of the system may move without moving the fit.
    private var nullSpace: DenseMatrix {
        var result = DenseMatrix(rows: norms.count, columns: norms.count - rank)
        for i in rank..<norms.count {
            for j in norms.indices { result[j, i - rank] = vectors[j, i] / (norms[j] > 0 ? norms[j] : 1) }
        }
        return result
    }

    private var nullSpaceInTable: DenseMatrix { basis.map { BLAS.multiply($0, nullSpace) } ?? nullSpace }

    private func unscaled(_ y: [Double]) -> [Double] { zip(y, norms).map { $1 > 0 ? $0 / $1 : 0 } }
}

extension QRSolver {
    /// The solution of least norm from the triangle, which holds the rows of the numbers themselves.
    ///
    /// Singular values at most max(n, 16√m)·2⁻⁵² times the largest are taken as zero. Cost: about 20·n³.
    func leastNormSolution() throws(RegressionError) -> SolvedSystem {
        let r = try RegressionError.factorizing { () throws(FactorizationError) in try factorization.r }
        let offset = intercept ? 1 : 0, n = predictors
        var design = r.submatrix(rows: offset..<r.rows, columns: offset..<(offset + n))
        let norms = (0..<n).map { design.column($0).norm }
        for j in 0..<n where norms[j] > 0 {
            for i in 0..<design.rows { design[i, j] /= norms[j] }
        }
        let svd = try RegressionError.factorizing { () throws(FactorizationError) in try SVD(design) }
        let relative = max(Double(n), 16 * Double(factorization.rowCount).squareRoot()) * Double.ulpOfOne
        let rank = svd.rank(rcond: relative)
        let trueNorms = zip(norms, scales).map { $0 / $1 }
        let solver = SVDSolver(
            singularValues: svd.singularValues, vectors: svd.v, norms: trueNorms, rank: rank, basis: nil)
        let largest = svd.singularValues.first ?? 1
        let smallest = rank > 0 ? svd.singularValues[rank - 1] : 1
        var system = SolvedSystem(
            kept: Array(0..<n), coefficients: [], inverse: try solver.inverse(), residualSquares: [],
            conditionNumber: rank > 0 ? largest / smallest : 1, smallestSingularValue: smallest, roundingErrors: [],
            method: .svd, correction: .none, deficiency: n - rank)
        for b in n..<centers.count {
            let response = r.column(b + offset)[offset...].map { $0 / scales[b] }
            let projected = BLAS.multiply(svd.u, transposed: true, response)
            let c = (0..<rank).map { projected[$0] / svd.singularValues[$0] }
            var residual = response
            for i in 0..<rank { residual.subtract(svd.u.column(i), times: projected[i]) }
            system.coefficients.append(try solver.coefficients(c, offset: [Double](repeating: 0, count: n)))
            system.residualSquares.append(residual.dot(residual))
            system.roundingErrors.append(.ulpOfOne * Double(n).squareRoot() * largest * c.norm)
        }
        return system
    }
}

extension NormalEquationsSolver {
    /// The solution of least norm from the eigenvalues of the scaled moments.
    ///
    /// An eigenvalue within √(2n) standard deviations (three at least) of what the codes do to its direction is taken as
    /// zero: the largest eigenvalue of a random symmetric matrix is √(2n) deviations of a quadratic form. Cost: 9·n³.
    ///
    /// - Parameters:
    ///   - basis: W of the transform.
    ///   - offsets: per response, what the table's coefficients have beside W·z.
    func leastNormSolution(
        _ correction: BiasCorrection, basis: DenseMatrix?, offsets: [[Double]]
    ) throws(RegressionError) -> SolvedSystem {
        let matrix = equations.corrected(correction), n = equations.predictors
        let norms = (0..<equations.columns).map { max(matrix[$0, $0], 0).squareRoot() }
        var scaled = DenseMatrix(rows: n, columns: n)
        for j in 0..<n {
            for k in 0..<n where norms[j] > 0 && norms[k] > 0 { scaled[j, k] = matrix[j, k] / (norms[j] * norms[k]) }
        }
        let eigen = try RegressionError.factorizing { () throws(FactorizationError) in try SymmetricEigen(scaled) }
        let deviations = max(3, Double(2 * n).squareRoot())
        let zeros = (0..<n).prefix { i in
            let weights = eigen.vectors.column(i).map { $0 * $0 }
            return eigen.values[i]
                <= pivotNoise.tolerance(weights: weights, columns: Array(0..<n), deviations: deviations)
        }.count
        let order = Array((0..<n).reversed()), rank = n - zeros
        let vectors = eigen.vectors.selectingColumns(order)
        let values = order.map { max(eigen.values[$0], 0).squareRoot() }
        let solver = SVDSolver(
            singularValues: values, vectors: vectors, norms: Array(norms[..<n]), rank: rank, basis: basis)
        let largest = values.first ?? 1, smallest = rank > 0 ? values[rank - 1] : 1
        let condition = rank > 0 ? largest / smallest : 1
        var system = SolvedSystem(
            kept: Array(0..<n), coefficients: [], inverse: try solver.inverse(), residualSquares: [],
            conditionNumber: condition, smallestSingularValue: smallest, roundingErrors: [], method: .svd,
            correction: correction, deficiency: zeros)
        for b in n..<equations.columns {
            let right = (0..<n).map { norms[$0] > 0 ? matrix[$0, b] / norms[$0] : 0 }
            let projected = BLAS.multiply(vectors, transposed: true, right)
            let c = (0..<rank).map { projected[$0] / (values[$0] * values[$0]) }
            let explained = (0..<rank).reduce(0) { $0 + c[$1] * projected[$1] }
            system.coefficients.append(try solver.coefficients(c, offset: offsets[b - n]))
            system.residualSquares.append(max(0, equations.exactSquares[b] - explained))
            system.roundingErrors.append(.ulpOfOne * condition * Double(n).squareRoot() * largest * c.norm)
        }
        return system
    }
}
