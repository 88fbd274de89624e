import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The means of random rounding that work off discrepancies within one batch of rows.
///
/// With v the standardized row (v_0 = 1 for the constant) and C = E[v·vᵀ], rounding entry j of B rows to the mean
/// x_j − (S·C⁻¹·v)_j/B changes row j of the discrepancies by −S_j on average. Each D_jk belongs to two columns: column j
/// takes the part σ_j²/(σ_j² + σ_k²) of it, σ² the mean squared rounding errors, so that S_jk + S_kj = D_jk. The
/// diagonal is left alone, as in balanced rounding. C comes from the sample, with 10⁻³ added to its diagonal, which
/// damps directions that hardly vary.
struct DiscrepancyFeedback {
    private let designs: [ColumnDesign]
    /// C⁻¹ (p + 1 × p + 1), the constant first.
    private let inverse: DenseMatrix
    private let batchRows: Double

    /// For rows that are distributed like the sample (k × p, after the transform).
    init(designs: [ColumnDesign], sample: DenseMatrix, batchRows: Int) {
        self.designs = designs
        self.batchRows = Double(batchRows)
        let p = designs.count, k = sample.rows
        var v = DenseMatrix(rows: k, columns: p + 1)
        for i in 0..<k { v[i, 0] = 1 }
        for (j, design) in designs.enumerated() {
            for i in 0..<k { v[i, j + 1] = (sample[i, j] - design.mean) / design.scale }
        }
        var moments = DenseMatrix(rows: p + 1, columns: p + 1)
        BLAS.symmetricRankUpdate(v, alpha: 1 / Double(max(1, k)), beta: 0, into: &moments)
        for j in 0...p { moments[j, j] += 1e-3 }
        inverse = (try? Cholesky(moments))?.inverse() ?? DenseMatrix.identity(p + 1)
    }

    /// The means x̄ = x·A + 1·bᵀ for a batch that follows the rows an encoder has taken.
    struct Means: Sendable {
        fileprivate let map: ColumnMap

        /// The means for a block of rows (k × p). Cost: 2·k·p² flops.
        func apply(_ block: DenseMatrix, kernels: Kernels) -> DenseMatrix {
            let elements = [Double](capacity: block.rows * block.columns) { output in
                kernels.append(block.elements.span, height: block.rows, rows: nil, mappedBy: map, to: &output)
            }
            return DenseMatrix(rows: block.rows, columns: block.columns, elements: elements)
        }
    }

    /// The means that work off the discrepancies of an encoder. Cost: 2p³ flops.
    func means(working encoder: MatrixEncoder) -> Means {
        let p = designs.count
        let squares = designs.map { $0.errorDeviation * $0.errorDeviation }
        var shares = DenseMatrix(rows: p, columns: p + 1)
        for j in 0..<p where squares[j] > 0 {
            shares[j, 0] = encoder.discrepancy(j, -1)
            for k in 0..<p where k != j {
                shares[j, k + 1] = encoder.discrepancy(j, k) * squares[j] / (squares[j] + squares[k])
            }
        }
        let shift = BLAS.multiply(shares, inverse)
        var matrix = DenseMatrix.identity(p)
        var offsets = [Double](repeating: 0, count: p)
        for j in 0..<p where squares[j] > 0 {
            let scale = designs[j].scale / batchRows
            offsets[j] = -scale * shift[j, 0]
            for k in 0..<p {
                let slope = scale * shift[j, k + 1] / designs[k].scale
                matrix[k, j] -= slope
                offsets[j] += slope * designs[k].mean
            }
        }
        return Means(
            map: ColumnMap(
                columns: Array(0..<p), centers: [Double](repeating: 0, count: p), matrix: matrix.elements,
                offsets: offsets, isTriangular: false))
    }
}
