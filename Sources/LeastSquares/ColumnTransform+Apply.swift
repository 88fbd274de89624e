import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// A transform made ready for blocks of rows: W = T⁻¹ computed once.
struct PreparedTransform: Sendable {
    let transform: ColumnTransform
    /// W in the table's column order.
    let matrix: DenseMatrix
    /// W in the elimination order, where it is upper triangular.
    private let triangle: DenseMatrix
    /// The elimination order, and the place of each column in it.
    private let order: [Int]
    private let place: [Int]
    /// Whether the elimination order is the table's and no column is kept.
    private let isInOrder: Bool
    private let kernels = Kernels.best

    init(_ transform: ColumnTransform) {
        self.transform = transform
        matrix = transform.matrix()
        order = transform.order
        place = order.inversePermutation
        triangle = matrix.selecting(order)
        isInOrder = order == Array(order.indices) && !transform.kept.contains(true)
    }

    /// U = (X − 1μᵀ)·W for the listed rows of a block X (nil for all, k of them; k × p); kept columns are copied.
    /// Cost: k·p² flops.
    func apply(_ block: DenseMatrix, rows: [Int]? = nil) -> DenseMatrix {
        if transform.isIdentity { return rows.map { block.selectingRows($0) } ?? block }
        let k = rows?.count ?? block.rows, p = order.count
        var result = DenseMatrix(
            rows: k, columns: p,
            elements: [Double](capacity: k * p) { output in
                kernels.appendCentered(
                    block.elements.span, height: block.rows, columns: order, rows: rows, centers: transform.centers,
                    to: &output)
            })
        BLAS.multiply(&result, byUpperTriangular: triangle)
        return isInOrder ? result : inTableOrder(result, of: block, rows: rows)
    }

    /// The columns of a result where the table has them, those that are kept from the table itself.
    private func inTableOrder(_ result: DenseMatrix, of block: DenseMatrix, rows: [Int]?) -> DenseMatrix {
        let k = result.rows, zeros = [Double](repeating: 0, count: result.columns)
        return DenseMatrix(
            rows: k, columns: result.columns,
            elements: [Double](capacity: k * result.columns) { output in
                for j in place.indices {
                    let isKept = transform.kept[j], source = isKept ? block : result
                    kernels.appendCentered(
                        source.elements.span, height: source.rows, columns: [isKept ? j : place[j]],
                        rows: isKept ? rows : nil, centers: zeros, to: &output)
                }
            })
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
