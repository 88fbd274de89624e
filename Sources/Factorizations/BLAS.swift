internal import COpenBLAS
import Matrices
import Synchronization

/// The matrix products of OpenBLAS. Shapes are preconditions; NaN and infinity pass through as in any sum.
public enum BLAS {
    /// C ← alpha·AᵀA + beta·C for A of m × n and symmetric C of n × n (`cblas_dsyrk`). Reads the lower triangle of C
    /// and fills both triangles. Cost: m·n² flops.
    public static func symmetricRankUpdate(
        _ a: DenseMatrix, alpha: Double = 1, beta: Double, into c: inout DenseMatrix
    ) {
        let n = a.columns
        precondition(
            c.rows == n && c.columns == n,
            "AᵀA of a \(a.rows) × \(n) matrix is \(n) × \(n), not \(c.rows) × \(c.columns).")
        if n == 0 { return }
        let ldc = c.leadingDimension
        unsafe cblas_dsyrk(
            CblasColMajor, CblasLower, CblasTrans, lapackInt(n), lapackInt(a.rows), alpha, a.elements,
            a.leadingDimension, beta, &c.elements, ldc)
        c.mirrorLowerTriangle()
    }

    /// C ← AᵀB + BᵀA + beta·C for A and B of m × n and symmetric C of n × n (`cblas_dsyr2k`). Reads the lower triangle of C
    /// and fills both triangles. Cost: 2·m·n² flops.
    public static func symmetricRankTwoUpdate(
        _ a: DenseMatrix, _ b: DenseMatrix, beta: Double, into c: inout DenseMatrix
    ) {
        let n = a.columns
        precondition(
            a.rows == b.rows && b.columns == n && c.rows == n && c.columns == n,
            "AᵀB + BᵀA of \(a.rows) × \(n) and \(b.rows) × \(b.columns) matrices is not \(c.rows) × \(c.columns).")
        if n == 0 { return }
        let ldc = c.leadingDimension
        unsafe cblas_dsyr2k(
            CblasColMajor, CblasLower, CblasTrans, lapackInt(n), lapackInt(a.rows), 1, a.elements, a.leadingDimension,
            b.elements, b.leadingDimension, beta, &c.elements, ldc)
        c.mirrorLowerTriangle()
    }

    /// op(A)·op(B), where op transposes on demand (`cblas_dgemm`). With op(A) of m × k and op(B) of k × n the result is
    /// m × n. To transpose only B, both labels are needed: `multiply(a, transposed: false, b, transposed: true)`.
    /// Cost: 2·m·n·k flops.
    public static func multiply(
        _ a: DenseMatrix, transposed transposeA: Bool = false, _ b: DenseMatrix, transposed transposeB: Bool = false
    ) -> DenseMatrix {
        let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (inner, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(k == inner, "Cannot multiply \(m) × \(k) by \(inner) × \(n): the inner dimensions differ.")
        var c = DenseMatrix(rows: m, columns: n)
        if m == 0 || n == 0 || k == 0 { return c }
        unsafe cblas_dgemm(
            CblasColMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            lapackInt(m), lapackInt(n), lapackInt(k), 1, a.elements, a.leadingDimension, b.elements,
            b.leadingDimension, 0, &c.elements, lapackInt(m))
        return c
    }

    /// op(A)·x, where op transposes on demand (`cblas_dgemv`): x has n entries and the result m for A of m × n, the
    /// other way round when transposed. Cost: 2·m·n flops.
    public static func multiply(_ a: DenseMatrix, transposed: Bool = false, _ x: [Double]) -> [Double] {
        let (m, n) = transposed ? (a.columns, a.rows) : (a.rows, a.columns)
        precondition(x.count == n, "A \(m) × \(n) matrix multiplies vectors of \(n) entries, not \(x.count).")
        var y = [Double](repeating: 0, count: m)
        if m == 0 || n == 0 { return y }
        unsafe cblas_dgemv(
            CblasColMajor, transposed ? CblasTrans : CblasNoTrans, lapackInt(a.rows), lapackInt(a.columns), 1,
            a.elements, a.leadingDimension, x, 1, 0, &y, 1)
        return y
    }

    /// The number of threads that OpenBLAS uses now.
    public static var threads: Int { Int(openblas_get_num_threads()) }

    /// Runs `body` with OpenBLAS set to `n` ≥ 1 threads; the former number is back once the last of the calls that
    /// overlap in time has returned or thrown.
    ///
    /// The number belongs to the whole process: while calls overlap, that of the first one holds for all. Sums may be
    /// ordered differently with another number of threads, so results can differ in the last digits; calls that ask
    /// for the same number never see another one.
    public static func withThreads<Result, Failure: Error>(
        _ n: Int, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(n >= 1, "OpenBLAS needs at least one thread.")
        threadSetting.withLock { setting in
            if setting.calls == 0 {
                setting.former = openblas_get_num_threads()
                set(threads: lapackInt(n))
            }
            setting.calls += 1
        }
        defer {
            threadSetting.withLock { setting in
                setting.calls -= 1
                if setting.calls == 0 { set(threads: setting.former) }
            }
        }
        return try body()
    }

    /// Setting the number, whatever it is, starts the threads of OpenBLAS again where they were ended.
    private static func set(threads: Int32) {
        if openblas_get_num_threads() != threads { openblas_set_num_threads(threads) }
    }

    /// Sets OpenBLAS to one thread and ends the others, which it starts with the process: for a tenth of a second they do
    /// nothing but keep a processor busy. A call of ``withThreads(_:_:)`` for several starts them again.
    public static func endIdleThreads() { qls_end_idle_openblas_threads() }

    /// OpenBLAS keeps its number of threads in a global variable; this guards it.
    private static let threadSetting = Mutex((calls: 0, former: Int32(1)))
}
