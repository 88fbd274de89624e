import Factorizations
import Matrices

/// A code for vectors of n numbers with a fixed number of bits each: an affine analysis transform, one scalar
/// quantizer per coordinate, and a linear synthesis transform,
///
///     z = (x − offset)·analysis,   ẑ_i = quantize_i(z_i + feedback),   x̂ = offset + ẑ·synthesis
///
/// (vectors are rows). With a feedback matrix R, unit upper triangular, coordinates are quantized from the last to the
/// first and the target of coordinate i is z_i + Σ_{j>i} R_ij (z_j − ẑ_j): the successive rounding of nearest-plane
/// lattice decoding, which needs nothing at the decoder.
public struct VectorCode: Sendable {
    /// Taken from the vectors before, and added again after, n numbers.
    public var offset: [Double]
    /// n × c, nil for the identity.
    public var analysis: DenseMatrix?
    /// c × n, nil for the identity.
    public var synthesis: DenseMatrix?
    /// c × c, unit upper triangular; nil for none.
    public var feedback: DenseMatrix?
    /// One quantizer per coordinate, c of them.
    public var tables: [LevelTable]

    /// The bits of a vector: the sum of the widths of its codes.
    public var bitsPerVector: Int { tables.reduce(0) { $0 + $1.bits } }

    /// The numbers kept beside the codes, as 4-byte floats: offset, synthesis matrix, and per coordinate a scale.
    /// Level tables shared between coordinates are one shape and are not counted per coordinate.
    public var sideBytes: Int { 4 * (offset.count + (synthesis?.elements.count ?? 0) + tables.count) }

    /// The coordinates z of vectors, m × c. Cost: m·n·c.
    public func coordinates(of vectors: DenseMatrix) -> DenseMatrix {
        var centred = vectors
        let m = vectors.rows
        for j in 0..<vectors.columns where offset[j] != 0 {
            for i in (j * m)..<((j + 1) * m) { centred.elements[i] -= offset[j] }
        }
        guard let analysis else { return centred }
        return BLAS.multiply(centred, analysis)
    }

    /// The vectors that stand for given ones after coding, m × n. Cost: 2·m·n·c and m·c searches.
    public func quantize(_ vectors: DenseMatrix) -> DenseMatrix {
        decode(quantizeCoordinates(coordinates(of: vectors)).levels)
    }

    /// The vectors with coordinates ẑ.
    public func decode(_ levels: DenseMatrix) -> DenseMatrix {
        var result = levels
        if let synthesis { result = BLAS.multiply(levels, synthesis) }
        let m = result.rows
        for j in 0..<result.columns where offset[j] != 0 {
            for i in (j * m)..<((j + 1) * m) { result.elements[i] += offset[j] }
        }
        return result
    }

    /// The levels ẑ chosen for coordinates z with their codes, column after column, and the targets that were rounded
    /// (z itself without feedback). Cost: m·c searches, and m·c²/2 with feedback.
    public func quantizeCoordinates(
        _ z: DenseMatrix
    ) -> (targets: DenseMatrix, codes: [UInt16], levels: DenseMatrix) {
        precondition(z.columns == tables.count, "There is one quantizer per coordinate.")
        let m = z.rows
        var targets = z
        var levels = z
        var codes = [UInt16](repeating: 0, count: z.elements.count)
        for i in (0..<z.columns).reversed() {
            let column = (i * m)..<((i + 1) * m)
            let table = tables[i]
            for place in column {
                let code = table.encode(targets.elements[place])
                codes[place] = UInt16(code)
                levels.elements[place] = table.levels[code]
            }
            guard let feedback else { continue }
            for j in 0..<i where feedback[j, i] != 0 {
                let share = feedback[j, i]
                let shift = (j - i) * m
                for place in column {
                    targets.elements[place + shift] += share * (z.elements[place] - levels.elements[place])
                }
            }
        }
        return (targets, codes, levels)
    }
}
