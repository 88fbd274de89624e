internal import CQuantizedKernels

extension Kernels {
    /// Adds the Gram matrix of 8-bit integer columns, exactly: gram[j + k·n] += Σ c_j·c_k over the rows, for j ≥ k.
    ///
    /// Only the lower triangle with the diagonal (column-major, n×n) is read and written. The sums are exact, so they do
    /// not depend on the order, the split into row blocks, or the instruction set.
    ///
    /// - Parameters:
    ///   - columns: column j in entries j·columnStride ..< j·columnStride + rows.
    ///   - rows: m.
    ///   - columnStride: at least `rows`. A multiple of 4096 bytes makes columns compete for the same cache lines: add 32.
    ///   - n: the number of columns.
    ///   - largestMagnitude: a bound on |entry|, 1 to 127. The smaller the faster: steps at 63 (products of bytes
    ///     instead of 16-bit numbers), 45, 31, 15. An entry that exceeds it makes the sums wrong.
    ///   - gram: n×n.
    /// - Complexity: m·n·(n+1)/2 multiplications.
    public func gram(
        _ columns: Span<Int8>, rows: Int, columnStride: Int, count n: Int, largestMagnitude: Int,
        into gram: inout MutableSpan<Int64>
    ) {
        precondition(
            columns.count >= Kernels.extent(rows: rows, columnStride: columnStride, count: n), "columns is too short")
        precondition(gram.count >= Kernels.extent(n, n), "gram is too short")
        precondition((1...127).contains(largestMagnitude), "magnitudes are 1 to 127")
        assert(isBounded(columns, rows, columnStride, n, largestMagnitude), "an entry exceeds largestMagnitude")
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe gram.withUnsafeMutableBufferPointer { gram in
                unsafe table.pointee.gram_i8(
                    columns.baseAddress, rows, columnStride, n, Int32(largestMagnitude), gram.baseAddress)
            }
        }
    }

    /// Adds the products of two sets of 8-bit integer columns, exactly: products[j + k·p] += Σ l_j·r_k over the rows.
    ///
    /// - Parameters:
    ///   - left: column j in entries j·columnStride ..< j·columnStride + rows.
    ///   - leftCount: p, the number of left columns.
    ///   - right: laid out as `left`.
    ///   - rightCount: q, the number of right columns.
    ///   - rows: m.
    ///   - columnStride: at least `rows`.
    ///   - largestLeft: a bound on |entry| of `left`, 1 to 127; an entry that exceeds it makes the sums wrong.
    ///   - largestRight: the same for `right`.
    ///   - products: p×q, column-major.
    /// - Complexity: m·p·q multiplications.
    public func crossProducts(
        _ left: Span<Int8>, leftCount: Int, _ right: Span<Int8>, rightCount: Int, rows: Int, columnStride: Int,
        largestLeft: Int, largestRight: Int, into products: inout MutableSpan<Int64>
    ) {
        precondition(
            left.count >= Kernels.extent(rows: rows, columnStride: columnStride, count: leftCount), "left is too short")
        precondition(
            right.count >= Kernels.extent(rows: rows, columnStride: columnStride, count: rightCount),
            "right is too short")
        precondition(products.count >= Kernels.extent(leftCount, rightCount), "products is too short")
        precondition(
            (1...127).contains(largestLeft) && (1...127).contains(largestRight), "magnitudes are 1 to 127")
        assert(isBounded(left, rows, columnStride, leftCount, largestLeft), "an entry exceeds largestLeft")
        assert(isBounded(right, rows, columnStride, rightCount, largestRight), "an entry exceeds largestRight")
        unsafe left.withUnsafeBufferPointer { left in
            unsafe right.withUnsafeBufferPointer { right in
                unsafe products.withUnsafeMutableBufferPointer { products in
                    unsafe table.pointee.cross_i8(
                        left.baseAddress, leftCount, right.baseAddress, rightCount, rows, columnStride,
                        Int32(largestLeft), Int32(largestRight), products.baseAddress)
                }
            }
        }
    }

    /// Adds the sums of 8-bit columns, exactly: sums[j] += Σ c_j over the rows.
    ///
    /// - Parameters:
    ///   - columns: column j in entries j·columnStride ..< j·columnStride + rows.
    ///   - rows: m.
    ///   - columnStride: at least `rows`.
    ///   - n: the number of columns.
    ///   - sums: n entries.
    /// - Complexity: m·n additions.
    public func sums(
        _ columns: Span<Int8>, rows: Int, columnStride: Int, count n: Int, into sums: inout MutableSpan<Int64>
    ) {
        precondition(
            columns.count >= Kernels.extent(rows: rows, columnStride: columnStride, count: n), "columns is too short")
        precondition(sums.count >= n, "sums is too short")
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                unsafe table.pointee.sums_i8(columns.baseAddress, rows, columnStride, n, sums.baseAddress)
            }
        }
    }

    private func isBounded(
        _ columns: Span<Int8>, _ rows: Int, _ stride: Int, _ count: Int, _ bound: Int
    ) -> Bool {
        for j in 0..<count {
            for i in 0..<rows where Int(columns[j * stride + i].magnitude) > bound { return false }
        }
        return true
    }
}
