/// Second-order moments of a product and its quantized version, from which every error of the pair model follows.
///
/// With D = XY − X̂Ŷ, one entry of a product with inner dimension k has the squared error k E[D²] + k(k−1)(E D)².
public struct ProductMoments: Sendable, Equatable {
    /// E[X²Y²].
    public var exactSecondMoment: Double
    /// E[XY·X̂Ŷ].
    public var crossMoment: Double
    /// E[(X̂Ŷ)²].
    public var codedSecondMoment: Double
    /// E[XY].
    public var exactMean: Double
    /// E[X̂Ŷ].
    public var codedMean: Double

    /// The five moments.
    public init(
        exactSecondMoment: Double, crossMoment: Double, codedSecondMoment: Double, exactMean: Double, codedMean: Double
    ) {
        self.exactSecondMoment = exactSecondMoment
        self.crossMoment = crossMoment
        self.codedSecondMoment = codedSecondMoment
        self.exactMean = exactMean
        self.codedMean = codedMean
    }

    /// E[D²] = E[(XY − X̂Ŷ)²].
    public var meanSquaredError: Double { meanSquaredError(gain: 1) }

    /// E[D] = E[XY − X̂Ŷ].
    public var meanError: Double { exactMean - codedMean }

    /// The decode gain g = E[XY]/E[X̂Ŷ] that makes the mean error of g·X̂Ŷ zero; 1 where both means vanish.
    public var decodeGain: Double {
        let size = exactSecondMoment.squareRoot()
        guard abs(codedMean) > 1e-12 * size, abs(exactMean) > 1e-12 * size else { return 1 }
        return exactMean / codedMean
    }

    /// E[(XY − g·X̂Ŷ)²] for a gain.
    public func meanSquaredError(gain: Double) -> Double {
        exactSecondMoment - gain * (2 * crossMoment - gain * codedSecondMoment)
    }

    /// E[(XY − g·X̂Ŷ)²] with the decode gain g.
    public var meanSquaredErrorAfterGain: Double { meanSquaredError(gain: decodeGain) }

    /// The squared error per term of a sum of k products, E[D²] + (k−1)(E D)², for a gain.
    public func errorPerTerm(innerDimension k: Int, gain: Double = 1) -> Double {
        let bias = exactMean - gain * codedMean
        return meanSquaredError(gain: gain) + Double(k - 1) * bias * bias
    }
}
