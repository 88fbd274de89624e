/// A point density λ: where the levels of a quantizer go. λ ≥ 0 and ∫λ = 1; near x a codebook of K levels has
/// K·λ(x) levels per unit length.
///
/// The optimum for the weighted error E[m(X)(X − X̂)²] of a source with density f is λ ∝ (f·m)^{1/3}
/// (Panter and Dite 1951 for m = 1; Misra, Goyal and Varshney 2011).
public protocol PointDensity: Sendable {
    /// λ(x).
    func density(at x: Double) -> Double
    /// F(x) = ∫ λ over (−∞, x].
    func cumulative(_ x: Double) -> Double
    /// F^{-1}(p) for p in (0, 1).
    func quantile(_ p: Double) -> Double
}
