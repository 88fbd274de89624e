import Factorizations
import Matrices
import Quantizers

/// Both factors of a product as a method codes them, with what is known of the error before multiplying.
struct CodedProduct {
    /// The rows of A.
    let left: CodedVectors
    /// The columns of B.
    let right: CodedVectors
    /// The error of every entry as expected from the codes and the moments kept with them.
    let prediction: ProductErrorPrediction
    /// ‖AB − gÂB̂‖²_F as expected.
    let predictedError: Double
    /// Bits of all codes.
    let codeBits: Int
    /// Bytes beside the codes, those of the moments of the errors left out.
    let sideBytes: Int

    /// Codes the rows of A and the columns of B as vectors.
    ///
    /// - Parameters:
    ///   - withGain: whether a gain for the product is fitted.
    ///   - sideBytes: nil for those of both codes.
    init(
        _ pairs: ProductPairs, _ leftCode: VectorCode, _ rightCode: VectorCode, withGain: Bool = false,
        sideBytes: Int? = nil
    ) throws(ExperimentError) {
        left = try leftCode.encode(pairs.a)
        right = try rightCode.encode(pairs.bTransposed)
        var gain = 1.0
        if withGain {
            let moments = pairs.moments(codedA: left.decoded, codedBTransposed: right.decoded)
            gain = CodedProduct.gain(moments, innerDimension: pairs.inner)
        }
        prediction = try ProductErrorPrediction(left, right, gain: gain)
        predictedError = prediction.expectedSquaredNorm
        codeBits = left.count * leftCode.bitsPerVector + right.count * rightCode.bitsPerVector
        self.sideBytes = sideBytes ?? leftCode.sideBytes + rightCode.sideBytes
    }

    /// Codes every entry of a factor with one table: the tables and a gain are the side information.
    init(_ pairs: ProductPairs, _ x: LevelTable, _ y: LevelTable, withGain: Bool = false) throws(ExperimentError) {
        try self.init(
            pairs, .shared(x, size: pairs.inner), .shared(y, size: pairs.inner), withGain: withGain,
            sideBytes: 4 * (x.count + y.count + 1))
    }

    /// The same with codebooks.
    init(_ pairs: ProductPairs, _ x: Codebook, _ y: Codebook) throws(ExperimentError) {
        try self.init(
            pairs, .shared(LevelTable(x), size: pairs.inner), .shared(LevelTable(y), size: pairs.inner),
            sideBytes: 8 * (x.count + y.count))
    }

    /// Bytes of codes and side information.
    var bytes: Int { (codeBits + 7) / 8 + sideBytes }

    /// Bytes of the moments of the errors.
    var errorMomentBytes: Int { left.errorMoments.bytes + right.errorMoments.bytes }

    /// Whether side information keeps within a tenth of the codes plus 4 KiB.
    var isLean: Bool { sideBytes <= codeBits / 80 + 4096 }

    /// gÂB̂, m × n.
    var product: DenseMatrix {
        var result = BLAS.multiply(left.decoded, transposed: false, right.decoded, transposed: true)
        let gain = prediction.gain
        if gain != 1 { for i in result.elements.indices { result.elements[i] *= gain } }
        return result
    }

    /// The predicted errors of all entries beside those against the exact product.
    func check(against exact: DenseMatrix) -> ProductErrorCheck {
        var check = ProductErrorCheck()
        check.add(
            exact: exact, decoded: product,
            predicted: prediction.block(rows: 0..<exact.rows, columns: 0..<exact.columns))
        return check
    }

    /// The gain with the least m·n·k error in the pair model.
    static func gain(_ moments: ProductMoments, innerDimension k: Int) -> Double {
        let weight = Double(k - 1)
        let second = moments.codedSecondMoment + weight * moments.codedMean * moments.codedMean
        guard second > 0 else { return 1 }
        return (moments.crossMoment + weight * moments.exactMean * moments.codedMean) / second
    }
}
