import Factorizations
import Matrices
import Quantizers

extension VectorCode {
    /// Equal bits for every coordinate, with successive rounding: what unequal bits gain, from codes of B bits each.
    ///
    /// With white coordinates w, x = mean + V^{1/2}w, the product's error is ‖H(w − ŵ)‖² with H = M^{1/2}V^{1/2}.
    /// Decompose H = Q·R·Pᵀ with constant diagonal of R (`GeometricMeanDecomposition`): the coordinates z = Pᵀw are
    /// white too, and rounding them from the last to the first, each corrected for the errors before it by R, leaves
    /// n·(det H)^{2/n}·D(B). Where the singular values of H differ by much, the corrections outgrow the codebook; then
    /// the small ones are raised, by the share of their squared geometric mean that is best on the calibration
    /// vectors.
    ///
    /// - Throws: as `principal`.
    /// - Complexity: for each share tried (6) and each of 3 rounds of fitting the codebook to the corrected targets,
    ///   m·n²/2 and the sorting of m·n numbers.
    public static func triangular(_ target: CodeTarget, bitsPerEntry: Int) throws(ExperimentError) -> VectorCode {
        try ExperimentError.wrapping {
            let (metricRoot, _) = try target.metric.regularized(CodeTarget.metricShrinkage).squareRoots()
            let (root, inverse) = try target.moments.covariance.regularized(CodeTarget.varianceShrinkage).squareRoots()
            let h = BLAS.multiply(metricRoot, root)
            var best: (error: Double, code: VectorCode)?
            for share in [0, 0.1, 0.3, 1, 3, 10] {
                let decomposition = try GeometricMeanDecomposition(h, raisingSquaresBy: share)
                let code = try fitted(target, decomposition, root, inverse, bitsPerEntry: bitsPerEntry)
                let error = code.meanWeightedError(target.vectors, metricRoot: metricRoot)
                if error < best?.error ?? .infinity { best = (error, code) }
            }
            guard let best else { throw QuantizerError.noValues }
            return best.code
        }
    }

    /// The code of one decomposition, its codebook fitted to the targets that it produces itself.
    private static func fitted(
        _ target: CodeTarget, _ decomposition: GeometricMeanDecomposition, _ root: DenseMatrix, _ inverse: DenseMatrix,
        bitsPerEntry: Int
    ) throws(QuantizerError) -> VectorCode {
        let n = target.size
        var feedback = decomposition.r
        for j in 0..<n {
            for i in 0...j { feedback[i, j] /= decomposition.r[i, i] }
        }
        var code = VectorCode(
            offset: target.moments.mean, analysis: BLAS.multiply(inverse, decomposition.p),
            synthesis: BLAS.multiply(decomposition.p, transposed: true, root), feedback: feedback, tables: [])
        let z = code.coordinates(of: target.vectors)
        let bits = [Int](repeating: bitsPerEntry, count: n)
        code.tables = try scaledTables(z, bits: bits)
        for _ in 0..<2 { code.tables = try scaledTables(code.quantizeCoordinates(z).targets, bits: bits) }
        return code
    }

    /// The mean of ‖M^{1/2}(x − x̂)‖² over vectors.
    func meanWeightedError(_ vectors: DenseMatrix, metricRoot: DenseMatrix) -> Double {
        var error = quantize(vectors)
        for i in error.elements.indices { error.elements[i] -= vectors.elements[i] }
        let weighted = BLAS.multiply(error, metricRoot)
        return weighted.elements.reduce(0) { $0 + $1 * $1 } / Double(max(1, vectors.rows))
    }
}
