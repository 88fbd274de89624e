import Quantizers

/// How many bits each coordinate of a vector gets from a fixed budget: reverse water-filling with whole bits.
///
/// Minimises Σ_i v_i·D(b_i) subject to Σ b_i ≤ budget and 0 ≤ b_i ≤ 16, where v_i is the weighted variance of
/// coordinate i and D(b) the mean squared error of the Lloyd–Max quantizer of N(0, 1) with 2^b levels. D is convex in
/// b, so giving one bit after the other to the coordinate that gains most is optimal.
public enum BitAllocation {
    /// The largest number of bits for one coordinate.
    public static let maximumBits = 16

    /// D(b) for b = 0 … 16: exact up to 6 bits, then Panter and Dite's √3π/2·4^{−b} with the offset that joins it.
    static let gaussianDistortion: [Double] = {
        var values = [1.0]
        let measure = try? GaussianPairMeasure(correlation: 0)
        for bits in 1...maximumBits {
            if bits <= 6, let measure, let codebook = try? Codebook.gaussianLloydMax(count: 1 << bits) {
                values.append(codebook.distortion(of: measure))
            } else {
                let levels = Double(1 << bits) + 0.85
                values.append(0.5 * 3.0.squareRoot() * Double.pi / (levels * levels))
            }
        }
        return values
    }()

    /// Bits per coordinate for weighted variances v_i ≥ 0. Ties go to the coordinate that comes first.
    ///
    /// - Complexity: budget·n.
    public static func bits(variances: [Double], budget: Int) -> [Int] {
        precondition(variances.allSatisfy { $0 >= 0 }, "Variances are not negative.")
        var bits = [Int](repeating: 0, count: variances.count)
        var gains = variances.map { $0 * (gaussianDistortion[0] - gaussianDistortion[1]) }
        for _ in 0..<max(0, budget) {
            guard let best = gains.indices.max(by: { gains[$0] < gains[$1] || (gains[$0] == gains[$1] && $0 > $1) }),
                gains[best] > 0
            else { break }
            bits[best] += 1
            let b = bits[best]
            gains[best] =
                b == maximumBits ? 0 : variances[best] * (gaussianDistortion[b] - gaussianDistortion[b + 1])
        }
        return bits
    }
}
