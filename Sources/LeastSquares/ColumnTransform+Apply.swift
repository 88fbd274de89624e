import Factorizations
import Matrices
import QuantizedMatrices

/// A transform made ready for blocks of rows: W = T⁻¹ computed once.
struct PreparedTransform: Sendable {
    let transform: ColumnTransform
    /// W in the table's column order.
    let matrix: DenseMatrix
    /// W in the elimination order, where it is upper triangular.
    private let triangle: DenseMatrix

    init(_ transform: ColumnTransform) {
        self.transform = transform
        matrix = transform.matrix()
        let order = transform.order
        triangle = matrix.selecting(order)
    }

    /// U = (X − 1μᵀ)·W for a block X of rows (k × p); kept columns are copied. Cost: k·p² flops.
    func apply(_ block: DenseMatrix) -> DenseMatrix {
        guard !transform.isIdentity else { return block }
        let k = block.rows, order = transform.order
        let isInOrder = order == Array(order.indices)
        var result = isInOrder ? block : block.selectingColumns(order)
        for (q, j) in order.enumerated() {
            let center = transform.centers[j]
            for i in (q * k)..<((q + 1) * k) { result.elements[i] -= center }
        }
        BLAS.multiply(&result, byUpperTriangular: triangle)
        if !isInOrder { result = result.selectingColumns(order.inversePermutation) }
        for j in 0..<block.columns where transform.kept[j] {
            result.elements.replaceSubrange((j * k)..<((j + 1) * k), with: block.elements[(j * k)..<((j + 1) * k)])
        }
        return result
    }
}

extension [Int] {
    /// The permutation that undoes this one.
    fileprivate var inversePermutation: [Int] {
        var inverse = self
        for (place, value) in enumerated() { inverse[value] = place }
        return inverse
    }
}
