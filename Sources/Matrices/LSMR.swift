/// LSMR: min ‖A·x − b‖² + δ²‖x‖² from products with A and Aᵀ alone; in exact arithmetic the iterates of MINRES on the
/// normal equations, so that ‖Aᵀr‖ never rises and stopping early is safer than with ``LSQR``. Started from 0, it finds
/// the solution of least norm where there are many.
///
/// Source: Fong and Saunders, "LSMR: An iterative algorithm for sparse least-squares problems", SIAM J. Sci. Comput. 33
/// (2011).
public enum LSMR {
    /// Solves. Cost: per step a product with A, one with Aᵀ and 3·m + 6·n flops. Preconditions: b has m entries, δ ≥ 0.
    public static func solve<Operator: LinearOperator>(
        _ a: Operator, _ b: [Double], options: IterationOptions = IterationOptions()
    ) -> IterativeSolution {
        Iteration.solve(a, b, options)
    }

    /// The state between steps, in the notation of the paper.
    private struct Iteration<Operator: LinearOperator>: KrylovIteration {
        var basis: Bidiagonalization<Operator>
        let damping: Double
        var x, h, hBar: [Double]
        var zetaBar: Double
        private var residual: ResidualNorm
        var residualNorm: Double { residual.norm }
        var gradientNorm: Double { abs(zetaBar) }
        var solutionNorm: Double { x.norm }
        var steps = 0
        var matrixNorm = 0.0, condition = 1.0
        private var alphaBar: Double
        private var rho = 1.0, rhoBar = 1.0, zeta = 0.0, barred = (c: 1.0, s: 0.0)
        private var matrixSquare = 0.0, largest = 0.0, smallest = Double.infinity

        init(_ a: Operator, _ b: [Double], damping: Double) {
            basis = Bidiagonalization(a, b)
            self.damping = damping
            x = [Double](repeating: 0, count: a.columns)
            (h, hBar) = (basis.v, x)
            (zetaBar, alphaBar) = (basis.alpha * basis.beta, basis.alpha)
            residual = ResidualNorm(beta: basis.beta)
        }

        mutating func step() {
            let former = basis.alpha
            basis.advance()
            matrixSquare += former * former + basis.beta * basis.beta + damping * damping
            matrixNorm = matrixSquare.squareRoot()
            let damped = PlaneRotation(alphaBar, damping)
            let rotation = PlaneRotation(damped.r, basis.beta)
            let formerRho = rho, formerRhoBar = rhoBar, formerZeta = zeta
            rho = rotation.r
            let theta = rotation.s * basis.alpha
            alphaBar = rotation.c * basis.alpha
            let thetaBar = barred.s * rho, bare = barred.c * rho
            let second = PlaneRotation(bare, theta)
            (barred, rhoBar) = ((second.c, second.s), second.r)
            zeta = second.c * zetaBar
            zetaBar = -second.s * zetaBar
            update(back: thetaBar * rho / (formerRho * formerRhoBar), along: zeta / (rho * rhoBar), theta: theta / rho)
            residual.advance(
                damped: damped, rotation: rotation, thetaBar: thetaBar, rhoBar: rhoBar, formerZeta: formerZeta,
                zeta: zeta)
            steps += 1
            if steps > 1 {
                largest = max(largest, abs(formerRhoBar))
                smallest = min(smallest, abs(formerRhoBar))
            }
            condition = max(largest, abs(bare)) / min(smallest, abs(bare))
        }

        private mutating func update(back: Double, along: Double, theta: Double) {
            for j in x.indices {
                hBar[j] = h[j] - back * hBar[j]
                x[j] += along * hBar[j]
                h[j] = basis.v[j] - theta * h[j]
            }
        }
    }

    /// The recurrence for ‖r‖ (section 5 of the paper).
    private struct ResidualNorm {
        private(set) var norm: Double
        private var betaDouble: Double, betaDot = 0.0, rhoDot = 1.0, tauTilde = 0.0, thetaTilde = 0.0, square = 0.0

        init(beta: Double) { (norm, betaDouble) = (beta, beta) }

        mutating func advance(
            damped: PlaneRotation, rotation: PlaneRotation, thetaBar: Double, rhoBar: Double, formerZeta: Double,
            zeta: Double
        ) {
            let betaAcute = damped.c * betaDouble, betaCheck = -damped.s * betaDouble
            let betaHat = rotation.c * betaAcute
            betaDouble = -rotation.s * betaAcute
            let formerTheta = thetaTilde
            let tilde = PlaneRotation(rhoDot, thetaBar)
            thetaTilde = tilde.s * rhoBar
            rhoDot = tilde.c * rhoBar
            betaDot = -tilde.s * betaDot + tilde.c * betaHat
            tauTilde = (formerZeta - formerTheta * tauTilde) / tilde.r
            let tauDot = (zeta - thetaTilde * tauTilde) / rhoDot
            square += betaCheck * betaCheck
            let rest = betaDot - tauDot
            norm = (square + rest * rest + betaDouble * betaDouble).squareRoot()
        }
    }
}
