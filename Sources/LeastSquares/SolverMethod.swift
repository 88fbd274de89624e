import Matrices

/// How the system is solved.
public enum SolverMethod: String, Sendable, CaseIterable {
    /// The one that `SolverChoice` picks.
    case automatic = "auto"
    /// Cholesky factorization of the column-scaled normal equations.
    case normal
    /// Householder QR of the rows, block by block; of sparse rows SPQR.
    case qr
    /// Householder QR of the rows, then of their triangle with column pivoting (LAPACK `dgeqp3`): where the rank is
    /// deficient, the columns that others explain best are left out, not the last ones.
    case pivotedQR = "pivoted-qr"
    /// Singular values: where the rank is deficient, the solution of least norm.
    case svd
    /// Golub–Kahan iteration on the rows or their codes, equivalent to conjugate gradients.
    case lsqr
    /// Golub–Kahan iteration, equivalent to MINRES.
    case lsmr

    /// Whether it is a QR factorization of the rows that leaves out dependent columns.
    var isQR: Bool { self == .qr || self == .pivotedQR }

    /// Whether it iterates.
    public var isIterative: Bool { self == .lsqr || self == .lsmr }

    /// The method as a report names it.
    public var title: String {
        switch self {
        case .automatic: "chosen automatically"
        case .normal: "normal equations, Cholesky"
        case .qr: "Householder QR"
        case .pivotedQR: "Householder QR with column pivoting"
        case .svd: "singular value decomposition"
        case .lsqr: "LSQR"
        case .lsmr: "LSMR"
        }
    }
}

/// How an iterative method ended.
public struct IterationSummary: Sendable, Equatable {
    /// Steps, the most over the responses.
    public let iterations: Int
    /// The reason, of the response that converged least.
    public let reason: String
    /// Whether all responses converged to the tolerances.
    public let hasConverged: Bool

    /// The summary of one iteration per response.
    init(_ ends: [(iterations: Int, reason: StoppingReason)]) {
        iterations = ends.map(\.iterations).max() ?? 0
        let worst = ends.first { !$0.reason.hasConverged } ?? ends.first
        reason = (worst?.reason ?? .zero).rawValue
        hasConverged = ends.allSatisfy(\.reason.hasConverged)
    }
}
