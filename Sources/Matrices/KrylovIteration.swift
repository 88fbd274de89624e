/// The steps of an iterative method on the bidiagonalization of A (Golub and Kahan), and what its recurrences know of the
/// solution they have come to.
protocol KrylovIteration {
    associatedtype Operator: LinearOperator

    init(_ a: Operator, _ b: [Double], damping: Double)
    /// The state of the bidiagonalization.
    var basis: Bidiagonalization<Operator> { get }
    /// The solution so far.
    var x: [Double] { get }
    /// The number of steps taken.
    var steps: Int { get }
    /// ‖r‖ with the damping counted.
    var residualNorm: Double { get }
    /// ‖Aᵀr − δ²x‖.
    var gradientNorm: Double { get }
    /// ‖A‖ in the Frobenius norm, as far as it is known.
    var matrixNorm: Double { get }
    /// ‖x‖.
    var solutionNorm: Double { get }
    /// The condition number of A, as far as it is known.
    var condition: Double { get }
    /// One step: a product with A and one with Aᵀ.
    mutating func step()
}

extension KrylovIteration {
    /// Steps from x = 0 until the rule, the limit of iterations or a cancellation ends them.
    static func solve(_ a: Operator, _ b: [Double], _ options: IterationOptions) -> IterativeSolution {
        precondition(b.count == a.rows, "A has \(a.rows) rows, b \(b.count) entries.")
        precondition(options.damping >= 0, "A damping cannot be negative.")
        let rule = StoppingRule(options: options, rightHandSideNorm: b.norm)
        var iteration = Self(a, b, damping: options.damping)
        guard iteration.basis.alpha * iteration.basis.beta != 0 else {
            return a.finished(iteration.x, b, rule, reason: .zero, iterations: 0, matrix: 0, condition: 0)
        }
        let limit = options.iterationLimit ?? 4 * a.columns + 100
        var reason: StoppingReason?
        while reason == nil {
            guard iteration.steps < limit else { reason = .iterationLimit; break }
            guard !Task.isCancelled else { reason = .cancelled; break }
            iteration.step()
            reason = rule.reason(
                residual: iteration.residualNorm, gradient: iteration.gradientNorm, matrix: iteration.matrixNorm,
                solution: iteration.solutionNorm, condition: iteration.condition)
        }
        return a.finished(
            iteration.x, b, rule, reason: reason ?? .iterationLimit, iterations: iteration.steps,
            matrix: iteration.matrixNorm, condition: iteration.condition)
    }
}
