/// Mass and first two moments ∫dμ, ∫x dμ, ∫x² dμ of a measure over a cell.
public struct CellMoments: Sendable, Equatable {
    /// ∫ dμ.
    public var mass: Double
    /// ∫ x dμ.
    public var first: Double
    /// ∫ x² dμ.
    public var second: Double

    /// The three moments.
    public init(mass: Double, first: Double, second: Double) {
        self.mass = mass
        self.first = first
        self.second = second
    }

    /// ∫ (x − level)² dμ, not below 0.
    public func distortion(_ level: Double) -> Double {
        max(0, second - level * (2 * first - level * mass))
    }
}

/// A measure μ on the line that a codebook is designed for: dμ = f(x)·m(x) dx with f the density of the data and m
/// the weight of an error at x (1 for plain mean squared error).
public protocol CellMeasure: Sendable {
    /// The moments over the cell (a, b]; a may be −∞ and b may be +∞.
    func moments(from a: Double, to b: Double) -> CellMoments
    /// The density f(x)·m(x).
    func density(at x: Double) -> Double
}

/// The standard normal density with the conditional second moment of a correlated partner as weight:
/// m(u) = (1−ρ²) + ρ²u². ρ = 0 is plain mean squared error. All moments are closed forms.
public struct GaussianPairMeasure: CellMeasure, Equatable {
    /// ρ, in [−1, 1].
    public let correlation: Double

    /// The measure for a correlation. Throws `correlation` outside [−1, 1].
    public init(correlation: Double) throws(QuantizerError) {
        guard abs(correlation) <= 1 else { throw .correlation(correlation) }
        self.correlation = correlation
    }

    /// Moments of φ(u)·((1−ρ²) + ρ²u²) over (a, b].
    public func moments(from a: Double, to b: Double) -> CellMoments {
        let (m0, m1, m2, m3, m4) = NormalDistribution.moments(a, b)
        let square = correlation * correlation
        return CellMoments(
            mass: (1 - square) * m0 + square * m2, first: (1 - square) * m1 + square * m3,
            second: (1 - square) * m2 + square * m4)
    }

    /// φ(u)·((1−ρ²) + ρ²u²).
    public func density(at u: Double) -> Double {
        let square = correlation * correlation
        return NormalDistribution.density(u) * ((1 - square) + square * u * u)
    }
}
