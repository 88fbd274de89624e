import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The rows of a regression once more, for what depends on each of them.
struct RowPass {
    /// The number of rows kept.
    let count: Int
    /// Calls back per block with (X − 1x̄ᵀ)·M for a matrix M over the columns of the compressed regression, the intercept's
    /// part of each leverage, and for frequency weights how many rows each stands for.
    let forEachBlock:
        (_ m: DenseMatrix, _ body: (DenseMatrix, _ constant: [Double], _ repeats: [Double]?) -> Void)
            throws(RegressionError) -> Void

    /// The rows of a table.
    static func rows(of table: RegressionTable, as compressed: CompressedRegression) throws(RegressionError) -> RowPass
    {
        let weights = try RowWeights(compressed)
        let centers = compressed.weighting == nil ? compressed.means : []
        return RowPass(count: table.rows) {
            (m, body) throws(RegressionError) in
            let map = weights.embedding(compressed, m)
            try table.forEachBlock { (block) throws(RegressionError) in
                let rows = centers.isEmpty ? block : block.centered(Array(centers.indices), at: centers)
                body(
                    BLAS.multiply(rows, map), weights.constant(block, column: block.column(0)),
                    weights.repeats(block.column(0)))
            }
        }
    }

    /// Numbers decoded at a time, about, in rows by eight: memory of so little is kept by the allocator for the next block and not given
    /// back to the system, which took half of the time.
    private static let decodedNumbers = 1 << 14

    /// The decoded rows of codes.
    static func rows(
        of data: QuantizedRegression, as compressed: CompressedRegression, variant: CompressedRegression.Variant,
        kernels: Kernels
    ) throws(RegressionError) -> RowPass? {
        guard let noise = variant.noise else { return nil }
        let weights = try RowWeights(compressed)
        let matrix = data.matrix
        let centers = matrix.columns.map { data.intercept ? $0.moments.mean : 0 }
        let toFirst = matrix.transform.inverseMatrix().column(0)
        return RowPass(count: matrix.rows) {
            (m, body) throws(RegressionError) in
            let map = BLAS.multiply(noise.basis, m)
            let size = max(64, decodedNumbers / max(1, matrix.columns.count) / 8 * 8)
            for first in stride(from: 0, to: matrix.rows, by: size) {
                try RegressionError.checkCancellation()
                let block = matrix.decoded(first: first, count: min(size, matrix.rows - first), kernels: kernels)
                let column = weights.isWeighted ? BLAS.multiply(block, toFirst) : []
                body(
                    BLAS.multiply(block.centered(Array(centers.indices), at: centers), map),
                    weights.constant(block, column: column), weights.repeats(column))
            }
        }
    }
}

/// What weights do to single rows.
private struct RowWeights {
    private let weighting: Weighting?
    private let share: Double

    init(_ compressed: CompressedRegression) throws(RegressionError) {
        weighting = compressed.weighting
        if weighting?.kind == .covariance {
            throw .unsupported(
                "Leave-one-out errors are for rows with independent errors; choose generalized cross-validation.")
        }
        share = compressed.intercept ? 1 / compressed.totalWeight : 0
        if let weighting, weighting.kind == .frequency, !weighting.hasConstant {
            throw .invalidProblem(
                "Leave-one-out errors need the weights, which are not kept without an intercept; choose "
                    + "generalized cross-validation.")
        }
    }

    var isWeighted: Bool { weighting?.hasConstant ?? false }

    /// M over the table's columns: with a constant column its row takes the means away.
    func embedding(_ compressed: CompressedRegression, _ m: DenseMatrix) -> DenseMatrix {
        guard let weighting, weighting.hasConstant else { return m }
        let shifts = zip(weighting.centers, weighting.means).map { $0 - $1 }
        var result = DenseMatrix(rows: m.rows + 1, columns: m.columns)
        for j in 0..<m.columns {
            result[0, j] = shifts.dot(m.column(j))
            for i in 0..<m.rows { result[i + 1, j] = m[i, j] }
        }
        return result
    }

    func constant(_ block: DenseMatrix, column: [Double]) -> [Double] {
        isWeighted ? column.map { $0 * $0 * share } : [Double](repeating: share, count: block.rows)
    }

    func repeats(_ column: [Double]) -> [Double]? {
        weighting?.kind == .frequency ? column.map { max($0 * $0, 1) } : nil
    }
}

extension RegressionError {
    /// Throws `cancelled` in a task that was cancelled.
    static func checkCancellation() throws(RegressionError) {
        if Task.isCancelled { throw .cancelled }
    }
}
