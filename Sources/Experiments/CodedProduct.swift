import Factorizations
import Matrices
import Quantizers

/// Both factors of a product as a method codes them, with what is known of the error before multiplying.
struct CodedProduct {
    /// Â, m × k.
    var a: DenseMatrix
    /// B̂ᵀ, n × k.
    var bTransposed: DenseMatrix
    /// A factor of the product, the decode gain.
    var gain = 1.0
    /// ‖AB − ĝÂB̂‖² as expected from sums over the entries.
    var predictedError: Double
    /// Bits of all codes.
    var codeBits: Int
    /// Bytes beside the codes.
    var sideBytes: Int

    /// Codes both factors with one quantizer each. The expected error is that of `ProductPairs.expectedError`.
    init(
        _ pairs: ProductPairs, quantizeX: (Double) -> Double, quantizeY: (Double) -> Double, bits: Int, withGain: Bool
    ) {
        a = pairs.a
        bTransposed = pairs.bTransposed
        for i in a.elements.indices { a.elements[i] = quantizeX(a.elements[i]) }
        for i in bTransposed.elements.indices { bTransposed.elements[i] = quantizeY(bTransposed.elements[i]) }
        let moments = pairs.moments(codedA: a, codedBTransposed: bTransposed)
        if withGain { gain = CodedProduct.gain(moments, innerDimension: pairs.inner) }
        predictedError = pairs.expectedError(codedA: a, codedBTransposed: bTransposed, gain: gain)
        codeBits = bits * (a.elements.count + bTransposed.elements.count)
        sideBytes = 0
    }

    /// The same with tables of levels, to the nearest of which every entry goes.
    init(_ pairs: ProductPairs, _ x: LevelTable, _ y: LevelTable, bits: Int, withGain: Bool) {
        self.init(pairs, quantizeX: x.quantize, quantizeY: y.quantize, bits: bits, withGain: withGain)
        sideBytes = 4 * (x.count + y.count + 1)
    }

    /// Codes the rows of A and the columns of B as vectors, in the basis as it is.
    init(_ pairs: ProductPairs, inBasis left: VectorCode, _ right: VectorCode) {
        a = left.quantize(pairs.a)
        bTransposed = right.quantize(pairs.bTransposed)
        predictedError = pairs.expectedError(codedA: a, codedBTransposed: bTransposed, gain: 1)
        codeBits = a.rows * left.bitsPerVector + bTransposed.rows * right.bitsPerVector
        sideBytes = left.sideBytes + right.sideBytes
    }

    /// Codes the rows of A and the columns of B as vectors, each in a basis of its own. The expected error is that of
    /// each factor against the other's second moment, ‖(A − Â)B‖² + ‖A(B − B̂)‖².
    init(_ pairs: ProductPairs, _ left: CodeTarget, _ right: CodeTarget, _ codes: (left: VectorCode, right: VectorCode))
        throws(FactorizationError)
    {
        self.init(pairs, inBasis: codes.left, codes.right)
        let (leftRoot, _) = try left.metric.squareRoots()
        let (rightRoot, _) = try right.metric.squareRoots()
        let perPair =
            codes.left.meanWeightedError(pairs.a, metricRoot: leftRoot)
            + codes.right.meanWeightedError(pairs.bTransposed, metricRoot: rightRoot)
        predictedError = Double(a.rows) * Double(bTransposed.rows) * perPair
    }

    /// Bytes of codes and side information.
    var bytes: Int { (codeBits + 7) / 8 + sideBytes }

    /// Whether side information keeps within a tenth of the codes plus 4 KiB.
    var isLean: Bool { sideBytes <= codeBits / 80 + 4096 }

    /// ĝÂB̂, m × n.
    var product: DenseMatrix {
        var result = BLAS.multiply(a, transposed: false, bTransposed, transposed: true)
        if gain != 1 { for i in result.elements.indices { result.elements[i] *= gain } }
        return result
    }

    /// The gain with the least m·n·k error in the pair model.
    static func gain(_ moments: ProductMoments, innerDimension k: Int) -> Double {
        let weight = Double(k - 1)
        let second = moments.codedSecondMoment + weight * moments.codedMean * moments.codedMean
        guard second > 0 else { return 1 }
        return (moments.crossMoment + weight * moments.exactMean * moments.codedMean) / second
    }
}
