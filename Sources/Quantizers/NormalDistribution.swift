import Foundation

/// The standard normal distribution: φ, Φ and its moments over intervals, in closed form.
enum NormalDistribution {
    /// φ(x) = exp(−x²/2)/√(2π).
    @inline(__always)
    static func density(_ x: Double) -> Double { 0.398942280401432677939946 * exp(-0.5 * x * x) }

    /// Φ(x).
    @inline(__always)
    static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-0.707106781186547524400844 * x) }

    /// Φ(b) − Φ(a) without cancellation in either tail.
    static func probability(_ a: Double, _ b: Double) -> Double {
        if a > 0 { return cumulative(-a) - cumulative(-b) }
        return cumulative(b) - cumulative(a)
    }

    /// The moments ∫ u^k φ(u) du over [a, b] for k = 0 … 4, by M_k = (k−1) M_{k−2} + a^{k−1}φ(a) − b^{k−1}φ(b).
    static func moments(_ a: Double, _ b: Double) -> (Double, Double, Double, Double, Double) {
        let atA = a.isFinite ? density(a) : 0
        let atB = b.isFinite ? density(b) : 0
        let lower = a.isFinite ? a : 0
        let upper = b.isFinite ? b : 0
        let m0 = probability(a, b)
        let m1 = atA - atB
        let m2 = m0 + lower * atA - upper * atB
        let m3 = 2 * m1 + lower * lower * atA - upper * upper * atB
        let m4 = 3 * m2 + lower * lower * lower * atA - upper * upper * upper * atB
        return (m0, m1, m2, m3, m4)
    }
}
