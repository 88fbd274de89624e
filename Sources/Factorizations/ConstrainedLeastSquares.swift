internal import COpenBLAS
import Matrices

/// The minimizer x of ‖A·x − b‖ subject to C·x = d (LAPACK `dgglse`, by the generalized RQ factorization of C and A).
public struct ConstrainedLeastSquares: Sendable {
    /// The n coefficients.
    public let solution: [Double]
    /// An orthonormal basis N of the directions that the constraints leave free, n × (n − q): C·N = 0.
    public let nullSpace: DenseMatrix

    /// Solves for A of m × n, b of m, C of q × n with q ≤ n ≤ m + q, d of q entries. Cost: about 2·(m + q)·n² flops.
    ///
    /// Throws ``FactorizationError/dependentConstraint(row:)`` where a constraint is a combination of those before it,
    /// ``FactorizationError/singular(index:)`` where A and C together do not determine x, and errors of shape and of
    /// entries that are not finite.
    public init(
        _ a: DenseMatrix, _ b: [Double], constraints c: DenseMatrix, equal d: [Double]
    ) throws(FactorizationError) {
        let (m, n, q) = (a.rows, a.columns, c.rows)
        guard c.columns == n, d.count == q else {
            throw .shapeMismatch(
                expected: "constraints of \(n) columns and \(q) right-hand sides",
                found: "\(c.columns) columns and \(d.count)")
        }
        try LAPACKStatus.checkInput(a, "dgglse")
        try LAPACKStatus.checkInput(c, "dgglse")
        try LAPACKStatus.checkRightHandSide(DenseMatrix(column: b), rows: m, "dgglse")
        try LAPACKStatus.checkRightHandSide(DenseMatrix(column: d), rows: q, "dgglse")
        nullSpace = try Self.nullSpace(of: c)
        guard n > 0 else {
            solution = []
            return
        }
        var (work, constraint, rhs, values) = (a, c, b, d)
        var x = [Double](repeating: 0, count: n)
        if rhs.isEmpty { rhs = [0] }
        let status = unsafe LAPACKE_dgglse(
            LAPACK_COL_MAJOR, lapackInt(m), lapackInt(n), lapackInt(q), &work.elements, a.leadingDimension,
            &constraint.elements, c.leadingDimension, &rhs, &values, &x)
        try LAPACKStatus.check(status, "dgglse") { .singular(index: $0) }
        solution = x
    }

    /// An orthonormal basis of the directions that C·x = d leaves free, n × (n − q): the last columns of the orthogonal
    /// factor of Cᵀ. Cost: about 4·q·n² flops.
    ///
    /// Throws ``FactorizationError/dependentConstraint(row:)`` as ``init(_:_:constraints:equal:)``.
    public static func nullSpace(of c: DenseMatrix) throws(FactorizationError) -> DenseMatrix {
        let (q, n) = (c.rows, c.columns)
        let transposed = c.transposed()
        let norms = (0..<q).map { transposed.column($0).norm }
        let qr = try QRFactorization(transposed)
        for i in 0..<q where i >= n || abs(qr.r[i, i]) <= 1e-12 * norms[i] { throw .dependentConstraint(row: i) }
        let whole = qr.applyQ(DenseMatrix.identity(n))
        return whole.submatrix(rows: 0..<n, columns: min(q, n)..<n)
    }
}
