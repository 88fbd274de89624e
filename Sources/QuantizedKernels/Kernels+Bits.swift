internal import CQuantizedKernels

extension Kernels {
    /// Slices bytes into planes of bits: bit i of plane b is bit b of entry i.
    ///
    /// - Parameters:
    ///   - values: m bytes.
    ///   - count: the number of planes, at most 8; higher bits are not looked at.
    ///   - planes: plane b in bytes b·planeStride ..< b·planeStride + ⌈m/8⌉, the lowest bit of each byte first; unused
    ///     bits of the last one become 0.
    ///   - planeStride: bytes from one plane to the next, at least ⌈m/8⌉.
    /// - Complexity: O(m).
    public func bitPlanes(
        _ values: Span<Int8>, count: Int, into planes: inout MutableSpan<UInt8>, planeStride: Int
    ) {
        precondition((0...8).contains(count), "a byte has 8 bits")
        let bytes = Kernels.packedByteCount(count: values.count, bits: 1)
        precondition(
            planes.count >= Kernels.extent(rows: bytes, columnStride: planeStride, count: count), "planes is too short")
        unsafe values.withUnsafeBytes { values in
            unsafe planes.withUnsafeMutableBufferPointer { planes in
                unsafe table.pointee.bit_planes(
                    values.assumingMemoryBound(to: UInt8.self).baseAddress, values.count, count, planes.baseAddress,
                    planeStride)
            }
        }
    }

    /// Adds the Gram matrix of planes of bits: gram[j + k·n] += the number of bits that are 1 in both planes j and k, for
    /// j ≥ k.
    ///
    /// - Parameters:
    ///   - planes: plane j in bytes j·planeStride ..< j·planeStride + bytes; all of their bits count.
    ///   - bytes: the length of a plane, best at most 2048: eight planes then stay in the first-level cache.
    ///   - planeStride: at least `bytes`.
    ///   - n: the number of planes.
    ///   - gram: n×n, column-major; only the lower triangle with the diagonal is read and written.
    /// - Complexity: 8·bytes·n·(n+1)/2 products of bits.
    public func gram(
        bits planes: Span<UInt8>, bytes: Int, planeStride: Int, count n: Int, into gram: inout MutableSpan<Int64>
    ) {
        precondition(
            planes.count >= Kernels.extent(rows: bytes, columnStride: planeStride, count: n), "planes is too short")
        precondition(gram.count >= Kernels.extent(n, n), "gram is too short")
        unsafe planes.withUnsafeBufferPointer { planes in
            unsafe gram.withUnsafeMutableBufferPointer { gram in
                unsafe table.pointee.gram_bits(planes.baseAddress, bytes, planeStride, n, gram.baseAddress)
            }
        }
    }
}
