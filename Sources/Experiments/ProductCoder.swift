import Factorizations
import Matrices
import Quantizers

/// Codes the factors of one product by any method.
struct ProductCoder {
    let pairs: ProductPairs
    let bits: Int
    let seed: UInt64
    let correlation: Double
    private let left: CodeTarget
    private let right: CodeTarget

    init(_ pairs: ProductPairs, bits: Int, seed: UInt64) {
        self.pairs = pairs
        self.bits = bits
        self.seed = seed
        correlation = pairs.correlation
        left = CodeTarget(vectors: pairs.a, metric: SecondMoments(pairs.bTransposed).secondMoment)
        right = CodeTarget(vectors: pairs.bTransposed, metric: SecondMoments(pairs.a).secondMoment)
    }

    private var levels: Int { 1 << bits }
    private var innerDimension: Int { pairs.inner }

    func code(_ method: ProductMethod) throws -> CodedProduct {
        switch method {
        case .productOptimal: return try productOptimal()
        case .weightedLloydMax: return try weightedLloydMax()
        case .lloydMax: return try vectorwise { try .lloydMax($0, bits: bits, weighted: false) }
        case .companding, .compandingWithGain:
            let gain = method == .compandingWithGain
            return try vectorwise(withGain: gain) { try .companding($0, bits: bits, correlation: correlation) }
        case .gaussianCompanding: return try vectorwise { try .companding($0, bits: bits, correlation: 0) }
        case .integer: return try vectorwise { .integer($0, bits: bits) }
        case .float: return try vectorwise { .float($0, bits: bits) }
        case .standardizedAllocated:
            return try CodedProduct(
                pairs, .standardized(left, bits: bits, allocated: true),
                .standardized(right, bits: bits, allocated: true))
        case .principal:
            return try CodedProduct(
                pairs, .principal(left, bitsPerEntry: bits), .principal(right, bitsPerEntry: bits))
        case .hadamard:
            let rotation = ProductTransform.hadamard(innerDimension, seed: seed)
            let x = try left.transformed(by: rotation.left, back: rotation.right) { try .pooled($0, bits: bits) }
            let y = try right.transformed(by: rotation.right, back: rotation.left) { try .pooled($0, bits: bits) }
            // The rotation follows from its seed: the tables are the side information.
            return try CodedProduct(pairs, x, y, sideBytes: 4 * (x.tables[0].count + y.tables[0].count + 1))
        }
    }

    /// One codebook for all entries of each factor, in the basis as it is.
    private func vectorwise(
        withGain: Bool = false, _ design: (CodeTarget) throws -> VectorCode
    ) throws -> CodedProduct {
        let (x, y) = (try design(left).tables[0], try design(right).tables[0])
        return try CodedProduct(pairs, x, y, withGain: withGain)
    }

    /// Weights m(x) = E[Y² | X = x], estimated from a sample of pairs.
    private func weightedLloydMax() throws -> CodedProduct {
        let (x, y) = pairs.sample(seed: seed)
        let xWeight = try ConditionalSecondMoment(of: y, given: x)
        let yWeight = try ConditionalSecondMoment(of: x, given: y)
        let xHistogram = try ColumnHistogram(values: pairs.a.elements)
        let yHistogram = try ColumnHistogram(values: pairs.bTransposed.elements)
        return try CodedProduct(
            pairs, Codebook.optimal(xHistogram, count: levels, weight: xWeight.value),
            Codebook.optimal(yHistogram, count: levels, weight: yWeight.value))
    }

    /// The better of the codebooks designed for a sample of pairs and for Gaussian pairs of the same correlation and
    /// scales, judged by the predicted error of the product.
    private func productOptimal() throws -> CodedProduct {
        let design = ProductDesign(innerDimension: innerDimension)
        let (x, y) = pairs.sample(seed: seed)
        let sampled = try design.sampled(x: x, y: y, xCount: levels, yCount: levels)
        let gaussian = try design.gaussian(correlation: correlation, xCount: levels, yCount: levels)
        let (scaleX, scaleY) = (left.rootMeanSquare, right.rootMeanSquare)
        let candidates = [
            try CodedProduct(pairs, sampled.x, sampled.y),
            try CodedProduct(pairs, gaussian.x.scaled(by: scaleX), gaussian.y.scaled(by: scaleY)),
        ]
        return candidates[0].predictedError <= candidates[1].predictedError ? candidates[0] : candidates[1]
    }
}
