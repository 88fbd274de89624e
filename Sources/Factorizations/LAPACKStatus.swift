internal import COpenBLAS
import Matrices

/// The one place where LAPACK's `info` and LAPACK's limits become a ``FactorizationError``.
enum LAPACKStatus {
    /// Throws unless `info` is 0. A negative `info` is an illegal argument or a failed allocation; the meaning of a
    /// positive one depends on the routine, so the caller gives it; a routine documented never to return one needs none.
    static func check(
        _ info: Int32, _ routine: String,
        positive: ((Int) -> FactorizationError)? = nil
    ) throws(FactorizationError) {
        if info == 0 { return }
        if info > 0 { throw positive?(Int(info)) ?? .illegalArgument(routine: routine, position: 0) }
        if info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR {
            throw .outOfMemory(routine: routine)
        }
        throw .illegalArgument(routine: routine, position: Int(-info))
    }

    /// For routines that can fail only by a programming error or lack of memory: traps with the description.
    static func require(_ info: Int32, _ routine: String) {
        do throws(FactorizationError) {
            try check(info, routine)
        } catch {
            preconditionFailure(error.description)
        }
    }

    /// Throws unless the matrix has finite entries and dimensions, and a workspace of `workspace` numbers, within
    /// LAPACK's 32-bit integers.
    static func checkInput(_ a: DenseMatrix, _ routine: String, workspace: Int = 0) throws(FactorizationError) {
        if max(a.rows, a.columns, workspace) > Int(Int32.max) {
            throw .dimensionsTooLarge(routine: routine, rows: a.rows, columns: a.columns)
        }
        if let place = a.firstNonFiniteEntry { throw .nonFiniteInput(row: place.row, column: place.column) }
    }

    /// Throws when a factor is not finite although its matrix was.
    static func checkOverflow(_ factor: DenseMatrix, _ routine: String) throws(FactorizationError) {
        if hasNonFiniteValue(factor.elements) { throw .overflow(routine: routine) }
    }

    /// Throws unless the matrix is square.
    static func checkSquare(_ a: DenseMatrix) throws(FactorizationError) {
        if a.rows != a.columns {
            throw .shapeMismatch(expected: "a square matrix", found: "\(a.rows) × \(a.columns)")
        }
    }

    /// Throws unless a right-hand side has `rows` rows and finite entries.
    static func checkRightHandSide(_ b: DenseMatrix, rows: Int, _ routine: String) throws(FactorizationError) {
        if b.rows != rows {
            throw .shapeMismatch(expected: "a right-hand side of \(rows) rows", found: "\(b.rows) rows")
        }
        try checkInput(b, routine)
    }
}

/// A dimension as a 32-bit LAPACK integer. The factorizations check their input before they come here, so a larger
/// value is a programming error and traps.
func lapackInt(_ n: Int) -> Int32 {
    guard let narrow = Int32(exactly: n) else {
        preconditionFailure("\(n) does not fit a 32-bit LAPACK integer: process the rows in blocks.")
    }
    return narrow
}

/// A LAPACK option letter.
func option(_ letter: Unicode.Scalar) -> CChar { CChar(letter.value) }

extension DenseMatrix {
    /// The leading dimension that LAPACK asks for: max(1, m).
    var leadingDimension: Int32 { lapackInt(max(1, rows)) }

    /// One right-hand side as a matrix of one column.
    init(column b: [Double]) { self.init(rows: b.count, columns: 1, elements: b) }

    /// Copies the strict triangle above the diagonal from below it.
    mutating func mirrorLowerTriangle() {
        for j in 0..<columns {
            for i in 0..<j { self[i, j] = self[j, i] }
        }
    }

    /// The first `count` rows, at most all; filled up with zero rows when `count` is larger.
    func resized(rows count: Int) -> DenseMatrix {
        if count == rows { return self }
        var result = DenseMatrix(rows: count, columns: columns)
        for j in 0..<columns {
            for i in 0..<min(count, rows) { result[i, j] = self[i, j] }
        }
        return result
    }

    /// The upper triangle (trapezoid) of the first `count` rows; everything else zero.
    func upperTriangle(rows count: Int) -> DenseMatrix {
        var result = DenseMatrix(rows: count, columns: columns)
        for j in 0..<columns {
            for i in 0..<min(count, rows, j + 1) { result[i, j] = self[i, j] }
        }
        return result
    }
}
