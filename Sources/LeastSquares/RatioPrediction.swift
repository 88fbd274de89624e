import Factorizations
import Matrices

/// The predicted distribution of an error ratio q = ‖A(x̂ − x)‖/(s√p).
///
/// q² = ‖M^{−1/2}(g + e)‖²/(s²p), e with mean 0 and covariance S. With Λ = M^{−1/2}SM^{−1/2} its mean is
/// (tr Λ + gᵀM⁻¹g)/(s²p), its variance (κ·tr Λ² + 4·gᵀM⁻¹SM⁻¹g)/(s²p)², κ = Var e²/(E e²)² along one direction. It is taken
/// as a multiple of χ² with the same mean and variance (Satterthwaite 1946).
struct RatioPrediction {
    /// The median: q is as often larger as smaller.
    let median: Double
    /// Where q lies with 90% probability; nil where chance has no part in it that is known. s² has a standard deviation from the
    /// codes of its own, and so has the model of the errors; these widen the range, but do not move the median.
    let range: ClosedRange<Double>?

    /// From the root mean square of q, the errors, M⁻¹, and the relative standard deviation of s². Cost: 2·k³.
    init(rootMeanSquare ratio: Double, _ errors: ErrorPropagation.Result, metric: DenseMatrix, residualSpread: Double) {
        let product = BLAS.multiply(metric, errors.scoreCovariance)
        let known = BLAS.multiply(metric, errors.scoreBias)
        var trace = errors.constantSquare, squares = trace * trace
        for j in 0..<product.columns {
            trace += product[j, j]
            for i in 0..<product.rows { squares += product[i, j] * product[j, i] }
        }
        guard ratio > 0, trace > 0, squares > 0 else {
            (median, range) = (ratio, nil)
            return
        }
        let whole = max(trace, errors.expectedSquare)
        // Rounding aside, gᵀM⁻¹SM⁻¹g is not negative and tr Λ² at most (tr Λ)².
        let crossed = max(0, known.dot(BLAS.multiply(errors.scoreCovariance, known)))
        let chance = min(2, (errors.squareVariance * squares + 4 * crossed) / (whole * whole))
        let spread = residualSpread * residualSpread + errors.modelSpread * errors.modelSpread
        let freedom = 2 / (chance + spread)
        median = Self.median(rootMeanSquare: ratio, degreesOfFreedom: 2 / chance)
        range = freedom.isFinite ? Self.range(rootMeanSquare: ratio, degreesOfFreedom: freedom) : nil
    }

    /// The root of the median of χ²/ν, times the root mean square: nearly the same with many degrees of freedom, 0.69 of
    /// it with one.
    static func median(rootMeanSquare ratio: Double, degreesOfFreedom nu: Double) -> Double {
        ratio * Distributions.chiSquareRatio(nu, deviations: 0).squareRoot()
    }

    /// The same for the 5% and 95% points.
    static func range(rootMeanSquare ratio: Double, degreesOfFreedom nu: Double) -> ClosedRange<Double> {
        let z = 1.6448536269514722
        let low = Distributions.chiSquareRatio(nu, deviations: -z)
        let high = Distributions.chiSquareRatio(nu, deviations: z)
        return (ratio * low.squareRoot())...(ratio * high.squareRoot())
    }
}
