import Matrices

/// Reads a NumPy array of three dimensions, (matrices, rows, columns), as a list of matrices: the activations of
/// several attention heads, for instance.
public enum NPYStack {
    /// The matrices of the array at `path`. Element types and storage orders are those of ``NPYReader``.
    ///
    /// - Throws: ``TableError``; an element that is NaN or infinite is an error (`badArray`, with its place).
    /// - Complexity: the whole file is read at once, matrix by matrix in C order.
    public static func read(path: String) throws(TableError) -> [DenseMatrix] {
        let file = try OpenFile(reading: path)
        let header: NPYHeader
        let offset: Int
        do throws(NPYProblem) {
            (header, offset) = try NPYReader.readHeader(file, dimensions: 3...3)
        } catch {
            throw TableError(file: path, reason: .badArray(error.message))
        }
        var stack: [DenseMatrix] = []
        var buffer: [UInt8] = []
        for index in 0..<header.shape[0] {
            let matrix = try matrix(index, header, file, offset, &buffer)
            if let place = matrix.elements.firstIndex(where: { !$0.isFinite }) {
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

    /// Matrix `index` of the array.
    private static func matrix(
        _ index: Int, _ header: NPYHeader, _ file: OpenFile, _ offset: Int, _ buffer: inout [UInt8]
    ) throws(TableError) -> DenseMatrix {
        let (count, rows, columns) = (header.shape[0], header.shape[1], header.shape[2])
        let size = header.element.size
        var matrix = DenseMatrix(rows: rows, columns: columns)
        if header.isFortranOrder {
            if index == 0 { try fill(&buffer, count * rows * columns * size, file, offset) }
            for j in 0..<columns {
                header.element.decode(
                    buffer, start: (index + count * rows * j) * size, stride: count * size, count: rows,
                    into: &matrix.elements, first: j * rows)
            }
        } else {
            let bytes = rows * columns * size
            try fill(&buffer, bytes, file, offset + index * bytes)
            for j in 0..<columns {
                header.element.decode(
                    buffer, start: j * size, stride: columns * size, count: rows, into: &matrix.elements,
                    first: j * rows)
            }
        }
        return matrix
    }

    private static func fill(
        _ buffer: inout [UInt8], _ count: Int, _ file: OpenFile, _ offset: Int
    ) throws(TableError) {
        if buffer.count != count { buffer = [UInt8](repeating: 0, count: count) }
        try file.read(into: &buffer, range: 0..<count, at: offset)
    }
}
