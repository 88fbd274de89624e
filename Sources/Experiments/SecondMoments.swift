import Factorizations
import Matrices

/// Mean, second moment and covariance of the rows of a matrix.
public struct SecondMoments: Sendable {
    /// The number of rows, m.
    public let count: Int
    /// The mean of the rows, n numbers.
    public let mean: [Double]
    /// XᵀX/m, n × n.
    public let secondMoment: DenseMatrix
    /// The covariance (divisor m), n × n.
    public let covariance: DenseMatrix

    /// The moments of m ≥ 1 vectors of n numbers, one a row. Cost: 2·m·n².
    public init(_ vectors: DenseMatrix) {
        precondition(vectors.rows > 0, "Moments need at least one vector.")
        let (m, n) = (vectors.rows, vectors.columns)
        count = m
        var mean = [Double](repeating: 0, count: n)
        var centred = vectors
        for j in 0..<n {
            var sum = 0.0
            for i in (j * m)..<((j + 1) * m) { sum += vectors.elements[i] }
            mean[j] = sum / Double(m)
            for i in (j * m)..<((j + 1) * m) { centred.elements[i] -= mean[j] }
        }
        self.mean = mean
        var covariance = DenseMatrix(rows: n, columns: n)
        BLAS.symmetricRankUpdate(centred, alpha: 1 / Double(m), beta: 0, into: &covariance)
        self.covariance = covariance
        var second = covariance
        for j in 0..<n {
            for i in 0..<n { second[i, j] += mean[i] * mean[j] }
        }
        secondMoment = second
    }
}

extension DenseMatrix {
    /// The sum of the diagonal of a square matrix.
    var trace: Double { (0..<rows).reduce(0) { $0 + self[$1, $1] } }

    /// A + share·(trace/n)·I, which keeps small eigenvalues away from zero; the identity for a zero matrix.
    func regularized(_ share: Double) -> DenseMatrix {
        let average = trace / Double(max(1, rows))
        guard average > 0 else { return .identity(rows) }
        var result = self
        for i in 0..<rows { result[i, i] += share * average }
        return result
    }

    /// Column j times f_j.
    func scalingColumns(_ factors: [Double]) -> DenseMatrix {
        var result = self
        for j in 0..<columns {
            for i in 0..<rows { result[i, j] *= factors[j] }
        }
        return result
    }

    /// The square root V·diag(√λ)·Vᵀ of a symmetric positive semidefinite matrix, and its inverse; eigenvalues below
    /// 1e−15 of the largest are raised to that. Cost: about 13·n³.
    func squareRoots() throws(FactorizationError) -> (root: DenseMatrix, inverse: DenseMatrix) {
        let eigen = try SymmetricEigen(self)
        let least = max(1e-15 * (eigen.values.last ?? 0), .leastNormalMagnitude)
        let roots = eigen.values.map { max($0, least).squareRoot() }
        let v = eigen.vectors
        return (
            BLAS.multiply(v.scalingColumns(roots), transposed: false, v, transposed: true),
            BLAS.multiply(v.scalingColumns(roots.map { 1 / $0 }), transposed: false, v, transposed: true)
        )
    }
}
