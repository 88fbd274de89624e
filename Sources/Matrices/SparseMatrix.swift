/// A sparse m × n matrix of `Double` in compressed sparse columns: the entries of column j are `values[p]` in row
/// `rowIndices[p]` for p in `columnPointers[j]..<columnPointers[j + 1]`, rows strictly increasing. Stored entries may be
/// zero.
public struct SparseMatrix: Sendable, Equatable {
    /// The number of rows, m.
    public let rows: Int
    /// The number of columns, n.
    public let columns: Int
    /// The n + 1 places where the columns start; the last is the number of stored entries.
    public let columnPointers: [Int]
    /// The row of each stored entry, counted from 0.
    public let rowIndices: [Int]
    /// The stored entries.
    public let values: [Double]

    /// A matrix from its compressed columns. Preconditions: n + 1 pointers that rise from 0 to the number of entries,
    /// and in every column row indices that rise strictly within 0..<m. Cost: the number of entries.
    public init(rows: Int, columns: Int, columnPointers: [Int], rowIndices: [Int], values: [Double]) {
        precondition(rows >= 0 && columns >= 0, "A matrix cannot have a negative number of rows or columns.")
        precondition(
            columnPointers.count == columns + 1 && columnPointers[0] == 0 && columnPointers[columns] == values.count
                && rowIndices.count == values.count,
            "The column pointers must rise from 0 to the number of entries, \(values.count).")
        for j in 0..<columns {
            precondition(
                columnPointers[j] <= columnPointers[j + 1], "Column pointer \(j + 1) is less than the one before.")
            var previous = -1
            for p in columnPointers[j]..<columnPointers[j + 1] {
                let i = rowIndices[p]
                precondition(i > previous && i < rows, "The rows of column \(j) must rise strictly within 0..<\(rows).")
                previous = i
            }
        }
        self.init(validRows: rows, columns, columnPointers, rowIndices, values)
    }

    private init(
        validRows: Int, _ columns: Int, _ columnPointers: [Int], _ rowIndices: [Int], _ values: [Double]
    ) {
        rows = validRows
        self.columns = columns
        self.columnPointers = columnPointers
        self.rowIndices = rowIndices
        self.values = values
    }

    /// A matrix from (row, column, value) triplets in any order, counted from 0 and within the shape (a precondition);
    /// values of the same place are added in the order given. Cost: the number of triplets plus n, and sorting of the
    /// columns whose rows do not rise.
    public init(rows: Int, columns: Int, triplets: [(row: Int, column: Int, value: Double)]) {
        self.init(
            rows: rows, columns: columns, rowIndices: triplets.map(\.row), columnIndices: triplets.map(\.column),
            values: triplets.map(\.value))
    }

    /// A matrix from triplets in three arrays: entry p is `values[p]` in row `rowIndices[p]` and column
    /// `columnIndices[p]`. Preconditions and cost as for an array of triplets.
    public init(rows: Int, columns: Int, rowIndices: [Int], columnIndices: [Int], values: [Double]) {
        precondition(rows >= 0 && columns >= 0, "A matrix cannot have a negative number of rows or columns.")
        precondition(
            rowIndices.count == values.count && columnIndices.count == values.count, "A triplet has three parts.")
        var starts = [Int](repeating: 0, count: columns + 1)
        for (row, column) in zip(rowIndices, columnIndices) {
            precondition(
                row >= 0 && row < rows && column >= 0 && column < columns,
                "The place (\(row), \(column)) is outside a \(rows) × \(columns) matrix.")
            starts[column + 1] += 1
        }
        for j in 0..<columns { starts[j + 1] += starts[j] }
        var next = starts
        var sortedRows = rowIndices
        var sortedValues = values
        for (p, column) in columnIndices.enumerated() {
            let place = next[column]
            next[column] = place + 1
            sortedRows[place] = rowIndices[p]
            sortedValues[place] = values[p]
        }
        let pointers = Self.mergeColumns(starts, &sortedRows, &sortedValues)
        self.init(validRows: rows, columns, pointers, sortedRows, sortedValues)
    }

