extension DenseMatrix {
    /// The columns listed, in that order.
    public func selectingColumns(_ list: [Int]) -> DenseMatrix {
        if list.elementsEqual(0..<columns) { return self }
        return DenseMatrix(
            rows: rows, columns: list.count, elements: list.flatMap { elements[($0 * rows)..<(($0 + 1) * rows)] })
    }

    /// Matrices of so many columns, one below the other.
    public init(stacking parts: [DenseMatrix], columns: Int) {
        precondition(parts.allSatisfy { $0.columns == columns }, "All parts have as many columns.")
        let total = parts.reduce(0) { $0 + $1.rows }
        self.init(rows: total, columns: columns)
        var first = 0
        for part in parts {
            for j in 0..<columns {
                for i in 0..<part.rows { elements[j * total + first + i] = part.elements[j * part.rows + i] }
            }
            first += part.rows
        }
    }

    /// A block of rows and columns.
    public func submatrix(rows rowRange: Range<Int>, columns columnRange: Range<Int>) -> DenseMatrix {
        DenseMatrix(
            rows: rowRange.count, columns: columnRange.count,
            elements: columnRange.flatMap { j in
                elements[(j * rows + rowRange.lowerBound)..<(j * rows + rowRange.upperBound)]
            })
    }

    /// The rows and columns listed, of a square matrix.
    public func selecting(_ list: [Int]) -> DenseMatrix {
        var result = DenseMatrix(rows: list.count, columns: list.count)
        for (b, j) in list.enumerated() {
            for (a, i) in list.enumerated() { result[a, b] = self[i, j] }
        }
        return result
    }
}

extension Array where Element == Double {
    /// Σ x_i·y_i over equally long arrays.
    public func dot(_ other: [Double]) -> Double {
        precondition(count == other.count, "Vectors of \(count) and \(other.count) entries have no product.")
        var sum = 0.0
        for i in indices { sum += self[i] * other[i] }
        return sum
    }

    /// The Euclidean norm, see `euclideanNorm(_:)`.
    public var norm: Double { euclideanNorm(self) }

    /// Takes away a multiple of another vector: x − f·y.
    public mutating func subtract(_ other: [Double], times factor: Double) {
        precondition(count == other.count, "Vectors of \(count) and \(other.count) entries cannot be subtracted.")
        for i in indices { self[i] -= factor * other[i] }
    }
}
