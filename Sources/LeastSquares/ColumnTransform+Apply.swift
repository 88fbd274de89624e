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

    /// U = (X − 1μᵀ)·W for the listed rows of a block X (nil for all, k of them; k × p); kept columns are copied.
    /// Cost: k·p² flops.
    func apply(_ block: DenseMatrix, rows: [Int]? = nil) -> DenseMatrix {
        if transform.isIdentity { return rows.map { block.selectingRows($0) } ?? block }
        let k = rows?.count ?? block.rows, order = transform.order
        var result = DenseMatrix(rows: k, columns: order.count)
        for (q, j) in order.enumerated() {
            let center = transform.centers[j], source = j * block.rows, target = q * k
            if let rows {
                for (place, i) in rows.enumerated() {
                    result.elements[target + place] = block.elements[source + i] - center
                }
            } else {
                for i in 0..<k { result.elements[target + i] = block.elements[source + i] - center }
            }
        }
        BLAS.multiply(&result, byUpperTriangular: triangle)
        if order != Array(order.indices) { result = result.selectingColumns(order.inversePermutation) }
        for j in 0..<block.columns where transform.kept[j] {
            for place in 0..<k {
                result.elements[j * k + place] = block.elements[j * block.rows + (rows?[place] ?? place)]
            }
        }
        return result
    }
}

extension DenseMatrix {
    /// The listed rows, in that order.
    func selectingRows(_ list: [Int]) -> DenseMatrix {
        var elements = [Double](repeating: 0, count: list.count * columns)
        for j in 0..<columns {
            let start = j * rows, target = j * list.count
            for (place, i) in list.enumerated() { elements[target + place] = self.elements[start + i] }
        }
        return DenseMatrix(rows: list.count, columns: columns, elements: elements)
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
