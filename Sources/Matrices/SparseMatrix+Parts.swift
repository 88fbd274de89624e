extension SparseMatrix {
    /// Column `j` with its zeros. Cost: m.
    public func column(_ j: Int) -> [Double] {
        var result = [Double](repeating: 0, count: rows)
        for p in columnPointers[j]..<columnPointers[j + 1] { result[rowIndices[p]] = values[p] }
        return result
    }

    /// The columns listed, in that order. Cost: the number of their entries.
    public func selectingColumns(_ list: [Int]) -> SparseMatrix {
        var (pointers, indices, entries) = ([0], [Int](), [Double]())
        pointers.reserveCapacity(list.count + 1)
        for j in list {
            let range = columnPointers[j]..<columnPointers[j + 1]
            indices += rowIndices[range]
            entries += values[range]
            pointers.append(indices.count)
        }
        return SparseMatrix(
            rows: rows, columns: list.count, columnPointers: pointers, rowIndices: indices, values: entries)
    }

    /// Every column times a power of two, given by its exponent. Cost: the number of entries.
    public func scalingColumns(byPowersOfTwo exponent: (Int) -> Int) -> SparseMatrix {
        var scaled = values
        for j in 0..<columns {
            let factor = Double(sign: .plus, exponent: exponent(j), significand: 1)
            for p in columnPointers[j]..<columnPointers[j + 1] { scaled[p] *= factor }
        }
        return SparseMatrix(
            rows: rows, columns: columns, columnPointers: columnPointers, rowIndices: rowIndices, values: scaled)
    }

    /// The norms of the columns. Cost: the number of entries.
    public var columnNorms: [Double] {
        (0..<columns).map { euclideanNorm(Array(values[columnPointers[$0]..<columnPointers[$0 + 1]])) }
    }

    /// The largest magnitude in each column, 0 for none. Cost: nnz.
    public var columnMaxima: [Double] {
        (0..<columns).map { j in
            values[columnPointers[j]..<columnPointers[j + 1]].reduce(0) { max($0, abs($1)) }
        }
    }
}
