import Foundation

/// Exact errors of quantized products of Gaussian pairs: X, Y standard normal with correlation ρ, each with its own
/// codebook.
///
/// Given X = x, Y is N(ρx, 1−ρ²), so E[YŶ|x], E[Ŷ²|x] and E[Ŷ|x] are sums over the cells of Y in closed form; the
/// integral over x runs by Gauss–Legendre between breakpoints at which the integrand is not smooth or changes fast.
/// About 12 digits.
public struct GaussianPairDistortion: Sendable {
    /// ρ, in [−1, 1].
    public let correlation: Double

    /// For a correlation. Throws `correlation` outside [−1, 1].
    public init(correlation: Double) throws(QuantizerError) {
        guard abs(correlation) <= 1 else { throw .correlation(correlation) }
        self.correlation = correlation
    }

    /// Moments of the product of a pair of standard normal variables with given codebooks.
    ///
    /// For variables with other scales, design on the standard scale: errors multiply by σ_X²σ_Y².
    /// Cost: about (K_X + 100)·K_Y evaluations of erfc and exp at moderate ρ.
    public func moments(_ x: Codebook, _ y: Codebook) -> ProductMoments {
        let square = correlation * correlation
        var result = ProductMoments(
            exactSecondMoment: 1 + 2 * square, crossMoment: 0, codedSecondMoment: 0, exactMean: correlation,
            codedMean: 0)
        let conditional = ConditionalMoments(correlation: correlation, partner: y)
        let breaks = conditional.breakpoints(with: x.thresholds)
        for (a, b) in zip(breaks, breaks.dropFirst()) {
            let level = x.quantize(0.5 * (a + b))
            let rule = conditional.rule(width: b - a)
            let centre = 0.5 * (a + b)
            let half = 0.5 * (b - a)
            for i in rule.nodes.indices {
                let u = centre + half * rule.nodes[i]
                let mass = half * rule.weights[i] * NormalDistribution.density(u)
                let (mean, cross, coded) = conditional.moments(at: u)
                result.crossMoment += mass * u * level * cross
                result.codedSecondMoment += mass * level * level * coded
                result.codedMean += mass * level * mean
            }
        }
        return result
    }
}

/// Moments of a quantized standard normal Y given a correlated X = x: E[Ŷ|x], E[YŶ|x], E[Ŷ²|x].
struct ConditionalMoments {
    let correlation: Double
    /// √(1−ρ²).
    let deviation: Double
    let partner: Codebook

    init(correlation: Double, partner: Codebook) {
        self.correlation = correlation
        self.partner = partner
        deviation = max(0, (1 - correlation) * (1 + correlation)).squareRoot()
    }

    /// The three conditional moments, exact up to rounding. Cells beyond 9 deviations are left out.
    func moments(at x: Double) -> (mean: Double, cross: Double, coded: Double) {
        let centre = correlation * x
        if deviation == 0 {
            let level = partner.quantize(centre)
            return (level, centre * level, level * level)
        }
        let first = Int(partner.encode(centre - 9 * deviation))
        let last = Int(partner.encode(centre + 9 * deviation))
        var (mean, cross, coded) = (0.0, 0.0, 0.0)
        var (below, densityBelow) = (0.0, 0.0)
        for code in first...last {
            var (above, densityAbove) = (1.0, 0.0)
            if code < last {
                let z = (partner.thresholds[code] - centre) / deviation
                above = NormalDistribution.cumulative(z)
                densityAbove = NormalDistribution.density(z)
            }
            let level = partner.levels[code]
            let probability = above - below
            mean += level * probability
            coded += level * level * probability
            cross += level * (centre * probability + deviation * (densityBelow - densityAbove))
            (below, densityBelow) = (above, densityAbove)
        }
        return (mean, cross, coded)
    }

    /// Where to split the integral over x: thresholds of X, a coarse grid, and for nearly dependent pairs the places
    /// where Y crosses a threshold of its own.
    func breakpoints(with thresholds: [Double]) -> [Double] {
        let limit = 12.0
        var points = thresholds.filter { abs($0) < limit }
        let step = deviation >= 0.02 ? min(0.5, deviation) : 0.5
        let panels = Int((limit / step).rounded(.up))
        points += (-panels...panels).map { limit * Double($0) / Double(panels) }
        if deviation < 0.02 {
            let width = deviation / abs(correlation)
            for threshold in partner.thresholds {
                let place = threshold / correlation
                points += (-8...8).map { place + Double($0) * width }.filter { abs($0) < limit }
            }
        }
        points.sort()
        var result: [Double] = []
        for point in points where result.last.map({ point > $0 }) ?? true { result.append(point) }
        return result
    }

    /// Enough nodes for a panel of this width.
    func rule(width: Double) -> GaussLegendre {
        width <= 0.25 * max(deviation, 1e-3) ? .order8 : .order20
    }
}
