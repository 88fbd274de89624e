import Matrices

/// Reads a NumPy array of three dimensions, (matrices, rows, columns), as a list of matrices: the activations of
/// several attention heads, for instance.
public enum NPYStack {
    /// The matrices of the array at `path`. Element types and storage orders are those of ``NPYReader``.
    ///
    /// - Throws: ``TableError``; an element that is NaN or infinite is an error (`badArray`, with its place).
    /// - Complexity: the whole file is read at once, matrix by matrix in C order.
    public static func read(path: String) throws(TableError) -> [DenseMatrix] {
        let array = try NPYArrayFile(ByteInput(path: path), dimensions: 3...3)
        var stack: [DenseMatrix] = []
        var buffer: [UInt8] = []
        for index in 0..<array.header.shape[0] {
            let (matrix, isFinite) = try matrix(index, array, &buffer)
            if !isFinite, let place = matrix.elements.firstIndex(where: { !$0.isFinite }) {
                let (row, column) = (place % matrix.rows, place / matrix.rows)
                throw TableError(
                    file: path,
                    reason: .badArray(
                        "element (\(index), \(row), \(column)), counted from 0, is \(matrix.elements[place]), "
                            + "expected a finite number"))
            }
            stack.append(matrix)
        }
        return stack
    }

    /// Matrix `index` of the array, and whether its numbers are finite.
    private static func matrix(
        _ index: Int, _ array: NPYArrayFile, _ buffer: inout [UInt8]
    ) throws(TableError) -> (DenseMatrix, isFinite: Bool) {
        let shape = array.header.shape
        let (count, rows, columns) = (shape[0], shape[1], shape[2])
        let size = array.header.element.size
        var matrix = DenseMatrix(rows: rows, columns: columns)
        let layout: ElementLayout
        if array.header.isFortranOrder {
            if index == 0 { try fill(&buffer, count * rows * columns * size, array, 0) }
            layout = ElementLayout(
                start: index * size, rowStride: count * size, columnStride: count * rows * size,
                columns: Array(0..<columns))
        } else {
            try fill(&buffer, rows * columns * size, array, index * rows * columns * size)
            layout = ElementLayout(rowStride: columns * size, columnStride: size, columns: Array(0..<columns))
        }
        var span = matrix.elements.mutableSpan
        let isFinite = array.header.element.convert(
            buffer, layout, rows: rows, into: &span, at: 0, columnStride: rows)
        return (matrix, isFinite)
    }

    private static func fill(
        _ buffer: inout [UInt8], _ count: Int, _ array: NPYArrayFile, _ offset: Int
    ) throws(TableError) {
        if buffer.count != count { buffer = [UInt8](repeating: 0, count: count) }
        try array.read(&buffer, count: count, at: offset)
    }
}
