internal import COpenBLAS
import Matrices

/// The triangular factor R of A = Q·R for a matrix whose rows arrive in blocks, in memory that does not depend on their
/// number (sequential TSQR: `dgeqrf` on the first rows, then `dtpqrt` on the triangle above each further chunk).
///
/// Rows are collected into chunks of a fixed size, so R does not depend on how the rows were split into blocks, not even
/// in its last bit; it does depend, by rounding, on their order. Q is not kept: append the right-hand side as a last
/// column, and the last column of R is Qᵀb above the residual norm.
public struct TallSkinnyQR: Sendable {
    /// The number of columns, n.
    public let columns: Int
    /// The number of rows appended so far.
    public private(set) var rowCount = 0

    /// The factor of the full chunks, n × n, zero below its diagonal; `nil` before the first full chunk.
    private var triangle: DenseMatrix?
    /// The rows not folded in yet: the first `pendingRows` rows of a chunk.
    private var chunk: DenseMatrix
    private var pendingRows = 0

    /// No rows yet, n columns. Memory: n² + n·max(n, 512) numbers, whatever is appended.
    public init(columns n: Int) {
        precondition(n >= 0, "A matrix cannot have a negative number of columns.")
        columns = n
        chunk = DenseMatrix(rows: Self.chunkRows(n), columns: n)
    }

    /// At least n, so that the first chunk fills the triangle.
    private static func chunkRows(_ n: Int) -> Int { max(n, 512) }

    /// Appends the rows of an m × n block. Cost: 2·m·n² flops.
    ///
    /// Throws for a block of other than n columns, with entries that are not finite (rows counted from the first
    /// appended), or beyond 32 bits. After a refused block the factor is as before the call; after an overflow it is unusable.
    public mutating func append(rows block: DenseMatrix) throws(FactorizationError) {
        if block.columns != columns {
            throw .shapeMismatch(expected: "a block of \(columns) columns", found: "\(block.columns) columns")
        }
        do throws(FactorizationError) {
            try LAPACKStatus.checkInput(block, "dtpqrt")
        } catch .nonFiniteInput(let row, let column) {
            throw .nonFiniteInput(row: rowCount + row, column: column)
        }
        var first = 0
        while first < block.rows {
            let count = min(block.rows - first, chunk.rows - pendingRows)
            for j in 0..<columns {
                let (from, to) = (j * block.rows + first, j * chunk.rows + pendingRows)
                for i in 0..<count { chunk.elements[to &+ i] = block.elements[from &+ i] }
            }
            first += count
            pendingRows += count
            rowCount += count
            if pendingRows == chunk.rows {
                try foldFullChunk()
            }
        }
    }

    /// Folds the full chunk into the triangle, overwriting the chunk.
    private mutating func foldFullChunk() throws(FactorizationError) {
        if var r = triangle {
            triangle = nil
            try Self.eliminate(&chunk, count: chunk.rows, triangularRows: 0, into: &r)
            triangle = r
        } else {
            triangle = try Self.factor(of: chunk)
        }
        pendingRows = 0
    }

    /// The triangle with a copy of the pending rows folded in.
    private func folded() throws(FactorizationError) -> DenseMatrix {
        var rows = chunk.resized(rows: pendingRows)
        guard var r = triangle else { return try Self.factor(of: rows) }
        try Self.eliminate(&rows, count: pendingRows, triangularRows: 0, into: &r)
        return r
    }

    /// The factor of the rows appended so far, n × n, upper triangular and zero below its diagonal; with fewer than n
    /// rows the last rows are zero. Its diagonal may have either sign. Cost: up to 2·n²·max(n, 512) flops, for the rows
    /// of the unfinished chunk.
    public var r: DenseMatrix {
        get throws(FactorizationError) {
            if columns == 0 { return chunk.resized(rows: 0) }
            return pendingRows == 0 ? triangle ?? DenseMatrix(rows: columns, columns: columns) : try folded()
        }
    }

    /// Appends all rows of another factorization of n columns, as if they came after these. Cost: 2·n³/3 flops for the
    /// two triangles, and those of appending the other's unfinished chunk. R then depends on the split by rounding.
    ///
    /// Throws for another number of columns, and when the merged factor overflows.
    public mutating func merge(_ other: TallSkinnyQR) throws(FactorizationError) {
        if other.columns != columns {
            throw .shapeMismatch(expected: "a factor of \(columns) columns", found: "\(other.columns) columns")
        }
        guard columns > 0 else { rowCount += other.rowCount; return }
        let total = rowCount + other.rowCount
        if var rows = other.triangle {
            if var r = triangle {
                try Self.eliminate(&rows, count: columns, triangularRows: columns, into: &r)
                triangle = r
            } else {
                triangle = rows
            }
        }
        try append(rows: other.chunk.resized(rows: other.pendingRows))
        rowCount = total
    }

    /// The n × n factor of a block of rows (`dgeqrf`).
    private static func factor(of rows: DenseMatrix) throws(FactorizationError) -> DenseMatrix {
        try QRFactorization(rows).r.resized(rows: rows.columns)
    }

    /// R ← the factor of R above the first `count` rows of `rows`, the last `triangularRows` of which are upper
    /// triangular (`dtpqrt`). Overwrites `rows`.
    private static func eliminate(
        _ rows: inout DenseMatrix, count: Int, triangularRows: Int, into r: inout DenseMatrix
    ) throws(FactorizationError) {
        let n = r.columns
        let blockSize = min(32, n)
        var reflectors = [Double](repeating: 0, count: blockSize * n)
        let (order, ldb) = (lapackInt(n), rows.leadingDimension)
        let status = unsafe LAPACKE_dtpqrt(
            LAPACK_COL_MAJOR, lapackInt(count), order, lapackInt(triangularRows), lapackInt(blockSize), &r.elements,
            order, &rows.elements, ldb, &reflectors, lapackInt(blockSize))
        try LAPACKStatus.check(status, "dtpqrt")
        try LAPACKStatus.checkOverflow(r, "dtpqrt")
    }
}
