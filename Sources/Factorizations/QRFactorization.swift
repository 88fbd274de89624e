internal import COpenBLAS
import Matrices

/// The QR factorization A = Q·R by Householder reflections (LAPACK `dgeqrf`), for any m × n matrix.
///
/// It does not pivot, so it solves least squares problems of full column rank only; ``PivotedQR`` and ``SVD`` solve
/// the others.
public struct QRFactorization: Sendable {
    /// The upper triangular (for m < n trapezoidal) factor of min(m, n) × n, zero below its diagonal. Its diagonal may
    /// have either sign.
    public let r: DenseMatrix
    /// The Householder vectors below the diagonal, as LAPACK packs them.
    private let reflectors: DenseMatrix
    /// The coefficients of the min(m, n) reflections.
    private let tau: [Double]

    /// Factorizes A. Cost: 2·n²·(m − n/3) flops for m ≥ n.
    ///
    /// Throws for entries that are not finite and for dimensions beyond 32 bits.
    public init(_ a: DenseMatrix) throws(FactorizationError) {
        try LAPACKStatus.checkInput(a, "dgeqrf")
        let k = min(a.rows, a.columns)
        var packed = a
        var tau = [Double](repeating: 0, count: k)
        if k > 0 {
            let lda = a.leadingDimension
            let status = unsafe LAPACKE_dgeqrf(
                LAPACK_COL_MAJOR, lapackInt(a.rows), lapackInt(a.columns), &packed.elements, lda, &tau)
            try LAPACKStatus.check(status, "dgeqrf")
            try LAPACKStatus.checkOverflow(packed, "dgeqrf")
        }
        r = packed.upperTriangle(rows: k)
        reflectors = packed
        self.tau = tau
    }

    /// Qᵀ·B for B of m × k with the full m × m factor Q (`dormqr`). Cost: 4·m·n·k flops.
    public func applyTransposedQ(_ b: DenseMatrix) -> DenseMatrix {
        Reflections.apply(reflectors, tau, transposed: true, b)
    }

    /// Qᵀ·b for b of m entries. Cost: 4·m·n flops.
    public func applyTransposedQ(_ b: [Double]) -> [Double] { applyTransposedQ(DenseMatrix(column: b)).elements }

    /// Q·B for B of m × k with the full m × m factor Q (`dormqr`). Cost: 4·m·n·k flops.
    public func applyQ(_ b: DenseMatrix) -> DenseMatrix { Reflections.apply(reflectors, tau, transposed: false, b) }

    /// The minimizers X of ‖A·X − B‖, column by column, for B of m × k: R·X = first n rows of Qᵀ·B.
    /// Cost: (4·m·n + n²)·k flops.
    ///
    /// Throws ``FactorizationError/singular(index:)`` when R has an exact zero on its diagonal; a nearly singular R is
    /// not an error, look at ``reciprocalConditionEstimate``. Throws a shape mismatch for m < n, where the minimizer is
    /// not unique, and for B of other than m rows; and an error for B with entries that are not finite.
    public func leastSquares(_ b: DenseMatrix) throws(FactorizationError) -> DenseMatrix {
        let (m, n) = (reflectors.rows, reflectors.columns)
        if m < n {
            throw .shapeMismatch(
                expected: "at least as many rows as columns (or PivotedQR.minimumNormSolution)", found: "\(m) × \(n)")
        }
        try LAPACKStatus.checkRightHandSide(b, rows: m, "dormqr")
        return try TriangularMatrix.solveChecked(r, .upper, applyTransposedQ(b).resized(rows: n))
    }

    /// The minimizer x of ‖A·x − b‖ for b of m entries, as for several right-hand sides.
    public func leastSquares(_ b: [Double]) throws(FactorizationError) -> [Double] {
        try leastSquares(DenseMatrix(column: b)).elements
    }

    /// The first min(m, n) columns of Q, with orthonormal columns (`dorgqr`). Cost: 2·n²·(m − n/3) flops for m ≥ n.
    public func thinQ() -> DenseMatrix { Reflections.thinQ(reflectors, tau) }

    /// An estimate of 1 / (‖R‖₁·‖R⁻¹‖₁) for m ≥ n (`dtrcon`), the reciprocal condition number of A up to a factor of
    /// about n. A precondition: m ≥ n. Cost: a few times n² flops.
    public var reciprocalConditionEstimate: Double {
        precondition(r.rows == r.columns, "The condition of R is defined for at least as many rows as columns.")
        return TriangularMatrix.estimateChecked(r, .upper)
    }
}

/// Products with the Householder reflections that `dgeqrf` and `dgeqp3` leave behind.
enum Reflections {
    /// Q·B or Qᵀ·B for B of m × k (`dormqr`, with the workspace of its largest block size, 64). The `_work` entry
    /// point, because it lets NaN through.
    static func apply(_ reflectors: DenseMatrix, _ tau: [Double], transposed: Bool, _ b: DenseMatrix) -> DenseMatrix {
        precondition(b.rows == reflectors.rows, "Q takes \(reflectors.rows) rows, not \(b.rows).")
        var result = b
        if tau.isEmpty || b.columns == 0 { return result }
        var work = [Double](repeating: 0, count: 64 * (b.columns + 65))
        let status = unsafe LAPACKE_dormqr_work(
            LAPACK_COL_MAJOR, option("L"), option(transposed ? "T" : "N"), lapackInt(b.rows), lapackInt(b.columns),
            lapackInt(tau.count), reflectors.elements, reflectors.leadingDimension, tau, &result.elements,
            b.leadingDimension, &work, lapackInt(work.count))
        LAPACKStatus.require(status, "dormqr")
        return result
    }

    /// The first min(m, n) columns of Q (`dorgqr`).
    static func thinQ(_ reflectors: DenseMatrix, _ tau: [Double]) -> DenseMatrix {
        let m = reflectors.rows
        var q = DenseMatrix(
            rows: m, columns: tau.count, elements: Array(reflectors.elements.prefix(m * tau.count)))
        if tau.isEmpty { return q }
        let ldq = q.leadingDimension
        let k = lapackInt(tau.count)
        let status = unsafe LAPACKE_dorgqr(LAPACK_COL_MAJOR, lapackInt(m), k, k, &q.elements, ldq, tau)
        LAPACKStatus.require(status, "dorgqr")
        return q
    }
}
