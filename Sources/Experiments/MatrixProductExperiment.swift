import Factorizations
import Matrices
import Quantizers

/// Compares ways of coding the factors of a matrix product by the squared Frobenius error of the product.
public struct MatrixProductExperiment: Sendable {
    /// B, the bits per entry of both factors, 1 to 8.
    public var bits: Int
    /// The methods to compare.
    public var methods: [ProductMethod]
    /// The seed of samples and random signs.
    public var seed: UInt64

    /// The numbers of bits that are supported; integers and floats start at 2.
    public static let supportedBits = 1...8

    /// An experiment with all methods.
    public init(bits: Int, methods: [ProductMethod] = ProductMethod.allCases, seed: UInt64 = 1) {
        self.bits = bits
        self.methods = methods
        self.seed = seed
    }

    /// Codes both factors by each method and multiplies what was decoded.
    ///
    /// The first method of the result is the default: the one with the least predicted error among those whose side
    /// information keeps within a tenth of the codes plus 4 KiB. The others follow in their given order.
    ///
    /// - Parameters:
    ///   - a: m × k.
    ///   - b: k × n.
    /// - Throws: `shape` for factors that do not fit, are empty or not finite; `bits`; or a failed design.
    /// - Complexity: 20·m·n·k per method, up to 13·k³ for the transforms.
    public func run(_ a: DenseMatrix, _ b: DenseMatrix) throws(ExperimentError) -> MatrixProductResult {
        guard Self.supportedBits.contains(bits) else { throw .bits(bits, allowed: Self.supportedBits) }
        guard a.columns == b.rows else {
            throw .shape("A is \(a.rows) × \(a.columns) and B \(b.rows) × \(b.columns): the inner dimensions differ.")
        }
        guard a.rows > 0, a.columns > 0, b.columns > 0 else { throw .shape("A factor has no entries.") }
        guard a.elements.allSatisfy(\.isFinite), b.elements.allSatisfy(\.isFinite) else {
            throw .shape("A factor has an entry that is not finite.")
        }
        for (name, factor) in [("A", a), ("B", b)] {
            let largest = factor.elements.reduce(0) { max($0, abs($1)) }
            guard largest == 0 || (1e-70...1e70).contains(largest) else {
                throw .shape(
                    "\(name) reaches \(largest): products of four such numbers leave the range of double precision. Multiply "
                        + "it by a power of ten that brings it between 1e-70 and 1e70.")
            }
        }
        let exact = BLAS.multiply(a, b)
        let coder = ProductCoder(ProductPairs(a, bTransposed: b.transposed()), bits: bits, seed: seed)
        var outcomes: [MatrixProductResult.Outcome] = []
        for method in methods where bits >= method.minimumBits {
            let coded = try ExperimentError.wrapping { try coder.code(method) }
            outcomes.append(
                .init(
                    method: method, check: coded.check(against: exact), bytes: coded.bytes,
                    errorMomentBytes: coded.errorMomentBytes, isLean: coded.isLean))
        }
        return MatrixProductResult(
            rows: a.rows, inner: a.columns, columns: b.columns, bits: bits, correlation: coder.correlation,
            outcomes: outcomes)
    }
}

/// What a matrix product experiment found.
public struct MatrixProductResult: Sendable {
    /// m.
    public let rows: Int
    /// k.
    public let inner: Int
    /// n.
    public let columns: Int
    /// Bits per entry.
    public let bits: Int
    /// The correlation of the pairs of entries that are multiplied.
    public let correlation: Double
    /// One outcome per method, the default first.
    public let outcomes: [Outcome]

    /// What one method reached.
    public struct Outcome: Sendable {
        /// The method.
        public let method: ProductMethod
        /// The predicted errors of the entries beside the measured ones.
        public let check: ProductErrorCheck
        /// Bytes of codes and side information.
        public let bytes: Int
        /// Bytes of the moments that the prediction needs beside the codes, not among `bytes`.
        public let errorMomentBytes: Int
        /// Whether side information is a small part of the bytes.
        public let isLean: Bool

        /// ‖AB − Ĉ‖²_F/‖AB‖²_F.
        public var relativeError: Double { check.relativeError }
        /// The same as predicted from the codes and the moments kept with them (`ProductErrorPrediction`).
        public var predictedRelativeError: Double { check.predictedRelativeError }
    }

    /// Puts the default first: the least predicted error with lean side information, else the least of all.
    init(
        rows: Int, inner: Int, columns: Int, bits: Int, correlation: Double, outcomes: [Outcome]
    ) {
        self.rows = rows
        self.inner = inner
        self.columns = columns
        self.bits = bits
        self.correlation = correlation
        let lean = outcomes.filter(\.isLean)
        let best = (lean.isEmpty ? outcomes : lean).min { $0.predictedRelativeError < $1.predictedRelativeError }
        self.outcomes =
            outcomes.filter { $0.method == best?.method } + outcomes.filter { $0.method != best?.method }
    }

    /// The relative error that no code of this rate can beat for independent Gaussian factors
    /// (`RateBounds.matrixProductBound`).
    public var bound: Double { RateBounds.matrixProductBound(rate: Double(bits)) }
}
