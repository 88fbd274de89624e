internal import COpenBLAS
import Matrices

/// The QR factorization with column pivoting, A·P = Q·R (LAPACK `dgeqp3`), of any m × n matrix. It reveals the rank and
/// solves rank-deficient and wide least squares problems.
public struct PivotedQR: Sendable {
    /// The upper triangular (for m < n trapezoidal) factor of min(m, n) × n with |r_11| ≥ |r_22| ≥ …
    public let r: DenseMatrix
    /// Column j of A·P is column `permutation[j]` of A, counted from 0.
    public let permutation: [Int]
    /// The number of diagonal entries with |r_jj| > `tolerance`·|r_11|.
    public let rank: Int
    /// The relative tolerance that decided the rank.
    public let tolerance: Double

    private let reflectors: DenseMatrix
    private let tau: [Double]
    /// For 0 < rank < n: the leading `rank` rows of R reduced to a triangle from the right, [R₁₁ R₁₂] = [T 0]·Z, as
    /// `dtzrzf` packs it.
    private let trapezoid: (packed: DenseMatrix, tau: [Double])?

    /// Factorizes A. Cost: 2·n²·(m − n/3) flops for m ≥ n, and 2·rank²·(n − rank) more for a rank below n.
    ///
    /// - Parameter tolerance: the relative size below which a diagonal entry of R counts as zero; by default
    ///   max(m, n)·2⁻⁵², what rounding alone can leave.
    ///
    /// Throws for entries that are not finite and for dimensions beyond 32 bits.
    public init(_ a: DenseMatrix, tolerance: Double? = nil) throws(FactorizationError) {
        try LAPACKStatus.checkInput(a, "dgeqp3")
        let k = min(a.rows, a.columns)
        var packed = a
        var tau = [Double](repeating: 0, count: k)
        var pivots = [Int32](repeating: 0, count: a.columns)
        if k > 0 {
            let lda = a.leadingDimension
            let status = unsafe LAPACKE_dgeqp3(
                LAPACK_COL_MAJOR, lapackInt(a.rows), lapackInt(a.columns), &packed.elements, lda, &pivots, &tau)
            try LAPACKStatus.check(status, "dgeqp3")
            try LAPACKStatus.checkOverflow(packed, "dgeqp3")
        }
        let relative = tolerance ?? Double(max(a.rows, a.columns)) * Double.ulpOfOne
        let r = packed.upperTriangle(rows: k)
        let rank = (0..<k).first { abs(r[$0, $0]) <= relative * abs(r[0, 0]) } ?? k
        self.r = r
        self.rank = rank
        self.tolerance = relative
        self.tau = tau
        permutation = k > 0 ? pivots.map { Int($0) - 1 } : Array(0..<a.columns)
        reflectors = packed
        trapezoid = rank > 0 && rank < a.columns ? try Self.reduceTrapezoid(r.resized(rows: rank)) : nil
    }

    private static func reduceTrapezoid(
        _ leading: DenseMatrix
    ) throws(FactorizationError) -> (packed: DenseMatrix, tau: [Double]) {
        var packed = leading
        let rank = lapackInt(leading.rows)
        var tau = [Double](repeating: 0, count: leading.rows)
        let status = unsafe LAPACKE_dtzrzf(
            LAPACK_COL_MAJOR, rank, lapackInt(leading.columns), &packed.elements, rank, &tau)
        try LAPACKStatus.check(status, "dtzrzf")
        return (packed, tau)
    }

    /// Basic minimizers X of ‖A·X − B‖, column by column, for B of m × k: at most `rank` entries of each differ from
    /// zero. Cost: (4·m·n + n²)·k flops. Throws for B of other than m rows or with entries that are not finite.
    public func leastSquares(_ b: DenseMatrix) throws(FactorizationError) -> DenseMatrix {
        let y = try TriangularMatrix.solveChecked(r, .upper, order: rank, try leadingRows(of: b))
        return unpermuted(y.resized(rows: r.columns))
    }

    /// A basic minimizer x of ‖A·x − b‖, as for several right-hand sides.
    public func leastSquares(_ b: [Double]) throws(FactorizationError) -> [Double] {
        try leastSquares(DenseMatrix(column: b)).elements
    }

    /// Among the minimizers X of ‖A·X − B‖ the ones of least Euclidean norm, column by column, for B of m × k, through
    /// the complete orthogonal decomposition (`dtzrzf`, `dormrz`). Equal to ``leastSquares(_:)-(DenseMatrix)`` for full
    /// column rank. Cost: as there, and 4·rank·(n − rank)·k flops. Throws as it does.
    public func minimumNormSolution(_ b: DenseMatrix) throws(FactorizationError) -> DenseMatrix {
        guard let trapezoid else { return try leastSquares(b) }
        let triangle = trapezoid.packed
        let y = try TriangularMatrix.solveChecked(triangle, .upper, order: rank, try leadingRows(of: b))
        var x = y.resized(rows: r.columns)
        if b.columns > 0 {
            let n = lapackInt(r.columns)
            let status = unsafe LAPACKE_dormrz(
                LAPACK_COL_MAJOR, option("L"), option("T"), n, lapackInt(b.columns), lapackInt(rank),
                lapackInt(r.columns - rank), triangle.elements, lapackInt(rank), trapezoid.tau, &x.elements, n)
            try LAPACKStatus.check(status, "dormrz")
        }
        return unpermuted(x)
    }

    /// The minimizer of least norm for one right-hand side.
    public func minimumNormSolution(_ b: [Double]) throws(FactorizationError) -> [Double] {
        try minimumNormSolution(DenseMatrix(column: b)).elements
    }

    /// Qᵀ·B for B of m × k with the full m × m factor Q (`dormqr`). Cost: 4·m·n·k flops.
    public func applyTransposedQ(_ b: DenseMatrix) -> DenseMatrix {
        Reflections.apply(reflectors, tau, transposed: true, b)
    }

    /// The first min(m, n) columns of Q, with orthonormal columns (`dorgqr`). Cost: 2·n²·(m − n/3) flops for m ≥ n.
    public func thinQ() -> DenseMatrix { Reflections.thinQ(reflectors, tau) }

    /// The first `rank` rows of Qᵀ·B.
    private func leadingRows(of b: DenseMatrix) throws(FactorizationError) -> DenseMatrix {
        try LAPACKStatus.checkRightHandSide(b, rows: reflectors.rows, "dormqr")
        return applyTransposedQ(b).resized(rows: rank)
    }

    /// P·Y: row j goes to row `permutation[j]`.
    private func unpermuted(_ y: DenseMatrix) -> DenseMatrix {
        var x = DenseMatrix(rows: y.rows, columns: y.columns)
        for c in 0..<y.columns {
            for j in 0..<y.rows { x[permutation[j], c] = y[j, c] }
        }
        return x
    }
}
