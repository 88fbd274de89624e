import Factorizations
import Foundation
import Matrices
import Quantizers

/// The paper's synthetic experiment: products of random matrices whose entries are quantized with codebooks designed
/// for the distribution, not for the draw.
///
/// A is m × k, B is k × n, entries standard normal, and every a_it has correlation ρ with every b_tj of the same t:
/// a_it = √|ρ|·z_t + √(1−|ρ|)·ε, b_tj = ±√|ρ|·z_t + √(1−|ρ|)·ε'. So the k pairs of a product entry are independent copies
/// of a Gaussian pair, as in formula (1) of the pair model, which gives the expected error.
public struct SyntheticProducts: Sendable {
    /// m.
    public var rows = 128
    /// k.
    public var inner = 256
    /// n.
    public var columns = 128
    /// How many products are drawn.
    public var draws = 500
    /// The seed of the draws.
    public var seed: UInt64 = 1

    /// 500 products of 128 × 256 by 256 × 128.
    public init() {}

    /// A pair of codebooks with a name.
    public struct Code: Sendable {
        /// The name, as in `ProductMethod`.
        public let name: String
        /// Codebooks of both operands; a gain is in their levels.
        public let x, y: Codebook

        /// A code.
        public init(name: String, x: Codebook, y: Codebook) {
            self.name = name
            self.x = x
            self.y = y
        }
    }

    /// What one code reached.
    public struct Outcome: Sendable {
        /// The code's name.
        public let name: String
        /// The mean over the draws of ‖AB − Ĉ‖²_F/(m·k·n).
        public let errorPerTerm: Double
        /// The standard error of that mean.
        public let standardError: Double
        /// E[D²] + (k−1)(E D)², by integration.
        public let expectedErrorPerTerm: Double
    }

    /// The codes that are compared: companding for ρ = 0 and for ρ, the latter with the decode gain, Lloyd–Max, weighted
    /// Lloyd–Max with gain, and the joint optimum for inner dimension k.
    ///
    /// - Throws: `quantizer` for a correlation outside [−1, 1] or bits outside 1…8.
    public func codes(correlation: Double, bits: Int) throws(ExperimentError) -> [Code] {
        try ExperimentError.wrapping {
            let count = 1 << bits
            let distortion = try GaussianPairDistortion(correlation: correlation)
            let plain = try Codebook.companding(GaussianPairDensity(correlation: 0), count: count)
            let paper = try Codebook.companding(GaussianPairDensity(correlation: correlation), count: count)
            let lloydMax = try Codebook.gaussianLloydMax(count: count)
            let weighted = try Codebook.gaussianLloydMax(count: count, correlation: correlation)
            let joint = try ProductDesign(innerDimension: inner).gaussian(
                correlation: correlation, xCount: count, yCount: count)
            func gained(_ name: String, _ book: Codebook) throws -> Code {
                let gain = CodedProduct.gain(distortion.moments(book, book), innerDimension: inner)
                return Code(name: name, x: try book.scalingLevels(by: gain), y: book)
            }
            return [
                Code(name: "gaussian-companding", x: plain, y: plain), Code(name: "companding", x: paper, y: paper),
                try gained("companding-with-gain", paper), Code(name: "lloyd-max", x: lloydMax, y: lloydMax),
                try gained("weighted-lloyd-max-with-gain", weighted),
                Code(name: "product-optimal", x: joint.x, y: joint.y),
            ]
        }
    }

    /// Draws the products and codes each of them with every code.
    ///
    /// - Throws: `quantizer` for a correlation outside [−1, 1].
    /// - Complexity: per draw and code one product and (m + n)·k searches.
    public func run(correlation: Double, codes: [Code]) throws(ExperimentError) -> [Outcome] {
        let distortion = try ExperimentError.wrapping { try GaussianPairDistortion(correlation: correlation) }
        var generator = NormalSource(seed: seed)
        var sums = [(first: Double, second: Double)](repeating: (0, 0), count: codes.count)
        let encoders = codes.map { (Encoder($0.x), Encoder($0.y)) }
        for _ in 0..<draws {
            let (a, b) = draw(correlation, &generator)
            let exact = BLAS.multiply(a, b)
            for (place, code) in encoders.enumerated() {
                let coded = BLAS.multiply(Self.quantized(a, code.0), Self.quantized(b, code.1))
                let error = zip(exact.elements, coded.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                let perTerm = error / Double(rows * inner * columns)
                sums[place].first += perTerm
                sums[place].second += perTerm * perTerm
            }
        }
        return zip(codes, sums).map { code, sum in
            let mean = sum.first / Double(draws)
            let variance = max(0, sum.second / Double(draws) - mean * mean)
            return Outcome(
                name: code.name, errorPerTerm: mean,
                standardError: (variance / Double(max(1, draws - 1))).squareRoot(),
                expectedErrorPerTerm: distortion.moments(code.x, code.y).errorPerTerm(innerDimension: inner))
        }
    }

    private func draw(_ correlation: Double, _ generator: inout NormalSource) -> (DenseMatrix, DenseMatrix) {
        let (common, own) = (abs(correlation).squareRoot(), (1 - abs(correlation)).squareRoot())
        let z = (0..<inner).map { _ in generator.next() }
        var a = DenseMatrix(rows: rows, columns: inner)
        var b = DenseMatrix(rows: inner, columns: columns)
        for t in 0..<inner {
            for i in 0..<rows { a[i, t] = common * z[t] + own * generator.next() }
        }
        let sign = correlation < 0 ? -1.0 : 1.0
        for j in 0..<columns {
            for t in 0..<inner { b[t, j] = sign * common * z[t] + own * generator.next() }
        }
        return (a, b)
    }

    private static func quantized(_ matrix: DenseMatrix, _ encoder: Encoder) -> DenseMatrix {
        var result = matrix
        let levels = encoder.codebook.levels
        for i in result.elements.indices { result.elements[i] = levels[Int(encoder.encode(result.elements[i]))] }
        return result
    }
}

/// Standard normal numbers by the polar method (Marsaglia and Bray 1964), the same everywhere for a seed.
struct NormalSource {
    private var generator: SplitMix64
    private var spare: Double?

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let square = x * x + y * y
            guard square < 1, square > 0 else { continue }
            let factor = (-2 * log(square) / square).squareRoot()
            spare = y * factor
            return x * factor
        }
    }

    private mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }
}
