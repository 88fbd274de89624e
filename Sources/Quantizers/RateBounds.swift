import Foundation

/// What codes of R bits per entry can reach for the product of matrices with independent N(0,1) entries, as relative
/// squared error E[D²]/E[X²Y²].
///
/// Source: Ordentlich and Polyanskiy, "Optimal Quantization for Matrix Multiplication", arXiv 2410.13780.
public enum RateBounds {
    /// R*, where the line from (0, 1) touches 2·4^{−R} − 16^{−R}: about 0.906.
    public static let criticalRate: Double = {
        // The tangent at R goes through (0, 1): curve(R) − R·curve'(R) = 1, and the left side falls with R.
        var (low, high) = (0.5, 2.0)
        for _ in 0..<60 {
            let rate = 0.5 * (low + high)
            let slope = -2 * log(4.0) * pow(4, -rate) + log(16.0) * pow(16, -rate)
            if curve(rate) - rate * slope > 1 { low = rate } else { high = rate }
        }
        return 0.5 * (low + high)
    }()

    /// Γ(R), which no code of R bits per entry can go below: 2·4^{−R} − 16^{−R} for R ≥ R*, the tangent line below.
    public static func matrixProductBound(rate: Double) -> Double {
        precondition(rate >= 0, "A rate is not negative.")
        let critical = criticalRate
        return rate >= critical ? curve(rate) : 1 - (1 - curve(critical)) * rate / critical
    }

    /// The distortion-rate function 4^{−R} of N(0,1): no quantizer of R bits has less mean squared error.
    public static func gaussianDistortionBound(rate: Double) -> Double { pow(4, -rate) }

    /// The relative error 2D − D² of a product whose factors have independent centroid codes of distortion D (in units of
    /// their variance).
    public static func productError(distortion: Double) -> Double { distortion * (2 - distortion) }

    /// 10·log₁₀(error/Γ(R)): how far above the bound an error is.
    public static func gapDecibel(error: Double, rate: Double) -> Double {
        10 * log10(error / matrixProductBound(rate: rate))
    }

    private static func curve(_ rate: Double) -> Double { 2 * pow(4, -rate) - pow(16, -rate) }
}
