import Factorizations
import Matrices
import QuantizedMatrices

/// A transform made ready for blocks of rows: W = T⁻¹ computed once.
struct PreparedTransform: Sendable {
    let transform: ColumnTransform
    let matrix: DenseMatrix

    init(_ transform: ColumnTransform) {
        self.transform = transform
        matrix = transform.matrix()
    }

    /// U = (X − 1μᵀ)·W for a block X of rows (k × p); kept columns are copied. Cost: 2·k·p² flops.
    func apply(_ block: DenseMatrix) -> DenseMatrix {
        guard !transform.isIdentity else { return block }
        let k = block.rows
        var centered = block
        for j in 0..<block.columns {
            let center = transform.centers[j]
            for i in (j * k)..<((j + 1) * k) { centered.elements[i] -= center }
        }
        var result = BLAS.multiply(centered, matrix)
        for j in 0..<block.columns where transform.kept[j] {
            result.elements.replaceSubrange((j * k)..<((j + 1) * k), with: block.elements[(j * k)..<((j + 1) * k)])
        }
        return result
    }
}
