import Factorizations
import Foundation
import Matrices

/// H = Q·R·Pᵀ with Q and P orthogonal and R upper triangular whose diagonal entries all equal the geometric mean of the
/// singular values of H.
///
/// If the columns of H carry uncorrelated numbers of equal variance, rounding them one after the other with feedback
/// (R) makes every one matter equally, so that the same number of bits for all is optimal. Source: Jiang, Hager and Li,
/// "The geometric mean decomposition", Linear Algebra and its Applications 396 (2005).
public struct GeometricMeanDecomposition: Sendable {
    /// n × n, orthogonal.
    public private(set) var q: DenseMatrix
    /// n × n, upper triangular with constant diagonal.
    public private(set) var r: DenseMatrix
    /// n × n, orthogonal.
    public private(set) var p: DenseMatrix

    /// Decomposes a square nonsingular matrix.
    ///
    /// - Parameter raisingSquaresBy: the singular values σ are replaced by √(σ² + share·g²), g their geometric mean:
    ///   it limits how large the entries of R become beside its diagonal. 0 decomposes H itself.
    /// - Throws: `FactorizationError` from the singular value decomposition.
    /// - Complexity: that of the singular value decomposition, and 6·n² for the rotations.
    public init(_ h: DenseMatrix, raisingSquaresBy share: Double = 0) throws(FactorizationError) {
        precondition(h.rows == h.columns, "The decomposition needs a square matrix.")
        let svd = try SVD(h)
        let n = h.rows
        q = svd.u
        p = svd.v
        r = DenseMatrix(rows: n, columns: n)
        let least = max((svd.singularValues.first ?? 0) * 1e-15, .leastNormalMagnitude)
        var values = svd.singularValues.map { max($0, least) }
        let g = geometricMean(values)
        values = values.map { ($0 * $0 + share * g * g).squareRoot() }
        for i in 0..<n { r[i, i] = values[i] }
        let target = geometricMean(values)
        for k in 0..<max(0, n - 1) { rotate(k, to: target) }
    }

    /// Makes entry (k, k) of R equal to the target by rotations of columns and rows k and k + 1.
    private mutating func rotate(_ k: Int, to target: Double) {
        let n = r.rows
        let rest = (k + 1)..<n
        let partner =
            r[k, k] >= target
            ? rest.min { r[$0, $0] < r[$1, $1] } : rest.max { r[$0, $0] < r[$1, $1] }
        guard let partner else { return }
        exchange(k + 1, partner)
        let (first, second) = (r[k, k], r[k + 1, k + 1])
        let difference = first * first - second * second
        guard abs(difference) > 1e-14 * target * target else { return }
        let square = min(1, max(0, (target * target - second * second) / difference))
        let (c, s) = (square.squareRoot(), (1 - square).squareRoot())
        guard s > 0 else { return }
        Self.rotateColumns(&r, k, c, s)
        Self.rotateColumns(&p, k, c, s)
        // The rows turn (c·first, s·second) into (target, 0).
        let length = (c * first * c * first + s * second * s * second).squareRoot()
        let (d, t) = (c * first / length, s * second / length)
        for j in 0..<n {
            let (x, y) = (r[k, j], r[k + 1, j])
            r[k, j] = d * x + t * y
            r[k + 1, j] = d * y - t * x
        }
        r[k + 1, k] = 0
        Self.rotateColumns(&q, k, d, t)
    }

    /// Columns k and k + 1 become c·a + s·b and c·b − s·a.
    private static func rotateColumns(_ matrix: inout DenseMatrix, _ k: Int, _ c: Double, _ s: Double) {
        for i in 0..<matrix.rows {
            let (a, b) = (matrix[i, k], matrix[i, k + 1])
            matrix[i, k] = c * a + s * b
            matrix[i, k + 1] = c * b - s * a
        }
    }

    /// Exchanges places i and j of the triangle (rows and columns) and the columns of both orthogonal factors.
    private mutating func exchange(_ i: Int, _ j: Int) {
        guard i != j else { return }
        for row in 0..<r.rows {
            swap(&r, (row, i), (row, j))
            swap(&p, (row, i), (row, j))
            swap(&q, (row, i), (row, j))
        }
        for column in 0..<r.columns { swap(&r, (i, column), (j, column)) }
    }

    private func swap(_ matrix: inout DenseMatrix, _ a: (Int, Int), _ b: (Int, Int)) {
        let value = matrix[a.0, a.1]
        matrix[a.0, a.1] = matrix[b.0, b.1]
        matrix[b.0, b.1] = value
    }
}

/// (Π x_i)^{1/n} of positive numbers, 1 for none.
func geometricMean(_ values: [Double]) -> Double {
    exp(values.reduce(0) { $0 + log($1) } / Double(max(1, values.count)))
}
