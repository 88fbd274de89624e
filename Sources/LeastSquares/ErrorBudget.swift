import Foundation
import Matrices

/// What makes the coefficients of one response uncertain: the sample, the codes, and the arithmetic.
///
/// Vectors and matrices are over the coefficients in the order of the report: the intercept (if any), then all
/// predictors; rows of dropped predictors are 0. With x̂ the estimate, x the full-precision one and β what both estimate:
///
///     x̂ − x ~ (bias, Q + R),   x − β ~ (0, C),
///
/// Q the quantization covariance G⁻¹SG⁻¹ (S that of the normal equations' error; of nearest codes that for intervals, which is
/// larger than what q is expected from), R = (ρ²/p)·(AᵀA)⁻¹ rounding taken as an
/// error of its norm ρ in a random direction, C = s²(AᵀA)⁻¹ or a sandwich (see `StandardErrors`).
public struct ErrorBudget: Sendable {
    /// The coefficients' names.
    public let names: [String]
    /// x̂.
    public internal(set) var estimates: [Double]
    /// (AᵀA)⁻¹, with 1/m and the means worked in for the intercept.
    let unscaled: DenseMatrix
    /// s²; nil without residual degrees of freedom.
    let residualVariance: Double?
    /// Residual degrees of freedom.
    public let degreesOfFreedom: Double
    /// A sandwich that takes the place of s²(AᵀA)⁻¹.
    var sandwich: DenseMatrix?
    /// Q; nil in full precision, or where no error is predicted.
    public let quantizationCovariance: DenseMatrix?
    /// What is known of the mean of x̂ − x; nil likewise. Of nearest codes what intervals take away.
    public let quantizationBias: [Double]?
    /// Degrees of freedom of Q: infinite where intervals were found to hold without, 8 for nearest codes, whose errors depend on
    /// the numbers.
    public let quantizationFreedom: Double
    /// ρ²/p, what (AᵀA)⁻¹ is multiplied by for rounding.
    let roundingShare: Double
    /// The predicted q = ‖A(x̂ − x)‖/(s√p), the median of its distribution; nil likewise.
    public let errorRatio: Double?
    /// Where q lies with 90% probability, as far as it is random.
    public let errorRatioInterval: ClosedRange<Double>?

    /// C: the covariance of the full-precision estimate; nil without residual degrees of freedom.
    public var samplingCovariance: DenseMatrix? { sandwich ?? residualVariance.map { unscaled.scaled(by: $0) } }

    /// Coefficient j on its own. Cost: k² for k coefficients.
    public func coefficient(_ j: Int) -> CombinationBudget {
        var weights = [Double](repeating: 0, count: names.count)
        weights[j] = 1
        return combination(weights)
    }

    /// A linear combination Σ w_j·x̂_j, for instance with w = (1, a) the prediction of the mean response at a.
    /// One weight per coefficient (a precondition). Cost: k².
    public func combination(_ weights: [Double]) -> CombinationBudget {
        precondition(weights.count == names.count, "one weight per coefficient")
        func variance(_ matrix: DenseMatrix) -> Double {
            var sum = 0.0
            for k in weights.indices where weights[k] != 0 {
                for j in weights.indices where weights[j] != 0 { sum += weights[j] * matrix[j, k] * weights[k] }
            }
            return max(0, sum)
        }
        let unit = variance(unscaled)
        return CombinationBudget(
            estimate: weights.dot(estimates),
            standardError: (sandwich.map(variance) ?? residualVariance.map { $0 * unit })?.squareRoot(),
            quantizationStandardDeviation: quantizationCovariance.map {
                (variance($0) + roundingShare * unit).squareRoot()
            },
            quantizationBias: quantizationBias.map { weights.dot($0) },
            roundingError: (roundingShare * unit).squareRoot(), degreesOfFreedom: degreesOfFreedom,
            quantizationFreedom: quantizationFreedom)
    }
}

/// The error budget of one number computed from the coefficients.
public struct CombinationBudget: Sendable {
    /// Σ w_j·x̂_j.
    public let estimate: Double
    /// The standard error of its full-precision value; nil without residual degrees of freedom.
    public let standardError: Double?
    /// The standard deviation of what quantization and rounding did to it; nil in full precision.
    public let quantizationStandardDeviation: Double?
    /// The mean of that, as far as it is known.
    public let quantizationBias: Double?
    /// The standard deviation of rounding alone.
    public let roundingError: Double
    /// Residual degrees of freedom.
    public let degreesOfFreedom: Double
    /// Degrees of freedom of the quantization standard deviation.
    public let quantizationFreedom: Double

    /// An interval for the full-precision value: estimate − bias ± t·(quantization standard deviation), t with
    /// `quantizationFreedom`; nil in full precision.
    public func quantizationInterval(confidence: Double) -> ClosedRange<Double>? {
        guard let quantizationStandardDeviation, let quantizationBias else { return nil }
        return interval(quantizationBias, quantizationStandardDeviation, quantizationFreedom, confidence)
    }

    /// An interval for what is estimated, of all errors together: estimate − bias ± t·√(standard error² + quantization
    /// standard deviation²), t with the degrees of freedom of the two together (Welch–Satterthwaite), at most the residual ones;
    /// nil without those.
    public func interval(confidence: Double) -> ClosedRange<Double>? {
        guard let standardError else { return nil }
        let quantization = quantizationStandardDeviation ?? 0
        let parts = (standardError * standardError, quantization * quantization), whole = parts.0 + parts.1
        let spread = parts.0 * parts.0 / degreesOfFreedom + parts.1 * parts.1 / quantizationFreedom
        let freedom = spread > 0 ? min(degreesOfFreedom, whole * whole / spread) : degreesOfFreedom
        return interval(quantizationBias ?? 0, whole.squareRoot(), freedom, confidence)
    }

    private func interval(
        _ bias: Double, _ deviation: Double, _ freedom: Double, _ confidence: Double
    ) -> ClosedRange<Double>? {
        guard confidence > 0, confidence < 1, freedom > 0 else { return nil }
        let half = deviation * Distributions.studentQuantile(confidence: confidence, degreesOfFreedom: freedom)
        guard (abs(estimate) + abs(bias) + half).isFinite else { return nil }
        return (estimate - bias - half)...(estimate - bias + half)
    }
}

extension DenseMatrix {
    /// Every element times a number.
    func scaled(by factor: Double) -> DenseMatrix {
        DenseMatrix(rows: rows, columns: columns, elements: elements.map { $0 * factor })
    }
}
