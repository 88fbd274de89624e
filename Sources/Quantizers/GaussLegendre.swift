import Foundation

/// Gauss–Legendre quadrature on [−1, 1]: exact for polynomials of degree 2n − 1.
struct GaussLegendre: Sendable {
    let nodes: [Double]
    let weights: [Double]

    static let order8 = GaussLegendre(8)
    static let order20 = GaussLegendre(20)

    /// The n-point rule, nodes by Newton's method on the Legendre polynomial.
    init(_ n: Int) {
        var nodes = [Double](repeating: 0, count: n)
        var weights = nodes
        for i in 0..<n {
            var x = cos(Double.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
            var slope = 0.0
            for _ in 0..<50 {
                var (previous, current) = (1.0, x)
                for k in 2...n {
                    let next = (Double(2 * k - 1) * x * current - Double(k - 1) * previous) / Double(k)
                    (previous, current) = (current, next)
                }
                slope = Double(n) * (x * current - previous) / (x * x - 1)
                let step = current / slope
                x -= step
                if abs(step) < 1e-16 { break }
            }
            nodes[n - 1 - i] = x
            weights[n - 1 - i] = 2 / ((1 - x * x) * slope * slope)
        }
        self.nodes = nodes
        self.weights = weights
    }

    /// ∫ f over [a, b]. Cost: n evaluations.
    func integrate(_ a: Double, _ b: Double, _ f: (Double) -> Double) -> Double {
        let centre = 0.5 * (a + b)
        let half = 0.5 * (b - a)
        var sum = 0.0
        for i in nodes.indices { sum += weights[i] * f(centre + half * nodes[i]) }
        return half * sum
    }
}
