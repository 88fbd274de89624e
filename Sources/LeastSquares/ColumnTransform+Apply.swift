import Matrices
import QuantizedKernels
import QuantizedMatrices

/// A transform made ready for blocks of rows: W = T⁻¹ computed once.
struct PreparedTransform: Sendable {
    let transform: ColumnTransform
    /// W in the table's column order.
    let matrix: DenseMatrix
    /// The map to U in the elimination order, where W is upper triangular.
    private let map: ColumnMap
    let kernels: Kernels

    init(_ transform: ColumnTransform, kernels: Kernels) {
        self.kernels = kernels
        self.transform = transform
        matrix = transform.matrix()
        map = ColumnMap(
            columns: transform.order, centers: transform.centers, matrix: matrix.selecting(transform.order).elements,
            isTriangular: true)
    }

    /// U = (X − 1μᵀ)·W for the listed rows of a block X (nil for all, k of them; k × p); kept columns are copied.
    /// Cost: k·p² flops.
    func apply(_ block: DenseMatrix, rows: [Int]? = nil) -> DenseMatrix {
        if transform.isIdentity { return rows.map { block.selectingRows($0) } ?? block }
        let k = rows?.count ?? block.rows, p = block.columns
        var result = DenseMatrix(
            rows: k, columns: p,
            elements: [Double](capacity: k * p) { output in
                kernels.append(block.elements.span, height: block.rows, rows: rows, mappedBy: map, to: &output)
            })
        for j in 0..<p where transform.kept[j] {
            for i in 0..<k { result[i, j] = block[rows?[i] ?? i, j] }
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
