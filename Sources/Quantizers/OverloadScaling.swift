/// A Gaussian companding codebook stretched to the tails of a column.
///
/// A compander for a Gaussian of the column's standard deviation ends near 5σ; values far beyond are overloaded, and on
/// heavy-tailed data they make most of the error. The remedy is a multiplier of σ chosen on data.
public struct OverloadScaling: Sendable {
    /// The codebook with the least error.
    public let codebook: Codebook
    /// The factor on the standard deviation that it was designed for.
    public let multiplier: Double
    /// Its weighted mean squared error on the column.
    public let distortion: Double

    /// Finds the multiplier for a column, between ½ and 64, by a geometric grid and golden section.
    ///
    /// - Parameters:
    ///   - histogram: the calibration data.
    ///   - count: K, 1 to 256.
    ///   - correlation: ρ of `GaussianPairDensity`.
    ///   - weight: the weight of a squared error at x; nil for 1.
    /// - Throws: `levelCount`, `correlation`, `noValues`, `weight`; `scale` for a constant column.
    /// - Complexity: about 40 codebooks and their distortion on the histogram.
    public init(
        _ histogram: ColumnHistogram, count: Int, correlation: Double = 0, weight: ((Double) -> Double)? = nil
    ) throws(QuantizerError) {
        let plain = try HistogramMeasure(histogram)
        let measure = try HistogramMeasure(histogram, weight: weight)
        let sums = plain.moments(from: -.infinity, to: .infinity)
        let mean = sums.first / sums.mass
        let deviation = max(0, sums.second / sums.mass - mean * mean).squareRoot()
        guard deviation > 0 else { throw .scale(deviation) }
        let standard = try Codebook.companding(GaussianPairDensity(correlation: correlation), count: count)
        func error(_ multiplier: Double) throws(QuantizerError) -> Double {
            try standard.scaled(by: deviation * multiplier, offset: mean).distortion(of: measure)
        }
        var best = (multiplier: 1.0, error: try error(1))
        for step in -4...24 {
            let candidate = OverloadScaling.power(step)
            let value = try error(candidate)
            if value < best.error { best = (candidate, value) }
        }
        var (low, high) = (best.multiplier * OverloadScaling.power(-1), best.multiplier * OverloadScaling.power(1))
        for _ in 0..<20 {
            let (a, b) = (high - 0.618034 * (high - low), low + 0.618034 * (high - low))
            let (atA, atB) = (try error(a), try error(b))
            for (candidate, value) in [(a, atA), (b, atB)] where value < best.error { best = (candidate, value) }
            if atA < atB { high = b } else { low = a }
        }
        multiplier = best.multiplier
        codebook = try standard.scaled(
            by: deviation * best.multiplier * measure.scale, offset: measure.centre + measure.scale * mean)
        distortion = best.error / measure.total * measure.scale * measure.scale
    }

    /// 2^{step/4}.
    private static func power(_ step: Int) -> Double {
        let roots = [1, 1.189207115002721, 1.4142135623730951, 1.681792830507429]
        let (quotient, rest) = (step >> 2, step & 3)
        return Double(sign: .plus, exponent: quotient, significand: roots[rest])
    }
}
