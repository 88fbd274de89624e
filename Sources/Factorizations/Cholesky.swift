internal import COpenBLAS
import Matrices

/// The Cholesky factorization A = L·Lᵀ of a symmetric positive definite n × n matrix (LAPACK `dpotrf`).
///
/// Applied to the normal equations AᵀA it squares the condition number: half the digits of a QR factorization.
public struct Cholesky: Sendable {
    /// The lower triangular factor L, zero above its diagonal.
    public let factor: DenseMatrix
    /// An estimate of 1 / (‖A‖₁·‖A⁻¹‖₁) (LAPACK `dpocon`): near 1 is well conditioned, near 1e-16 numerically
    /// singular; 1 for the empty matrix. Cost at factorization: a few times n² flops.
    public let reciprocalConditionEstimate: Double

    /// Factorizes A, reading its lower triangle. Cost: n³/3 flops.
    ///
    /// Throws ``FactorizationError/notPositiveDefinite(minor:)`` at the first leading block that fails, and errors
    /// for a matrix that is not square, not finite or too large.
    public init(_ a: DenseMatrix) throws(FactorizationError) {
        try LAPACKStatus.checkSquare(a)
        try LAPACKStatus.checkInput(a, "dpotrf")
        let n = a.rows
        var l = a
        var norm = 0.0
        var reciprocal = 1.0
        if n > 0 {
            let count = lapackInt(n)
            let status = unsafe LAPACKE_dpotrf(LAPACK_COL_MAJOR, option("L"), count, &l.elements, count)
            try LAPACKStatus.check(status, "dpotrf") { .notPositiveDefinite(minor: $0) }
            try LAPACKStatus.checkOverflow(l, "dpotrf")
            norm = unsafe LAPACKE_dlansy(LAPACK_COL_MAJOR, option("1"), option("L"), count, a.elements, count)
            let estimated = unsafe LAPACKE_dpocon(
                LAPACK_COL_MAJOR, option("L"), count, l.elements, count, norm, &reciprocal)
            LAPACKStatus.require(estimated, "dpocon")
            for j in 1..<max(n, 2) where n > 1 {
                for i in 0..<j { l[i, j] = 0 }
            }
        }
        factor = l
        reciprocalConditionEstimate = reciprocal
    }

    /// The solution x of A·x = b for b of n entries (`dpotrs`). Cost: 2·n² flops.
    public func solve(_ b: [Double]) -> [Double] { solve(DenseMatrix(column: b)).elements }

    /// The solution X of A·X = B for B of n × k (`dpotrs`). Cost: 2·n²·k flops.
    public func solve(_ b: DenseMatrix) -> DenseMatrix {
        let n = requireRows(b)
        var x = b
        if n == 0 || b.columns == 0 { return x }
        let status = unsafe LAPACKE_dpotrs_work(
            LAPACK_COL_MAJOR, option("L"), n, lapackInt(b.columns), factor.elements, n, &x.elements, n)
        LAPACKStatus.require(status, "dpotrs")
        return x
    }

    /// The inverse A⁻¹, both triangles filled (`dpotri`). Cost: 2·n³/3 flops. To solve a system use ``solve(_:)-([Double])``.
    public func inverse() -> DenseMatrix {
        var result = factor
        let n = factor.leadingDimension
        if factor.rows == 0 { return result }
        let status = unsafe LAPACKE_dpotri(LAPACK_COL_MAJOR, option("L"), n, &result.elements, n)
        LAPACKStatus.require(status, "dpotri")
        result.mirrorLowerTriangle()
        return result
    }

    /// The solution Y of L·Y = B for B of n × k (`cblas_dtrsm`): b in coordinates where A is the identity.
    /// Cost: n²·k flops.
    public func solveLower(_ b: DenseMatrix) -> DenseMatrix { solveTriangle(b, CblasNoTrans) }

    /// The solution X of Lᵀ·X = B for B of n × k (`cblas_dtrsm`). Cost: n²·k flops.
    public func solveLowerTransposed(_ b: DenseMatrix) -> DenseMatrix { solveTriangle(b, CblasTrans) }

    private func solveTriangle(_ b: DenseMatrix, _ transpose: CBLAS_TRANSPOSE) -> DenseMatrix {
        let n = requireRows(b)
        var x = b
        if n == 0 || b.columns == 0 { return x }
        unsafe cblas_dtrsm(
            CblasColMajor, CblasLeft, CblasLower, transpose, CblasNonUnit, n, lapackInt(b.columns), 1,
            factor.elements, n, &x.elements, n)
        return x
    }

    private func requireRows(_ b: DenseMatrix) -> Int32 {
        precondition(
            b.rows == factor.rows, "The right-hand side needs \(factor.rows) rows, not \(b.rows).")
        return lapackInt(b.rows)
    }
}
