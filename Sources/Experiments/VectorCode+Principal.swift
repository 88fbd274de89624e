import Factorizations
import Matrices
import Quantizers

/// What a code for one operand of a product is fitted to.
public struct CodeTarget: Sendable {
    /// Calibration vectors of this operand, one a row.
    public let vectors: DenseMatrix
    /// Their moments.
    public let moments: SecondMoments
    /// M, the second moment E[yyᵀ] of the other operand's vectors: coding x as x̂ costs (x − x̂)ᵀM(x − x̂) in the product,
    /// on average over y. Any multiple serves as well.
    public let metric: DenseMatrix

    /// - Parameters:
    ///   - vectors: m × n with m ≥ 1.
    ///   - metric: n × n, positive semidefinite.
    public init(vectors: DenseMatrix, metric: DenseMatrix) {
        precondition(metric.rows == vectors.columns && metric.columns == vectors.columns, "The metric is n × n.")
        self.vectors = vectors
        moments = SecondMoments(vectors)
        self.metric = metric
    }

    /// The number n of entries of a vector.
    public var size: Int { vectors.columns }

    /// Shares of the average diagonal added to moments so that no direction has weight or variance zero.
    static let metricShrinkage = 1e-6
    static let varianceShrinkage = 1e-4
}

extension VectorCode {
    /// Principal coordinates with unequal bits: the best transform code for a product at n·B bits a vector.
    ///
    /// In y = M^{1/2}(x − mean) the product's error is the plain squared error, so y is turned to its principal axes
    /// (of M^{1/2}·Cov(x)·M^{1/2}, eigenvalues μ_i) and coordinate i gets the whole number of bits b_i that reverse
    /// water-filling over the μ_i allots, Σ b_i = n·B. Against equal bits after balancing and a Hadamard rotation it
    /// gains the ratio of (Σ√μ_i)²/n to n·(Πμ_i)^{1/n}. The mean is kept exactly.
    ///
    /// - Throws: `factorization` where moments are not finite, `quantizer` for vectors that are not.
    /// - Complexity: 2·m·n² and the sorting of m·n numbers.
    public static func principal(_ target: CodeTarget, bitsPerEntry: Int) throws(ExperimentError) -> VectorCode {
        try ExperimentError.wrapping {
            let n = target.size
            let (root, inverse) = try target.metric.regularized(CodeTarget.metricShrinkage).squareRoots()
            let covariance = target.moments.covariance.regularized(CodeTarget.varianceShrinkage)
            let eigen = try SymmetricEigen(BLAS.multiply(root, BLAS.multiply(covariance, root)))
            var code = VectorCode(
                offset: target.moments.mean, analysis: BLAS.multiply(root, eigen.vectors),
                synthesis: BLAS.multiply(eigen.vectors, transposed: true, inverse), feedback: nil, tables: [])
            let z = code.coordinates(of: target.vectors)
            let bits = BitAllocation.bits(variances: eigen.values.map { max(0, $0) }, budget: n * bitsPerEntry)
            code.tables = try scaledTables(z, bits: bits)
            return code
        }
    }

    /// One table for each column of z from a shared family: column i standardized by its root mean square.
    static func scaledTables(_ z: DenseMatrix, bits: [Int]) throws(QuantizerError) -> [LevelTable] {
        let (standardized, scales) = standardizedColumns(z)
        let family = try LevelFamily(sample: standardized)
        var shapes: [Int: LevelTable] = [:]
        for width in Set(bits) { shapes[width] = try family.table(count: 1 << width) }
        return zip(bits, scales).map { width, scale in
            guard width > 0, scale > 0, let shape = shapes[width] else { return LevelTable(levels: [0]) }
            return shape.scaled(by: scale)
        }
    }

    /// All entries divided by their column's root mean square, and these; columns of zeros are left out.
    static func standardizedColumns(_ z: DenseMatrix) -> (values: [Double], scales: [Double]) {
        let m = z.rows
        var values: [Double] = []
        values.reserveCapacity(z.elements.count)
        var scales: [Double] = []
        for j in 0..<z.columns {
            let column = z.elements[(j * m)..<((j + 1) * m)]
            let scale = (column.reduce(0) { $0 + $1 * $1 } / Double(m)).squareRoot()
            scales.append(scale)
            if scale > 0 { for x in column { values.append(x / scale) } }
        }
        return (values.isEmpty ? [0] : values, scales)
    }
}
