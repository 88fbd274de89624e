/// LSQR: min ‖A·x − b‖² + δ²‖x‖² from products with A and Aᵀ alone; in exact arithmetic the iterates of conjugate
/// gradients on the normal equations. Started from 0, it finds the solution of least norm where there are many.
///
/// Source: Paige and Saunders, "LSQR: An algorithm for sparse linear equations and sparse least squares", ACM TOMS 8 (1982).
public enum LSQR {
    /// Solves. Cost: per step a product with A, one with Aᵀ and 3·m + 5·n flops. Preconditions: b has m entries, δ ≥ 0.
    public static func solve<Operator: LinearOperator>(
        _ a: Operator, _ b: [Double], options: IterationOptions = IterationOptions()
    ) -> IterativeSolution {
        Iteration.solve(a, b, options)
    }

    /// The state between steps, in the notation of the paper.
    private struct Iteration<Operator: LinearOperator>: KrylovIteration {
        var basis: Bidiagonalization<Operator>
        let damping: Double
        var x: [Double]
        var w: [Double]
        var rhoBar, phiBar: Double
        var steps = 0
        var residualNorm = 0.0, gradientNorm = 0.0, solutionNorm = 0.0, condition = 0.0
        var matrixNorm: Double { matrixSquare.squareRoot() }
        private var matrixSquare = 0.0, inverseSquare = 0.0, dampedSquare = 0.0
        /// Of the norm of x: the rotations from the right.
        private var c2 = -1.0, s2 = 0.0, z = 0.0, solutionSquare = 0.0

        init(_ a: Operator, _ b: [Double], damping: Double) {
            basis = Bidiagonalization(a, b)
            self.damping = damping
            x = [Double](repeating: 0, count: a.columns)
            w = basis.v
            (rhoBar, phiBar) = (basis.alpha, basis.beta)
        }

        mutating func step() {
            let former = basis.alpha
            basis.advance()
            matrixSquare += former * former + basis.beta * basis.beta + damping * damping
            let damped = PlaneRotation(rhoBar, damping)
            let psi = damped.s * phiBar
            let rotation = PlaneRotation(damping > 0 ? damped.r : rhoBar, basis.beta)
            if damping > 0 { phiBar *= damped.c }
            let theta = rotation.s * basis.alpha
            rhoBar = -rotation.c * basis.alpha
            let phi = rotation.c * phiBar
            phiBar *= rotation.s
            update(rotation.r, phi: phi, theta: theta)
            steps += 1
            if damping > 0 { dampedSquare += psi * psi }
            residualNorm = (phiBar * phiBar + dampedSquare).squareRoot()
            gradientNorm = basis.alpha * abs(rotation.s * phi)
            condition = matrixNorm * inverseSquare.squareRoot()
        }

        private mutating func update(_ rho: Double, phi: Double, theta: Double) {
            let (along, back) = (phi / rho, theta / rho)
            for j in x.indices {
                let d = w[j] / rho
                inverseSquare += d * d
                x[j] += along * w[j]
                w[j] = basis.v[j] - back * w[j]
            }
            let delta = s2 * rho, gammaBar = -c2 * rho
            let right = phi - delta * z
            let zBar = right / gammaBar
            solutionNorm = (solutionSquare + zBar * zBar).squareRoot()
            let rotation = PlaneRotation(gammaBar, theta)
            (c2, s2) = (rotation.c, rotation.s)
            z = right / rotation.r
            solutionSquare += z * z
        }
    }
}
