internal import COpenBLAS
import Matrices

/// Solves and inverts triangular n × n matrices given as dense ones; the other triangle is not read.
public enum TriangularMatrix {
    /// Which triangle holds the entries.
    public enum Side: Sendable { case upper, lower }

    /// The solution X of op(T)·X = B for B of n × k, where op transposes on demand (`dtrtrs`). Cost: n²·k flops.
    ///
    /// Throws ``FactorizationError/singular(index:)`` for an exact zero on the diagonal, and errors of shape or size
    /// and for entries that are not finite.
    public static func solve(
        _ t: DenseMatrix, _ side: Side, transposed: Bool = false, _ b: DenseMatrix
    ) throws(FactorizationError) -> DenseMatrix {
        try LAPACKStatus.checkSquare(t)
        try LAPACKStatus.checkInput(t, "dtrtrs")
        try LAPACKStatus.checkRightHandSide(b, rows: t.rows, "dtrtrs")
        return try solveChecked(t, side, transposed: transposed, b)
    }

    /// The solution x of op(T)·x = b, as for several right-hand sides. Cost: n² flops.
    public static func solve(
        _ t: DenseMatrix, _ side: Side, transposed: Bool = false, _ b: [Double]
    ) throws(FactorizationError) -> [Double] {
        try solve(t, side, transposed: transposed, DenseMatrix(column: b)).elements
    }

    /// The inverse T⁻¹, triangular on the same side and zero on the other (`dtrtri`). Cost: n³/3 flops.
    ///
    /// Throws as ``solve(_:_:transposed:_:)-(_,_,_,DenseMatrix)`` does.
    public static func inverse(_ t: DenseMatrix, _ side: Side) throws(FactorizationError) -> DenseMatrix {
        try LAPACKStatus.checkSquare(t)
        try LAPACKStatus.checkInput(t, "dtrtri")
        var result = t
        for j in 0..<t.columns {
            for i in 0..<t.rows where side == .upper ? i > j : i < j { result[i, j] = 0 }
        }
        if t.rows == 0 { return result }
        let n = lapackInt(t.rows)
        let status = unsafe LAPACKE_dtrtri(LAPACK_COL_MAJOR, side.letter, option("N"), n, &result.elements, n)
        try LAPACKStatus.check(status, "dtrtri") { .singular(index: $0) }
        return result
    }

    /// An estimate of 1 / (‖T‖₁·‖T⁻¹‖₁) (`dtrcon`); 1 for the empty matrix. Cost: a few times n² flops.
    public static func reciprocalConditionEstimate(_ t: DenseMatrix, _ side: Side) throws(FactorizationError) -> Double
    {
        try LAPACKStatus.checkSquare(t)
        try LAPACKStatus.checkInput(t, "dtrcon")
        return estimateChecked(t, side)
    }

    /// The estimate for a square finite T.
    static func estimateChecked(_ t: DenseMatrix, _ side: Side) -> Double {
        if t.rows == 0 { return 1 }
        let n = lapackInt(t.rows)
        var reciprocal = 0.0
        let status = unsafe LAPACKE_dtrcon(
            LAPACK_COL_MAJOR, option("1"), side.letter, option("N"), n, t.elements, n, &reciprocal)
        LAPACKStatus.require(status, "dtrcon")
        return reciprocal
    }

    /// The solve on the leading `order` × `order` triangle of T, which may have more rows and columns; shapes are the
    /// caller's business.
    static func solveChecked(
        _ t: DenseMatrix, _ side: Side, transposed: Bool = false, order: Int? = nil, _ b: DenseMatrix
    ) throws(FactorizationError) -> DenseMatrix {
        var x = b
        let n = order ?? t.columns
        if n == 0 || b.columns == 0 { return x }
        let status = unsafe LAPACKE_dtrtrs_work(
            LAPACK_COL_MAJOR, side.letter, option(transposed ? "T" : "N"), option("N"), lapackInt(n),
            lapackInt(b.columns), t.elements, t.leadingDimension, &x.elements, b.leadingDimension)
        try LAPACKStatus.check(status, "dtrtrs") { .singular(index: $0) }
        return x
    }
}

extension TriangularMatrix.Side {
    fileprivate var letter: CChar { option(self == .upper ? "U" : "L") }
}
