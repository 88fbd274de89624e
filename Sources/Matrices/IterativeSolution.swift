/// When an iterative least squares solver stops, and what it minimizes: ‖A·x − b‖² + δ²‖x‖².
public struct IterationOptions: Sendable {
    /// The damping δ ≥ 0.
    public var damping = 0.0
    /// The relative error of A that counts as none.
    public var matrixTolerance = 1e-14
    /// The relative error of b that counts as none.
    public var rightHandSideTolerance = 1e-14
    /// The estimated condition number at which to give up.
    public var conditionLimit = 1e14
    /// The most steps; nil for 4·n + 100.
    public var iterationLimit: Int?

    /// Accuracy near that of double precision.
    public init() {}
}

/// Why an iterative solver stopped.
public enum StoppingReason: String, Sendable, CaseIterable {
    /// Aᵀb = 0: x = 0 solves the problem.
    case zero = "zero solution"
    /// ‖r‖ is within the tolerances: A·x = b as far as A and b are known.
    case consistent = "system solved"
    /// ‖Aᵀr‖ is within the tolerance of ‖A‖‖r‖: a least squares solution as far as A is known.
    case leastSquares = "least squares solution"
    /// The recurrences said so, but the residual computed anew from x does not bear it out: rounding allows no more.
    case rounding = "limit of rounding"
    /// The condition number, as far as it is known, passed its limit: x is a regularized solution only.
    case conditionLimit = "condition limit"
    /// The limit of iterations came first: x is not a solution to the tolerances.
    case iterationLimit = "iteration limit"
    /// A product with A was not finite.
    case notFinite = "not finite"
    /// The task that it ran in was cancelled.
    case cancelled = "cancelled"
    /// The matrix of a symmetric system is not positive definite.
    case indefinite = "not positive definite"

    /// Whether x satisfies the tolerances.
    public var hasConverged: Bool { self == .zero || self == .consistent || self == .leastSquares }
}

/// What an iterative solver found, with norms computed anew from x at the end, not those of the recurrences.
///
/// No standard errors are estimated: the sums that LSQR's recurrences offer for them are lower bounds that may be far off
/// when it stops early.
public struct IterativeSolution: Sendable {
    /// The solution, n numbers.
    public var x: [Double]
    /// Why it stopped.
    public let reason: StoppingReason
    /// Steps done, each with one product by A and one by Aᵀ.
    public let iterations: Int
    /// ‖b − A·x‖.
    public let residualNorm: Double
    /// ‖Aᵀ(b − A·x) − δ²x‖.
    public let gradientNorm: Double
    /// An estimate of ‖A‖_F from below (of the damped matrix, and of A·R⁻¹ with a preconditioner).
    public let matrixNorm: Double
    /// An estimate of the condition number from below (as above).
    public let condition: Double
}

/// The bidiagonalization of Golub and Kahan, started with b: β₁u₁ = b, α₁v₁ = Aᵀu₁, then β_{k+1}u_{k+1} = A·v_k − α_k·u_k and
/// α_{k+1}v_{k+1} = Aᵀu_{k+1} − β_{k+1}v_k.
struct Bidiagonalization<Operator: LinearOperator> {
    let a: Operator
    private(set) var u: [Double]
    private(set) var v: [Double]
    private(set) var alpha: Double
    private(set) var beta: Double

    init(_ a: Operator, _ b: [Double]) {
        self.a = a
        u = b
        beta = b.norm
        v = [Double](repeating: 0, count: a.columns)
        alpha = 0
        guard beta > 0 else { return }
        u.scale(by: 1 / beta)
        v = a.multiplyTransposed(u)
        alpha = v.norm
        if alpha > 0 { v.scale(by: 1 / alpha) }
    }

    mutating func advance() {
        var next = a.multiply(v)
        next.subtract(u, times: alpha)
        beta = next.norm
        if beta > 0 { next.scale(by: 1 / beta) }
        u = next
        var right = a.multiplyTransposed(u)
        right.subtract(v, times: beta)
        alpha = right.norm
        if alpha > 0 { right.scale(by: 1 / alpha) }
        v = right
    }
}

/// A plane rotation: c·a + s·b = r, s·a − c·b = 0, r = ±√(a² + b²) with the sign of a.
struct PlaneRotation {
    let c, s, r: Double

    init(_ a: Double, _ b: Double) {
        let length = (a * a + b * b).isNormal ? (a * a + b * b).squareRoot() : euclideanNorm([a, b])
        r = a < 0 ? -length : length
        (c, s) = r == 0 ? (1, 0) : (a / r, b / r)
    }
}

extension Array where Element == Double {
    /// Multiplies every entry by a factor.
    public mutating func scale(by factor: Double) { for i in indices { self[i] *= factor } }
}

/// Decides when an iteration stops (Paige and Saunders 1982, section 6).
struct StoppingRule {
    let options: IterationOptions
    let rightHandSideNorm: Double

    /// The reason to stop, or nil to go on. The norms are those of the recurrences.
    func reason(
        residual: Double, gradient: Double, matrix: Double, solution: Double, condition: Double
    ) -> StoppingReason? {
        guard residual.isFinite, gradient.isFinite, matrix.isFinite, solution.isFinite else { return .notFinite }
        let allowed =
            max(options.rightHandSideTolerance, .ulpOfOne) * rightHandSideNorm
            + max(options.matrixTolerance, .ulpOfOne) * matrix * solution
        if residual <= allowed { return .consistent }
        if gradient <= max(options.matrixTolerance, .ulpOfOne) * matrix * residual { return .leastSquares }
        if condition >= options.conditionLimit { return .conditionLimit }
        return nil
    }

    /// The reason that the residual and gradient computed anew bear out, to a factor of 100.
    func verified(_ reason: StoppingReason, residual: Double, gradient: Double, matrix: Double, solution: Double)
        -> StoppingReason
    {
        guard residual.isFinite, gradient.isFinite else { return .notFinite }
        guard reason.hasConverged, reason != .zero else { return reason }
        let slack = 100.0
        let allowed =
            options.rightHandSideTolerance * rightHandSideNorm + options.matrixTolerance * matrix * solution
        if residual <= slack * max(allowed, .ulpOfOne * (rightHandSideNorm + matrix * solution)) { return .consistent }
        let gradientAllowed =
            options.matrixTolerance * matrix * residual
            + .ulpOfOne * matrix * (matrix * solution + rightHandSideNorm)
        return gradient <= slack * gradientAllowed ? .leastSquares : .rounding
    }
}

extension LinearOperator {
    /// The solution with its residual and gradient computed anew.
    func finished(
        _ x: [Double], _ b: [Double], _ rule: StoppingRule, reason: StoppingReason, iterations: Int, matrix: Double,
        condition: Double
    ) -> IterativeSolution {
        let residual = zip(b, multiply(x)).map(-)
        var gradient = multiplyTransposed(residual)
        let damping = rule.options.damping
        gradient.subtract(x, times: damping * damping)
        let norms = (euclideanNorm([residual.norm, damping * x.norm]), gradient.norm)
        return IterativeSolution(
            x: x,
            reason: rule.verified(reason, residual: norms.0, gradient: norms.1, matrix: matrix, solution: x.norm),
            iterations: iterations, residualNorm: residual.norm, gradientNorm: norms.1, matrixNorm: matrix,
            condition: condition)
    }
}
