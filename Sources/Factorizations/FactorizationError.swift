/// Why a matrix could not be factorized or a system not be solved. The description names the cause and the next step.
public enum FactorizationError: Error, Equatable, Sendable {
    /// LAPACK refused argument number `position` (from 1) of `routine`: a programming error inside this module.
    case illegalArgument(routine: String, position: Int)
    /// The leading `minor` × `minor` block (from 1) of a symmetric matrix is not positive definite.
    case notPositiveDefinite(minor: Int)
    /// Column `column` (from 0) of a sparse matrix is, to working precision, a combination of other columns.
    case dependentColumn(column: Int)
    /// A triangular factor has an exact zero at diagonal place `index` (from 1): the system has no unique solution.
    case singular(index: Int)
    /// The iteration of `routine` stopped with `unconverged` values still changing.
    case noConvergence(routine: String, unconverged: Int)
    /// An input entry, counted from 0, is NaN or infinite.
    case nonFiniteInput(row: Int, column: Int)
    /// The entries are finite but so large that a factor is not.
    case overflow(routine: String)
    /// A dimension or a workspace of `routine` does not fit LAPACK's 32-bit integers.
    case dimensionsTooLarge(routine: String, rows: Int, columns: Int)
    /// An operand has the wrong shape; both texts read like "3 × 2".
    case shapeMismatch(expected: String, found: String)
    /// A library could not allocate its workspace.
    case outOfMemory(routine: String)
    /// Row `row` (from 0) of a set of linear constraints is a combination of the rows before it.
    case dependentConstraint(row: Int)
    /// The bounds of variable `index` (from 0) leave no value.
    case emptyRange(index: Int)
    /// A sparse library failed in `routine` with its status `code`.
    case sparseLibrary(routine: String, code: Int)
}

extension FactorizationError: CustomStringConvertible {
    /// The cause, and what to do next.
    public var description: String {
        switch self {
        case .illegalArgument(let routine, let position):
            "LAPACK refused argument \(position) of \(routine). This is a fault of the Factorizations module: "
                + "please report it with the shape of the matrix."
        case .notPositiveDefinite(let minor):
            "The matrix is not positive definite: its leading \(minor) × \(minor) block fails. "
                + "Columns up to \(minor) are linearly dependent to working precision: "
                + "drop or rescale a column, or use a QR factorization or the SVD, which do not square the condition number."
        case .dependentColumn(let column):
            "Column \(column) (counted from 0) is zero or, to working precision, a combination of other columns. "
                + "Drop it, add a regularization, or use SparseQR, which solves rank-deficient problems."
        case .singular(let index):
            "The triangular factor is singular: its diagonal entry \(index) is zero. "
                + "Use PivotedQR or SVD, which solve rank-deficient problems."
        case .noConvergence(let routine, let unconverged):
            "\(routine) did not converge (\(unconverged) values left). "
                + "Scale the columns to similar size, or use PivotedQR, which does not iterate."
        case .nonFiniteInput(let row, let column):
            "The entry in row \(row), column \(column) (counted from 0) is NaN or infinite. "
                + "Remove or impute missing values before factorizing."
        case .overflow(let routine):
            "\(routine) overflowed on finite entries. Scale the columns to norms near 1 and rescale the solution."
        case .dimensionsTooLarge(let routine, let rows, let columns):
            "A \(rows) × \(columns) matrix is too large for the 32-bit integers of \(routine). "
                + "Process the rows in blocks with TallSkinnyQR, or use an iterative solver."
        case .shapeMismatch(let expected, let found):
            "Expected \(expected), found \(found). Check the dimensions, or transpose the operand."
        case .outOfMemory(let routine):
            "\(routine) could not allocate its workspace. Use fewer rows at a time, or a machine with more memory."
        case .dependentConstraint(let row):
            "Constraint \(row + 1) is a combination of the constraints before it. Leave it out."
        case .emptyRange(let index):
            "The lower bound of variable \(index) (counted from 0) is above its upper bound, or one of them is not a number."
        case .sparseLibrary(let routine, let code):
            "\(routine) failed with status \(code). "
                + "Check the matrix, or convert it to a dense one and use PivotedQR if it is small."
        }
    }
}
