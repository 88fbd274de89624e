/// Moments of one operand of a product given the codebook of the other, as functions on the line: cumulative
///
///     A(x) = ∫ f E[Ŷ²|u] du,   B(x) = ∫ f u E[YŶ|u] du,   C(x) = ∫ f E[Ŷ|u] du   over u ≤ x.
///
/// A level v for the cell (a, b] of X costs v²ΔA − 2vΔB, up to a constant, and contributes vΔC to E[X̂Ŷ]. Between nodes
/// the cumulative functions are cubic Hermite interpolants.
struct PartialMoments: Sendable {
    /// Ascending nodes; beyond the last there is no mass.
    let nodes: [Double]
    /// (A, B, C, probability) at the nodes.
    let cumulative: [SIMD4<Double>]
    /// Their derivatives at the nodes.
    let densities: [SIMD4<Double>]

    /// The whole line: (A, B, C) of everything.
    var total: SIMD4<Double> { cumulative[cumulative.count - 1] }

    /// (A, B, C) up to x.
    func cumulative(to x: Double) -> SIMD4<Double> {
        if x <= nodes[0] { return .zero }
        if x >= nodes[nodes.count - 1] { return total }
        let i = lastIndex(nodes, notAbove: x)
        let width = nodes[i + 1] - nodes[i]
        let s = (x - nodes[i]) / width
        let rise = cumulative[i + 1] - cumulative[i]
        let (p, q) = (densities[i] * width, densities[i + 1] * width)
        let second: SIMD4<Double> = 3 * rise - 2 * p - q
        let third: SIMD4<Double> = p + q - 2 * rise
        let inner: SIMD4<Double> = second + s * third
        return cumulative[i] + s * (p + s * inner)
    }

    /// The derivatives of A, B, C at x.
    func density(at x: Double) -> SIMD4<Double> {
        if x <= nodes[0] || x >= nodes[nodes.count - 1] { return .zero }
        let i = lastIndex(nodes, notAbove: x)
        let width = nodes[i + 1] - nodes[i]
        let s = (x - nodes[i]) / width
        let rise = (cumulative[i + 1] - cumulative[i]) / width
        let (p, q) = (densities[i], densities[i + 1])
        let second: SIMD4<Double> = 3 * rise - 2 * p - q
        let third: SIMD4<Double> = p + q - 2 * rise
        return p + s * (2 * second + (3 * s) * third)
    }
}

extension PartialMoments {
    /// For a standard normal X with a correlated partner quantized by a codebook.
    ///
    /// The conditional moments vary on the scale √(1−ρ²)/ρ; they are evaluated on a grid of a tenth of it and
    /// interpolated, the normal density is exact. Cost: about 200·ρ/√(1−ρ²) + 200 conditional moments.
    init(correlation: Double, partner: Codebook) {
        let conditional = ConditionalMoments(correlation: correlation, partner: partner)
        let limit = 10.0
        let scale = conditional.deviation / max(abs(correlation), 1e-300)
        let coarse = Int((2 * limit / min(0.2, 0.1 * scale)).rounded(.up))
        let coarseStep = 2 * limit / Double(coarse)
        let samples = (-1...coarse + 1).map { i -> SIMD4<Double> in
            let (mean, cross, coded) = conditional.moments(at: -limit + coarseStep * Double(i))
            return SIMD4(coded, cross, mean, 1)
        }
        let refinement = max(1, Int((coarseStep / 0.02).rounded(.up)))
        let count = coarse * refinement
        let step = coarseStep / Double(refinement)
        // Densities at nodes and midpoints.
        let values = (0...2 * count).map { i -> SIMD4<Double> in
            let x = -limit + 0.5 * step * Double(i)
            let cell = min(i / (2 * refinement), coarse - 1)
            let s = Double(i - cell * 2 * refinement) / Double(2 * refinement)
            var moments = PartialMoments.lagrange(
                samples[cell], samples[cell + 1], samples[cell + 2], samples[cell + 3], s)
            moments.y *= x
            return moments * NormalDistribution.density(x)
        }
        var cumulative = [SIMD4<Double>.zero]
        for i in 0..<count {
            let simpson = values[2 * i] + 4 * values[2 * i + 1] + values[2 * i + 2]
            cumulative.append(cumulative[i] + step / 6 * simpson)
        }
        self.init(
            nodes: (0...count).map { -limit + step * Double($0) }, cumulative: cumulative,
            densities: (0...count).map { values[2 * $0] })
    }

    /// Cubic interpolation from four equally spaced values at −1, 0, 1, 2.
    private static func lagrange(
        _ a: SIMD4<Double>, _ b: SIMD4<Double>, _ c: SIMD4<Double>, _ d: SIMD4<Double>, _ s: Double
    ) -> SIMD4<Double> {
        let before = -s * (s - 1) * (s - 2) / 6
        let first = (s + 1) * (s - 1) * (s - 2) / 2
        let second = -(s + 1) * s * (s - 2) / 2
        let after = (s + 1) * s * (s - 1) / 6
        return before * a + first * b + second * c + after * d
    }
}
