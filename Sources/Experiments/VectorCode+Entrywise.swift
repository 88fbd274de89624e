import Foundation
import Matrices
import Quantizers

extension VectorCode {
    /// One table for every entry, in the basis as it is.
    public static func shared(_ table: LevelTable, size n: Int) -> VectorCode {
        VectorCode(
            offset: [Double](repeating: 0, count: n), analysis: nil, synthesis: nil, feedback: nil,
            tables: [LevelTable](repeating: table, count: n))
    }

    /// Symmetric integers: 2^B − 1 equally spaced levels from −max|x| to max|x| of the calibration vectors.
    static func integer(_ target: CodeTarget, bits: Int) -> VectorCode {
        let largest = 1 << (bits - 1)
        let step = target.largestMagnitude / Double(largest - 1)
        let levels = ((1 - largest)...(largest - 1)).map { Double($0) * step }
        return shared(LevelTable(levels: levels), size: target.size)
    }

    /// Floating point of B bits, scaled so that its largest number is max|x| of the calibration vectors.
    static func float(_ target: CodeTarget, bits: Int) -> VectorCode {
        let format = SmallFloat(bits: bits)
        let scale = target.largestMagnitude / format.largest
        return shared(LevelTable(levels: format.values.map { $0 * scale }), size: target.size)
    }

    /// The compander of a Gaussian pair with correlation ρ, u = x/rms(x): the paper's code. ρ = 0 is Panter and
    /// Dite's.
    static func companding(
        _ target: CodeTarget, bits: Int, correlation: Double, scaleFactor: Double = 1
    ) throws(QuantizerError) -> VectorCode {
        let density = try GaussianPairDensity(
            correlation: correlation, standardDeviation: scaleFactor * target.rootMeanSquare)
        return shared(LevelTable(try Codebook.companding(density, count: 1 << bits)), size: target.size)
    }

    /// The ρ = 0 compander with the multiple of rms(x), from a grid of ratio 2^{1/8}, that has the least weighted
    /// error on the calibration vectors.
    static func scaledCompanding(_ target: CodeTarget, bits: Int) throws(QuantizerError) -> VectorCode {
        var best: (error: Double, code: VectorCode)?
        for step in -4...20 {
            let code = try companding(target, bits: bits, correlation: 0, scaleFactor: pow(2, Double(step) / 8))
            let error = target.diagonalError(code)
            if error < best?.error ?? .infinity { best = (error, code) }
        }
        guard let best else { throw .noValues }
        return best.code
    }

    /// Globally optimal levels for all entries together (Lloyd–Max), each weighted by the second moment of the
    /// partner in its coordinate if asked.
    static func lloydMax(_ target: CodeTarget, bits: Int, weighted: Bool) throws(QuantizerError) -> VectorCode {
        let m = target.vectors.rows
        let weights =
            weighted ? (0..<target.size).flatMap { [Double](repeating: target.metric[$0, $0], count: m) } : nil
        let codebook = try Codebook.optimal(values: target.vectors.elements, weights: weights, count: 1 << bits)
        return shared(LevelTable(codebook), size: target.size)
    }

    /// One table of B bits for all entries together, from the family of their distribution: up to 24 levels the global
    /// optimum, beyond with continued tails.
    static func pooled(_ target: CodeTarget, bits: Int) throws(QuantizerError) -> VectorCode {
        let family = try LevelFamily(sample: target.vectors.elements)
        return shared(try family.table(count: 1 << bits), size: target.size)
    }

    /// Entries less their coordinate's mean, over its standard deviation; B bits each, or as many as reverse
    /// water-filling over the coordinates allots from n·B.
    static func standardized(
        _ target: CodeTarget, bits: Int, allocated: Bool
    ) throws(QuantizerError) -> VectorCode {
        let n = target.size
        var code = shared(LevelTable(levels: [0]), size: n)
        code.offset = target.moments.mean
        var widths = [Int](repeating: bits, count: n)
        if allocated {
            let variances = (0..<n).map { max(0, target.moments.covariance[$0, $0] * target.metric[$0, $0]) }
            widths = BitAllocation.bits(variances: variances, budget: n * bits)
        }
        code.tables = try scaledTables(code.coordinates(of: target.vectors), bits: widths)
        return code
    }
}

extension CodeTarget {
    /// max|x| over all entries, 1 where all are zero.
    var largestMagnitude: Double {
        let largest = vectors.elements.reduce(0) { max($0, abs($1)) }
        return largest > 0 ? largest : 1
    }

    /// The root mean square of all entries, 1 where all are zero.
    var rootMeanSquare: Double {
        let rms = (moments.secondMoment.trace / Double(size)).squareRoot()
        return rms > 0 ? rms : 1
    }

    /// Σ_j M_jj·mean (x_j − x̂_j)².
    func diagonalError(_ code: VectorCode) -> Double {
        let m = vectors.rows
        let coded = code.quantize(vectors)
        var sum = 0.0
        for j in 0..<size {
            var column = 0.0
            for i in (j * m)..<((j + 1) * m) {
                let error = vectors.elements[i] - coded.elements[i]
                column += error * error
            }
            sum += metric[j, j] * column / Double(m)
        }
        return sum
    }
}

/// A floating-point format of few bits: sign, e exponent bits with bias 2^{e−1} − 1, m fraction bits, subnormal numbers,
/// no infinities. E4M3 (8 bits) gives its largest magnitude code to NaN, as in the OCP specification; its largest number
/// is 448.
struct SmallFloat {
    /// Every number of the format, ascending.
    let values: [Double]
    /// The largest one.
    var largest: Double { values[values.count - 1] }

    /// E4M3 at 8 bits and E2M1 at 4; E1M0, E2M0, E2M2, E3M2, E3M3 at 2, 3, 5, 6, 7.
    init(bits: Int) {
        precondition((2...8).contains(bits), "Formats of 2 to 8 bits.")
        let exponentBits = [1, 2, 2, 2, 3, 3, 4][bits - 2]
        let fractionBits = bits - 1 - exponentBits
        let bias = (1 << (exponentBits - 1)) - 1
        let codes = (1 << (bits - 1)) - (bits == 8 ? 1 : 0)
        let magnitudes = (0..<codes).map { code in
            let exponent = code >> fractionBits
            let fraction = Double(code & ((1 << fractionBits) - 1)) / Double(1 << fractionBits)
            let power = max(exponent, 1) - bias
            return ((exponent > 0 ? 1 : 0) + fraction) * pow(2, Double(power))
        }
        values = magnitudes.dropFirst().reversed().map { -$0 } + magnitudes
    }
}
