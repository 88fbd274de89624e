internal import COpenBLAS
import Matrices

/// The thin singular value decomposition A = U·diag(σ)·Vᵀ of any m × n matrix with k = min(m, n) (LAPACK `dgesdd`, and
/// `dgesvd` where that does not converge). The most reliable answer about rank and condition, and the dearest.
public struct SVD: Sendable {
    /// The left singular vectors, m × k with orthonormal columns.
    public let u: DenseMatrix
    /// The k singular values σ₁ ≥ σ₂ ≥ … ≥ 0.
    public let singularValues: [Double]
    /// The right singular vectors, n × k with orthonormal columns.
    public let v: DenseMatrix

    /// Decomposes A. Cost: about 4·m·n² + 8·n³ flops for m ≥ n.
    ///
    /// Throws for entries that are not finite, dimensions or a workspace beyond 32 bits, and when neither routine
    /// converges.
    public init(_ a: DenseMatrix) throws(FactorizationError) {
        let (values, u, vt) = try Self.decompose(a, vectors: true)
        self.u = u
        singularValues = values
        v = vt.transposed()
    }

    /// The min(m, n) singular values of A, largest first, without the vectors. Cost: about 2·m·n² + 2·n³ flops for
    /// m ≥ n. Throws as ``init(_:)`` does.
    public static func singularValues(of a: DenseMatrix) throws(FactorizationError) -> [Double] {
        try decompose(a, vectors: false).values
    }

    /// The condition number σ₁ / σ_k in the 2-norm with k = min(m, n): infinite for a matrix without full rank, 1 for
    /// an empty one. Cost and errors of ``singularValues(of:)``.
    public static func conditionNumber(of a: DenseMatrix) throws(FactorizationError) -> Double {
        let values = try singularValues(of: a)
        guard let largest = values.first, let smallest = values.last else { return 1 }
        return smallest == 0 ? .infinity : largest / smallest
    }

    /// The number of singular values above `rcond`·σ₁; by default `rcond` is max(m, n)·2⁻⁵².
    public func rank(rcond: Double? = nil) -> Int {
        let relative = rcond ?? Double(max(u.rows, v.rows)) * Double.ulpOfOne
        let threshold = relative * (singularValues.first ?? 0)
        return singularValues.prefix { $0 > threshold }.count
    }

    /// Among the minimizers X of ‖A·X − B‖ the ones of least Euclidean norm, column by column, for B of m × k:
    /// X = Σ v_i (u_iᵀB) / σ_i over the singular values above `rcond`·σ₁ (see ``rank(rcond:)``).
    /// Cost: 2·(m + n)·rank·k flops. Throws for B of other than m rows or with entries that are not finite.
    public func minimumNormSolution(_ b: DenseMatrix, rcond: Double? = nil) throws(FactorizationError) -> DenseMatrix {
        try LAPACKStatus.checkRightHandSide(b, rows: u.rows, "dgemm")
        let r = rank(rcond: rcond)
        var coefficients = BLAS.multiply(u, transposed: true, b)
        for j in 0..<b.columns {
            for i in 0..<singularValues.count {
                coefficients[i, j] = i < r ? coefficients[i, j] / singularValues[i] : 0
            }
        }
        return BLAS.multiply(v, coefficients)
    }

    /// The minimizer of least norm for one right-hand side.
    public func minimumNormSolution(_ b: [Double], rcond: Double? = nil) throws(FactorizationError) -> [Double] {
        try minimumNormSolution(DenseMatrix(column: b), rcond: rcond).elements
    }

    private typealias Parts = (values: [Double], u: DenseMatrix, vt: DenseMatrix)

    private static func decompose(_ a: DenseMatrix, vectors: Bool) throws(FactorizationError) -> Parts {
        let (m, n) = (a.rows, a.columns)
        let k = min(m, n)
        let (workspace, overflow) = (4 * k + 7).multipliedReportingOverflow(by: k)
        try LAPACKStatus.checkInput(a, "dgesdd", workspace: overflow ? .max : workspace + max(m, n))
        var parts: Parts = (
            [Double](repeating: 0, count: k), DenseMatrix(rows: m, columns: vectors ? k : 0),
            DenseMatrix(rows: vectors ? k : 0, columns: n)
        )
        if k == 0 { return parts }
        let job = option(vectors ? "S" : "N")
        var work = a
        let (rows, columns, lda, ldvt) = (lapackInt(m), lapackInt(n), a.leadingDimension, lapackInt(k))
        let status = unsafe LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, job, rows, columns, &work.elements, lda, &parts.values, &parts.u.elements, lda,
            &parts.vt.elements, ldvt)
        if status > 0 {
            work = a
            var unconverged = [Double](repeating: 0, count: k)
            let second = unsafe LAPACKE_dgesvd(
                LAPACK_COL_MAJOR, job, job, rows, columns, &work.elements, lda, &parts.values, &parts.u.elements, lda,
                &parts.vt.elements, ldvt, &unconverged)
            try LAPACKStatus.check(second, "dgesvd") { .noConvergence(routine: "dgesvd", unconverged: $0) }
        } else {
            try LAPACKStatus.check(status, "dgesdd")
        }
        return parts
    }
}
