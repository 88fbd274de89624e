import Foundation
import Quantizers

/// Codebooks for a pair of standard Gaussian numbers with a given correlation, side by side, with their exact errors.
///
/// D = XY − X̂Ŷ, both operands quantized with K levels. Source: Ang, Kim, Pilanci, arXiv 2603.19559 (density, constant);
/// errors by integration over the cells.
public struct PairDesign: Sendable {
    /// ρ, in [−1, 1].
    public let correlation: Double
    /// K.
    public let levels: Int
    /// The optimal point density λ ∝ exp(−u²/6)((1−ρ²)+ρ²u²)^{1/3}.
    public let density: GaussianPairDensity
    /// The methods, the best first in the order of `Method.allCases`.
    public let designs: [Design]

    /// Ways to place levels.
    public enum Method: String, Sendable, CaseIterable {
        /// Both codebooks and partitions chosen jointly for the least E[D²].
        case productOptimal = "product-optimal"
        /// The same for the least E[D²] after the decode gain.
        case productOptimalUnbiased = "product-optimal-unbiased"
        /// Lloyd–Max with weight E[Y²|X].
        case weightedLloydMax = "weighted-lloyd-max"
        /// Lloyd–Max for N(0, 1).
        case lloydMax = "lloyd-max"
        /// Levels at the (i − ½)/K quantiles of the density for ρ.
        case companding
        /// The same for ρ = 0.
        case gaussianCompanding = "gaussian-companding"
    }

    /// One method's codebooks and errors.
    public struct Design: Sendable {
        /// The method.
        public let method: Method
        /// The codebook of X.
        public let codebook: Codebook
        /// The codebook of Y; the same unless the joint optimum is asymmetric.
        public let partner: Codebook
        /// Exact moments of XY and X̂Ŷ.
        public let moments: ProductMoments
        /// E[D²] as high resolution predicts it: 2c/K² with c the constant of the method's point density.
        public let predicted: Double
    }

    /// Designs all methods.
    ///
    /// Throws `correlation` or `levelCount`. Cost: up to some seconds for the joint optimum at many levels.
    public init(correlation: Double, levels: Int) throws(QuantizerError) {
        self.correlation = correlation
        self.levels = levels
        density = try GaussianPairDensity(correlation: correlation)
        var designs: [Design] = []
        for method in Method.allCases {
            designs.append(try Self.design(method, correlation: correlation, levels: levels, density: density))
        }
        self.designs = designs
    }

    private static func design(
        _ method: Method, correlation rho: Double, levels: Int, density: GaussianPairDensity
    ) throws(QuantizerError) -> Design {
        let panterDite = density.constant * density.gainOverPanterDite
        let scale = 2 / Double(levels * levels)
        let single: Codebook
        var constant = panterDite
        switch method {
        case .productOptimal, .productOptimalUnbiased:
            let pair = try ProductDesign(innerDimension: method == .productOptimal ? 1 : nil)
                .gaussian(correlation: rho, xCount: levels, yCount: levels)
            return Design(
                method: method, codebook: pair.x, partner: pair.y, moments: pair.moments,
                predicted: density.constant * scale)
        case .weightedLloydMax:
            single = try .gaussianLloydMax(count: levels, correlation: rho)
            constant = density.constant
        case .lloydMax:
            single = try .gaussianLloydMax(count: levels)
        case .companding:
            single = try .companding(density, count: levels)
            constant = density.constant
        case .gaussianCompanding:
            single = try .companding(GaussianPairDensity(correlation: 0), count: levels)
        }
        let moments = try GaussianPairDistortion(correlation: rho).moments(single, single)
        return Design(method: method, codebook: single, partner: single, moments: moments, predicted: constant * scale)
    }
}
