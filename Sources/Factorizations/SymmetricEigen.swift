internal import COpenBLAS
import Matrices

/// The eigenvalue decomposition A = V·diag(λ)·Vᵀ of a symmetric n × n matrix (LAPACK `dsyevd`, divide and conquer).
public struct SymmetricEigen: Sendable {
    /// The n eigenvalues λ₁ ≤ λ₂ ≤ …
    public let values: [Double]
    /// The eigenvectors, n × n with orthonormal columns; column j belongs to `values[j]`.
    public let vectors: DenseMatrix

    /// Decomposes A, reading its lower triangle. Cost: about 9·n³ flops.
    ///
    /// Throws for a matrix that is not square or not finite, for a workspace beyond 32 bits (n > 32,766), and when the
    /// iteration does not converge.
    public init(_ a: DenseMatrix) throws(FactorizationError) {
        (values, vectors) = try Self.decompose(a, job: "V")
    }

    /// The n eigenvalues of A, smallest first, without the vectors. Cost: about 4·n³/3 flops. Throws as ``init(_:)``.
    public static func values(of a: DenseMatrix) throws(FactorizationError) -> [Double] {
        try decompose(a, job: "N").0
    }

    private static func decompose(
        _ a: DenseMatrix, job: Unicode.Scalar
    ) throws(FactorizationError) -> ([Double], DenseMatrix) {
        try LAPACKStatus.checkSquare(a)
        let n = a.rows
        let (square, overflow) = n.multipliedReportingOverflow(by: 2 * min(n, Int(Int32.max)) + 6)
        try LAPACKStatus.checkInput(a, "dsyevd", workspace: overflow ? .max : square + 1)
        var values = [Double](repeating: 0, count: n)
        var vectors = a
        if n > 0 {
            let order = lapackInt(n)
            let status = unsafe LAPACKE_dsyevd(
                LAPACK_COL_MAJOR, option(job), option("L"), order, &vectors.elements, order, &values)
            try LAPACKStatus.check(status, "dsyevd") { .noConvergence(routine: "dsyevd", unconverged: $0) }
        }
        return (values, vectors)
    }
}