    /// Sorts the entries of every column by row and adds those of the same place. Returns the new column pointers.
    private static func mergeColumns(_ starts: [Int], _ rows: inout [Int], _ values: inout [Double]) -> [Int] {
        var pointers = starts
        var count = 0
        for j in 0..<starts.count - 1 {
            let range = starts[j]..<starts[j + 1]
            var isSorted = true
            for p in range where p > range.lowerBound && rows[p] < rows[p - 1] { isSorted = false }
            if !isSorted {
                let order = range.sorted { (rows[$0], $0) < (rows[$1], $1) }
                let (sortedRows, sortedValues) = (order.map { rows[$0] }, order.map { values[$0] })
                rows.replaceSubrange(range, with: sortedRows)
                values.replaceSubrange(range, with: sortedValues)
            }
            let first = count
            for p in range {
                if count > first, rows[count - 1] == rows[p] {
                    values[count - 1] += values[p]
                } else {
                    (rows[count], values[count]) = (rows[p], values[p])
                    count += 1
                }
            }
            pointers[j + 1] = count
        }
        rows.removeLast(rows.count - count)
        values.removeLast(values.count - count)
        return pointers
    }

    /// The entries of a dense matrix that are not zero. Cost: m·n.
    public init(_ dense: DenseMatrix) {
        var (pointers, indices, values) = ([0], [Int](), [Double]())
        for j in 0..<dense.columns {
            for i in 0..<dense.rows where dense[i, j] != 0 {
                indices.append(i)
                values.append(dense[i, j])
            }
            pointers.append(indices.count)
        }
        self.init(validRows: dense.rows, dense.columns, pointers, indices, values)
    }

    /// The number of stored entries.
    public var storedCount: Int { values.count }

    /// The matrix with every entry stored, zeros too. Cost: m·n.
    public var dense: DenseMatrix {
        var result = DenseMatrix(rows: rows, columns: columns)
        for j in 0..<columns {
            for p in columnPointers[j]..<columnPointers[j + 1] { result[rowIndices[p], j] = values[p] }
        }
        return result
    }

    /// The transpose, n × m, by a counting sort. Cost: the number of entries plus m + n.
    public func transposed() -> SparseMatrix {
        var next = [Int](repeating: 0, count: rows + 1)
        for i in rowIndices { next[i + 1] += 1 }
        for i in 0..<rows { next[i + 1] += next[i] }
        let pointers = next
        var indices = [Int](repeating: 0, count: storedCount)
        var transposedValues = [Double](repeating: 0, count: storedCount)
        for j in 0..<columns {
            for p in columnPointers[j]..<columnPointers[j + 1] {
                let q = next[rowIndices[p]]
                next[rowIndices[p]] = q + 1
                indices[q] = j
                transposedValues[q] = values[p]
            }
        }
        return SparseMatrix(validRows: columns, rows, pointers, indices, transposedValues)
    }

    /// The place of the first stored entry, column by column, that is NaN or infinite; `nil` when all are finite.
    public var firstNonFiniteEntry: (row: Int, column: Int)? {
        guard hasNonFiniteValue(values), let p = values.firstIndex(where: { !$0.isFinite }) else { return nil }
        var column = 0
        while columnPointers[column + 1] <= p { column += 1 }
        return (rowIndices[p], column)
    }
}

extension SparseMatrix: LinearOperator {
    /// A·x. Cost: 2 flops a stored entry.
    public func multiply(_ x: [Double]) -> [Double] {
        precondition(x.count == columns, "A has \(columns) columns, x \(x.count) entries.")
        var y = [Double](repeating: 0, count: rows)
        for j in 0..<columns {
            let factor = x[j]
            for p in columnPointers[j]..<columnPointers[j + 1] { y[rowIndices[p]] += factor * values[p] }
        }
        return y
    }

    /// Aᵀ·y. Cost: 2 flops a stored entry.
    public func multiplyTransposed(_ y: [Double]) -> [Double] {
        precondition(y.count == rows, "A has \(rows) rows, y \(y.count) entries.")
        var x = [Double](repeating: 0, count: columns)
        for j in 0..<columns {
            var sum = 0.0
            for p in columnPointers[j]..<columnPointers[j + 1] { sum += values[p] * y[rowIndices[p]] }
            x[j] = sum
        }
        return x
    }
}
