import Foundation

/// The point density that is asymptotically optimal for products of Gaussian pairs with correlation ρ:
///
///     λ(u) = exp(−u²/6) ((1−ρ²) + ρ²u²)^{1/3} / Z(ρ),   u = (x − mean)/standardDeviation,
///
/// unimodal for |ρ| ≤ 1/√3, bimodal beyond with peaks at u = ±√(3 − 1/ρ²). ρ = 0 is the density of Panter and Dite
/// for plain mean squared error. Source: Ang, Kim and Pilanci, arXiv 2603.19559.
public struct GaussianPairDensity: PointDensity, Equatable {
    /// ρ, in [−1, 1].
    public let correlation: Double
    /// The mean of the column; the density is symmetric about it.
    public let mean: Double
    /// The standard deviation of the column.
    public let standardDeviation: Double
    /// Z(ρ) = ∫ exp(−u²/6) ((1−ρ²) + ρ²u²)^{1/3} du, in units of the standard deviation; about 15 digits.
    public let normalization: Double

    /// Panel boundaries on u ≥ 0 and the integral from 0 to each.
    private let edges: [Double]
    private let integrals: [Double]

    /// The density for a correlation. Cost: about a thousand evaluations.
    ///
    /// - Throws: `correlation` outside [−1, 1], `scale` for a standard deviation that is not positive and finite.
    public init(
        correlation: Double, mean: Double = 0, standardDeviation: Double = 1
    ) throws(QuantizerError) {
        guard abs(correlation) <= 1 else { throw .correlation(correlation) }
        guard standardDeviation > 0, standardDeviation.isFinite, mean.isFinite else { throw .scale(standardDeviation) }
        self.correlation = correlation
        self.mean = mean
        self.standardDeviation = standardDeviation
        edges = GaussianPairDensity.panels(correlation)
        var total = 0.0
        var sums = [0.0]
        for (a, b) in zip(edges, edges.dropFirst()) {
            total += GaussLegendre.order20.integrate(a, b) { GaussianPairDensity.unnormalized($0, correlation) }
            sums.append(total)
        }
        integrals = sums
        normalization = 2 * total
    }

    /// C(ρ) = Z(ρ)³/(12√(2π)): E[(XY − X̂Ŷ)²] ≈ C(ρ) σ_X² σ_Y² (1/K_X² + 1/K_Y²) for many levels.
    public var constant: Double {
        normalization * normalization * normalization / (12 * (2 * Double.pi).squareRoot())
    }

    /// How much less error this density has, for many levels, than that of ρ = 0: (√3π/2)(1 + 2ρ²)/C(ρ).
    public var gainOverPanterDite: Double {
        0.5 * 3.0.squareRoot() * Double.pi * (1 + 2 * correlation * correlation) / constant
    }

    /// The place of the right peak in units of the standard deviation: √(3 − 1/ρ²) for |ρ| > 1/√3, else 0.
    public var peak: Double {
        let square = correlation * correlation
        return 3 * square > 1 ? (3 - 1 / square).squareRoot() : 0
    }

    /// The places of the maxima, one or two.
    public var modes: [Double] {
        let u = peak
        return u == 0 ? [mean] : [mean - standardDeviation * u, mean + standardDeviation * u]
    }

    /// λ(x).
    public func density(at x: Double) -> Double {
        let u = (x - mean) / standardDeviation
        return GaussianPairDensity.unnormalized(u, correlation) / (normalization * standardDeviation)
    }

    /// λ'(x) = λ(x)·(−u/3 + (2/3)ρ²u/((1−ρ²) + ρ²u²))/σ. At the mean it is 0, but for |ρ| = 1 there is a cusp and
    /// the result is NaN.
    public func derivative(at x: Double) -> Double {
        let u = (x - mean) / standardDeviation
        let square = correlation * correlation
        let secondMoment = (1 - square) + square * u * u
        if secondMoment == 0 { return .nan }
        return density(at: x) * (-u / 3 + 2 * square * u / (3 * secondMoment)) / standardDeviation
    }

    /// F(x), symmetric about the mean: F(mean − t) = 1 − F(mean + t).
    public func cumulative(_ x: Double) -> Double {
        let u = (x - mean) / standardDeviation
        let half = integral(to: abs(u)) / normalization
        return u < 0 ? 0.5 - half : 0.5 + half
    }

    /// F^{-1}(p), by Newton's method kept inside the panel that holds the answer. p has to lie in (0, 1).
    public func quantile(_ p: Double) -> Double {
        precondition(p > 0 && p < 1, "A quantile is asked at a probability between 0 and 1, not \(p).")
        let target = abs(p - 0.5) * normalization
        let u = point(integral: target)
        return mean + (p < 0.5 ? -u : u) * standardDeviation
    }

    /// exp(−u²/6)·((1−ρ²) + ρ²u²)^{1/3}.
    @inline(__always)
    static func unnormalized(_ u: Double, _ correlation: Double) -> Double {
        let square = correlation * correlation
        return exp(-u * u / 6) * cbrt((1 - square) + square * u * u)
    }

    /// Panels on which the integrand is smooth: it branches at u = ±i√(1−ρ²)/ρ, so near 0 panels double in width
    /// from half that distance; from 1 on they have width 1 up to 16.
    private static func panels(_ correlation: Double) -> [Double] {
        let square = correlation * correlation
        let distance = square == 0 ? .infinity : ((1 - square) / square).squareRoot()
        var edge = min(1, max(1e-10, 0.5 * distance))
        var edges = [0.0]
        while edge < 1 {
            edges.append(edge)
            edge *= 2
        }
        return edges + (1...22).map(Double.init)
    }

    /// ∫ of the unnormalized density over [0, u].
    private func integral(to u: Double) -> Double {
        guard u < edges[edges.count - 1] else { return 0.5 * normalization }
        let panel = lastIndex(edges, notAbove: u)
        return integrals[panel]
            + GaussLegendre.order20.integrate(edges[panel], u) { GaussianPairDensity.unnormalized($0, correlation) }
    }

    /// The u ≥ 0 with integral(to: u) = target.
    private func point(integral target: Double) -> Double {
        let panel = min(lastIndex(integrals, notAbove: target), edges.count - 2)
        var (low, high) = (edges[panel], edges[panel + 1])
        var u = low + (high - low) * (target - integrals[panel]) / max(integrals[panel + 1] - integrals[panel], 1e-300)
        for _ in 0..<60 {
            let excess = integral(to: u) - target
            if excess > 0 { high = u } else { low = u }
            let slope = GaussianPairDensity.unnormalized(u, correlation)
            var next = u - excess / slope
            if !(next > low && next < high) { next = 0.5 * (low + high) }
            if abs(next - u) <= 4e-16 * max(u, 1e-3) { return next }
            u = next
        }
        return u
    }
}

/// The last index i with values[i] ≤ x in an ascending list whose first value is ≤ x.
func lastIndex(_ values: [Double], notAbove x: Double) -> Int {
    var low = 0
    var high = values.count
    while high - low > 1 {
        let middle = (low + high) / 2
        if values[middle] <= x { low = middle } else { high = middle }
    }
    return low
}
