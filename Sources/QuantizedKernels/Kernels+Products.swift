internal import CQuantizedKernels

extension Kernels {
    /// Adds the product of a packed matrix and a vector: y += Â x, with â[i][j] = levels[j·2^b + code(i, j)].
    ///
    /// Four columns are taken at a time: y[i] += (p₀ + p₁) + (p₂ + p₃), each product p rounded and a missing column
    /// contributing 0. So all instruction sets give the same bits, and so does any split of the rows.
    ///
    /// - Parameters:
    ///   - packed: column j is the stream of m codes from byte j·columnStride on, as ``pack(_:bits:into:)`` makes it.
    ///   - rows: m.
    ///   - columnStride: bytes from one column to the next, at least ⌈m·b/8⌉.
    ///   - n: the number of columns.
    ///   - bits: b, the width of a code, 1 to 8.
    ///   - levels: 2^b levels for each column.
    ///   - x: n entries.
    ///   - y: m entries.
    /// - Complexity: m·n table look-ups (half as many at 4 bits) and additions.
    public func multiply(
        _ packed: Span<UInt8>, rows: Int, columnStride: Int, count n: Int, bits: Int, levels: Span<Double>,
        by x: Span<Double>, into y: inout MutableSpan<Double>
    ) {
        checkPacked(packed.count, rows, columnStride, n, bits, levels.count)
        precondition(x.count >= n, "x is too short")
        precondition(y.count >= rows, "y is too short")
        unsafe packed.withUnsafeBufferPointer { packed in
            unsafe levels.withUnsafeBufferPointer { levels in
                unsafe x.withUnsafeBufferPointer { x in
                    unsafe y.withUnsafeMutableBufferPointer { y in
                        unsafe table.pointee.multiply(
                            packed.baseAddress, rows, columnStride, n, Int32(bits), levels.baseAddress,
                            x.baseAddress, y.baseAddress)
                    }
                }
            }
        }
    }

    /// Adds the product of a transposed packed matrix and a vector: z += Âᵀ y, with Â as in
    /// ``multiply(_:rows:columnStride:count:bits:levels:by:into:)``.
    ///
    /// The order of the sum is fixed, so all instruction sets give the same bits: in each block of 32768 rows, eight
    /// lanes take the rounded products of every eighth row, and a block adds (s₀ + s₂) + (s₁ + s₃) to z, where sₗ is
    /// lane l plus lane l + 4.
    ///
    /// - Parameters:
    ///   - packed: column j is the stream of m codes from byte j·columnStride on.
    ///   - rows: m.
    ///   - columnStride: bytes from one column to the next, at least ⌈m·b/8⌉.
    ///   - n: the number of columns.
    ///   - bits: b, the width of a code, 1 to 8.
    ///   - levels: 2^b levels for each column.
    ///   - y: m entries.
    ///   - z: n entries.
    /// - Complexity: m·n table look-ups (half as many at 4 bits), multiplications and additions.
    public func multiplyTransposed(
        _ packed: Span<UInt8>, rows: Int, columnStride: Int, count n: Int, bits: Int, levels: Span<Double>,
        by y: Span<Double>, into z: inout MutableSpan<Double>
    ) {
        checkPacked(packed.count, rows, columnStride, n, bits, levels.count)
        precondition(y.count >= rows, "y is too short")
        precondition(z.count >= n, "z is too short")
        unsafe packed.withUnsafeBufferPointer { packed in
            unsafe levels.withUnsafeBufferPointer { levels in
                unsafe y.withUnsafeBufferPointer { y in
                    unsafe z.withUnsafeMutableBufferPointer { z in
                        unsafe table.pointee.multiply_transposed(
                            packed.baseAddress, rows, columnStride, n, Int32(bits), levels.baseAddress,
                            y.baseAddress, z.baseAddress)
                    }
                }
            }
        }
    }

    private func checkPacked(
        _ packedCount: Int, _ rows: Int, _ columnStride: Int, _ n: Int, _ bits: Int, _ levelCount: Int
    ) {
        let bytes = Kernels.packedByteCount(count: rows, bits: bits)
        precondition(
            packedCount >= Kernels.extent(rows: bytes, columnStride: columnStride, count: n), "packed is too short")
        precondition(levelCount >= Kernels.extent(n, 1 << bits), "levels is too short")
    }
}
