internal import COpenBLAS
import Matrices

/// The general Gauss–Markov linear model: of all x and y with b = A·x + B·y the pair with the least ‖y‖ (LAPACK `dggglm`,
/// by the generalized QR factorization of A and B).
///
/// With errors B·y of covariance σ²·B·Bᵀ, x is the best linear unbiased estimate. The covariance may be singular: a row of
/// B that is zero is an equation that holds exactly.
public struct GeneralLinearModel: Sendable {
    /// The n coefficients x.
    public let solution: [Double]
    /// The p errors y, uncorrelated and of equal variance.
    public let errors: [Double]

    /// Solves for A of m × n, B of m × p and b of m entries, n ≤ m ≤ n + p. Cost: about 2·m²·(n + p) flops.
    ///
    /// Throws ``FactorizationError/singular(index:)`` where the columns of A are dependent (1) or A and B together do not
    /// reach all m directions (2), and errors of shape and of entries that are not finite.
    public init(_ a: DenseMatrix, factor b: DenseMatrix, _ rightHandSide: [Double]) throws(FactorizationError) {
        let (m, n, p) = (a.rows, a.columns, b.columns)
        guard b.rows == m, n <= m, m <= n + p else {
            throw .shapeMismatch(
                expected: "a factor of \(m) rows and at least \(max(0, m - n)) columns, and at most \(m) coefficients",
                found: "\(b.rows) × \(p) and \(n) coefficients")
        }
        try LAPACKStatus.checkInput(a, "dggglm")
        try LAPACKStatus.checkInput(b, "dggglm")
        try LAPACKStatus.checkRightHandSide(DenseMatrix(column: rightHandSide), rows: m, "dggglm")
        var x = [Double](repeating: 0, count: n), y = [Double](repeating: 0, count: p)
        if m > 0 {
            var (design, factor, d) = (a, b, rightHandSide)
            let status = unsafe LAPACKE_dggglm(
                LAPACK_COL_MAJOR, lapackInt(m), lapackInt(n), lapackInt(p), &design.elements, a.leadingDimension,
                &factor.elements, b.leadingDimension, &d, &x, &y)
            try LAPACKStatus.check(status, "dggglm") { .singular(index: $0) }
            // It looks for exact zeros only.
            let r = try QRFactorization(a).r
            if try TriangularMatrix.reciprocalConditionEstimate(r, .upper) < .ulpOfOne { throw .singular(index: 1) }
        }
        solution = x
        errors = y
    }
}
