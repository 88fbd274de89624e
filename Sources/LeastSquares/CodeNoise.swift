import Factorizations
import Matrices
import QuantizedMatrices

/// The errors of a Gram matrix from codes, seen in the basis of the table's columns: X = U·B with U the columns that were
/// quantized.
struct CodeNoise: Sendable {
    let propagation: ErrorPropagation
    /// B, quantized columns × columns.
    let basis: DenseMatrix
    /// The constant among the columns of weighted rows, likewise in terms of U.
    let constant: [Double]?
    /// The variances of the errors of the products of the quantized columns, 0 on the diagonal.
    private let productVariances: DenseMatrix

    init(propagation: ErrorPropagation, basis: DenseMatrix, constant: [Double]?) {
        self.propagation = propagation
        self.basis = basis
        self.constant = constant
        productVariances = propagation.productVariances()
    }

    /// The error of the rows of XᵀX·v listed.
    func propagate(_ v: [Double], over columns: [Int]) -> ErrorPropagation.Result {
        let inner = BLAS.multiply(basis, v)
        let chosen = basis.selectingColumns(columns)
        let rows = (0..<basis.rows).filter { i in columns.indices.contains { chosen[i, $0] != 0 } }
        let result = propagation.propagate(inner, over: rows)
        var part = DenseMatrix(rows: rows.count, columns: columns.count)
        for j in columns.indices {
            for (p, i) in rows.enumerated() { part[p, j] = chosen[i, j] }
        }
        return result.mapped(by: part)
    }

    /// How large ‖X·w‖² must be to be told from 0: three standard deviations of its error, and what the codes are known
    /// to add to it where nothing takes that away. Cost: p².
    func indistinguishable(_ w: [Double]) -> Double {
        let inner = BLAS.multiply(basis, w)
        let used = inner.indices.filter { inner[$0] != 0 }
        var variance = 0.0, inflated = 0.0
        for (p, j) in used.enumerated() {
            let square = inner[j] * inner[j]
            if propagation.correction == .none {
                inflated += square * propagation.data.matrix.columns[j].totalSquaredError
            }
            for k in used[..<p] { variance += 4 * square * inner[k] * inner[k] * productVariances[j, k] }
        }
        return 3 * variance.squareRoot() + inflated
    }

    /// Σ over the rows of the squared errors that the codes put into X·v, taken as independent of each other.
    func squaredErrors(_ v: [Double]) -> Double {
        let inner = BLAS.multiply(basis, v)
        return zip(inner, propagation.data.matrix.columns).reduce(0) { $0 + $1.0 * $1.0 * $1.1.totalSquaredError }
    }
}

extension ErrorPropagation {
    /// The variances of the errors of the products of columns j ≠ k, 0 for j = k: of balanced codes, and of rows that were
    /// chosen, or of entries that err independently. Cost: p².
    func productVariances() -> DenseMatrix {
        let columns = data.matrix.columns, p = columns.count
        let isBalanced = columns.allSatisfy { $0.rounding == .balanced }
        let model = DiscrepancyModel(columns, predictors: data.predictors)
        let variances = equations.variances, errors = columns.map(\.totalSquaredError)
        var result = DenseMatrix(rows: p, columns: p)
        for j in 0..<p {
            for k in 0..<p where k != j {
                let independent = errors[j] * variances[k] + errors[k] * variances[j]
                result[j, k] =
                    isBalanced
                    ? variances[j] * variances[k] * model.variance(j, k) + (1 - data.matrix.share) * independent
                    : independent
            }
        }
        return result
    }
}

extension NormalEquations {
    /// F with FᵀF the corrected moments, p × p: above, the Cholesky factor of the predictors' and what it makes of the
    /// responses; below, a root of what that leaves of the responses, negative directions taken as 0. Where the
    /// predictors' moments are not positive definite: a root of all of them if uncorrected, else nil. The squares of the responses are the exact ones.
    func factor(_ correction: BiasCorrection) throws(RegressionError) -> DenseMatrix? {
        let n = predictors, p = columns
        var matrix = corrected(correction)
        for b in n..<p { matrix[b, b] = exactSquares[b] }
        let norms = (0..<p).map { j in matrix[j, j] > 0 ? matrix[j, j].squareRoot() : 1 }
        for j in 0..<p {
            for k in 0..<p { matrix[j, k] /= norms[j] * norms[k] }
        }
        guard let cholesky = try? Cholesky(matrix.submatrix(rows: 0..<n, columns: 0..<n)) else {
            return correction == .none ? try Self.root(matrix, norms) : nil
        }
        let cross = cholesky.solveLower(matrix.submatrix(rows: 0..<n, columns: n..<p))
        var rest = matrix.submatrix(rows: n..<p, columns: n..<p)
        BLAS.symmetricRankUpdate(cross, alpha: -1, beta: 1, into: &rest)
        let eigen = try RegressionError.factorizing { () throws(FactorizationError) in try SymmetricEigen(rest) }
        var result = DenseMatrix(rows: p, columns: p)
        for j in 0..<n {
            for i in 0...j { result[i, j] = cholesky.factor[j, i] * norms[j] }
        }
        for b in n..<p {
            for i in 0..<n { result[i, b] = cross[i, b - n] * norms[b] }
            for l in n..<p {
                let root = max(0, eigen.values[l - n]).squareRoot()
                result[l, b] = root * eigen.vectors[b - n, l - n] * norms[b]
            }
        }
        return result
    }

    /// Λ₊^{1/2}·Vᵀ·diag(norms) of a symmetric matrix VΛVᵀ.
    private static func root(_ matrix: DenseMatrix, _ norms: [Double]) throws(RegressionError) -> DenseMatrix {
        let eigen = try RegressionError.factorizing { () throws(FactorizationError) in try SymmetricEigen(matrix) }
        var result = DenseMatrix(rows: matrix.rows, columns: matrix.columns)
        for j in norms.indices {
            for l in norms.indices {
                result[l, j] = max(0, eigen.values[l]).squareRoot() * eigen.vectors[j, l] * norms[j]
            }
        }
        return result
    }
}
