/// A dense m × n matrix of `Double`, stored column by column: element (i, j) is `elements[i + j * rows]`,
/// the layout of BLAS and LAPACK with leading dimension m.
public struct DenseMatrix: Sendable, Equatable {
    /// The number of rows, m.
    public let rows: Int
    /// The number of columns, n.
    public let columns: Int
    /// The m·n entries, column-major.
    public var elements: [Double]

    /// An m × n matrix filled with one value. Cost: m·n.
    public init(rows: Int, columns: Int, repeating value: Double = 0) {
        precondition(rows >= 0 && columns >= 0, "A matrix cannot have a negative number of rows or columns.")
        self.rows = rows
        self.columns = columns
        self.elements = [Double](repeating: value, count: rows * columns)
    }

    /// A matrix from its m·n entries in column-major order.
    public init(rows: Int, columns: Int, elements: [Double]) {
        precondition(
            rows >= 0 && columns >= 0 && elements.count == rows * columns,
            "A \(rows) × \(columns) matrix needs \(rows * columns) entries, not \(elements.count).")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// The n × n identity.
    public static func identity(_ n: Int) -> DenseMatrix {
        var result = DenseMatrix(rows: n, columns: n)
        for i in 0..<n { result[i, i] = 1 }
        return result
    }

    /// Entry (i, j), counted from 0.
    public subscript(i: Int, j: Int) -> Double {
        get { elements[i + j * rows] }
        set { elements[i + j * rows] = newValue }
    }

    /// Column j as an array of m numbers. Cost: m.
    public func column(_ j: Int) -> [Double] {
        Array(elements[(j * rows)..<((j + 1) * rows)])
    }

    /// The transpose, n × m. Cost: m·n.
    public func transposed() -> DenseMatrix {
        var result = DenseMatrix(rows: columns, columns: rows)
        for j in 0..<columns {
            for i in 0..<rows { result[j, i] = self[i, j] }
        }
        return result
    }
}
