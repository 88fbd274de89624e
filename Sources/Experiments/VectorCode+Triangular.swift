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
    /// the small ones are raised, by the share of their squared geometric mean that is best on a sample of the
    /// calibration vectors.
    ///
    /// - Throws: as `principal`.
    /// - Complexity: 3 rounds of fitting the codebook to the corrected targets, each m·n²/2 and the sorting of m·n numbers,
    ///   and as much again for each of 4 shares on a sample of 512 vectors.
    public static func triangular(_ target: CodeTarget, bitsPerEntry: Int) throws(ExperimentError) -> VectorCode {
        try ExperimentError.wrapping {
            let (metricRoot, _) = try target.metric.regularized(CodeTarget.metricShrinkage).squareRoots()
            let (root, inverse) = try target.moments.covariance.regularized(CodeTarget.varianceShrinkage).squareRoots()
            let h = BLAS.multiply(metricRoot, root)
            let trial = CodeTarget(vectors: target.sample(512), metric: target.metric)
            var best: (error: Double, decomposition: GeometricMeanDecomposition)?
            for share in [0.03, 0.3, 1, 3] {
                let decomposition = try GeometricMeanDecomposition(h, raisingSquaresBy: share)
                let code = try fitted(trial, decomposition, root, inverse, bitsPerEntry: bitsPerEntry)
                let error = code.meanWeightedError(trial.vectors, metricRoot: metricRoot)
                if error < best?.error ?? .infinity { best = (error, decomposition) }
            }
            guard let best else { throw QuantizerError.noValues }
            return try fitted(target, best.decomposition, root, inverse, bitsPerEntry: bitsPerEntry)
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

extension CodeTarget {
    /// About `count` of the vectors, evenly spaced.
    func sample(_ count: Int) -> DenseMatrix {
        let step = max(1, vectors.rows / count)
        let rows = stride(from: 0, to: vectors.rows, by: step)
        let picked = (0..<size).flatMap { j in rows.map { vectors[$0, j] } }
        return DenseMatrix(rows: picked.count / max(1, size), columns: size, elements: picked)
    }
}
