/// Solves M·x = c for a symmetric positive definite M known by its products with vectors.
///
/// Sources: Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", J. Res. NBS 49 (1952);
/// Stiefel's conjugate residuals (1955), for positive definite matrices the iterates of MINRES.
public enum ConjugateGradients {
    /// What each step minimizes over the Krylov space.
    public enum Norm: Sendable {
        /// ‖x − M⁻¹c‖ in the norm of M: conjugate gradients, on normal equations the iterates of ``LSQR``.
        case error
        /// ‖c − M·x‖: conjugate residuals, on normal equations the iterates of ``LSMR``.
        case residual
    }

    /// The end of an iteration, its residual computed anew.
    public struct Solution: Sendable {
        /// The solution, n numbers.
        public let x: [Double]
        /// Why it stopped.
        public let reason: StoppingReason
        /// Steps done, each with one product by M.
        public let iterations: Int
        /// c − M·x, computed anew.
        public let residual: [Double]
    }

    /// Solves to ‖c − M·x‖ ≤ `tolerance`·‖c‖ as far as rounding allows.
    ///
    /// Stops with ``StoppingReason/indefinite`` at a direction p with pᵀMp ≤ 0, which proves that M is not positive
    /// definite. Cost: per step a product with M and 10·n flops.
    public static func solve(
        _ c: [Double], minimizing norm: Norm = .error, tolerance: Double = 1e-14, iterationLimit: Int? = nil,
        multiplyingBy multiply: ([Double]) -> [Double]
    ) -> Solution {
        var x = [Double](repeating: 0, count: c.count), r = c, p = c
        let target = tolerance * c.norm, limit = iterationLimit ?? 4 * c.count + 100
        guard c.norm > 0 else { return Solution(x: x, reason: .zero, iterations: 0, residual: c) }
        var mr = multiply(r), mp = mr
        var numerator = norm == .error ? r.dot(r) : r.dot(mr)
        var reason: StoppingReason?, steps = 0
        while reason == nil {
            guard steps < limit else { reason = .iterationLimit; break }
            guard !Task.isCancelled else { reason = .cancelled; break }
            let curvature = p.dot(mp)
            guard curvature.isFinite else { reason = .notFinite; break }
            guard curvature > 0, numerator > 0 else { reason = .indefinite; break }
            let alpha = numerator / (norm == .error ? curvature : mp.dot(mp))
            x.subtract(p, times: -alpha)
            r.subtract(mp, times: alpha)
            steps += 1
            if r.norm <= target { reason = .leastSquares; break }
            if norm == .residual { mr = multiply(r) }
            let next = norm == .error ? r.dot(r) : r.dot(mr)
            let beta = next / numerator
            numerator = next
            for j in p.indices { p[j] = r[j] + beta * p[j] }
            if norm == .error {
                mp = multiply(p)
            } else {
                for j in mp.indices { mp[j] = mr[j] + beta * mp[j] }
            }
        }
        let product = multiply(x)
        let residual = zip(c, product).map(-)
        let allowed = 100 * max(target, Double.ulpOfOne * (product.norm + c.norm))
        if reason == .leastSquares, residual.norm > allowed { reason = .rounding }
        return Solution(x: x, reason: reason ?? .iterationLimit, iterations: steps, residual: residual)
    }
}
