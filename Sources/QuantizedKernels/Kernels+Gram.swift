internal import CQuantizedKernels

extension Kernels {
    /// Adds the Gram matrix and the sums of integer columns, exactly: gram[j + k·n] += Σ c_j·c_k over the rows, for
    /// j ≥ k, and sums[j] += Σ c_j.
    ///
    /// Only the lower triangle with the diagonal (column-major, n×n) is read and written. The sums are exact, so they do
    /// not depend on the order, the split into row blocks, or the instruction set.
    ///
    /// - Parameters:
    ///   - columns: column j in entries j·columnStride ..< j·columnStride + rows.
    ///   - rows: m.
    ///   - columnStride: at least `rows`. A multiple of 4096 bytes makes columns compete for the same cache lines: add 32.
    ///   - n: the number of columns.
    ///   - largestMagnitude: a bound on |entry|, 1 to 32767; a small one is faster (2047 or less costs nothing). An entry
    ///     that exceeds it makes the sums wrong.
    ///   - gram: n×n.
    ///   - sums: n entries.
    ///   - scratch: ``gramScratchByteCount(columns:)`` bytes, which get any values; best from a multiple of 64 on.
    /// - Complexity: m·n·(n+1)/2 multiplications.
    public func gram(
        _ columns: Span<Int16>, rows: Int, columnStride: Int, count n: Int, largestMagnitude: Int,
        into gram: inout MutableSpan<Int64>, sums: inout MutableSpan<Int64>, scratch: inout MutableSpan<UInt8>
    ) {
        checkGram(columns, rows, columnStride, n, largestMagnitude, gram.count, sums.count, scratch.count)
        precondition((1...32767).contains(largestMagnitude), "magnitudes are 1 to 32767")
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe gram.withUnsafeMutableBufferPointer { gram in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                        unsafe table.pointee.gram_i16(
                            columns.baseAddress, rows, columnStride, n, Int32(largestMagnitude), scratch.baseAddress,
                            gram.baseAddress, sums.baseAddress)
                    }
                }
            }
        }
    }

    /// The same for 8-bit columns whose entries are at most ``largestNarrowEntry`` in magnitude, twice as fast.
    ///
    /// - Parameters:
    ///   - columns: column j in entries j·columnStride ..< j·columnStride + rows.
    ///   - rows: m.
    ///   - columnStride: at least `rows`.
    ///   - n: the number of columns.
    ///   - gram: n×n.
    ///   - sums: n entries.
    ///   - scratch: ``gramScratchByteCount(columns:)`` bytes.
    /// - Complexity: m·n·(n+1)/2 multiplications.
    public func gram(
        _ columns: Span<Int8>, rows: Int, columnStride: Int, count n: Int, into gram: inout MutableSpan<Int64>,
        sums: inout MutableSpan<Int64>, scratch: inout MutableSpan<UInt8>
    ) {
        checkGram(columns, rows, columnStride, n, Kernels.largestNarrowEntry, gram.count, sums.count, scratch.count)
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe gram.withUnsafeMutableBufferPointer { gram in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                        unsafe table.pointee.gram_i8(
                            columns.baseAddress, rows, columnStride, n, scratch.baseAddress, gram.baseAddress,
                            sums.baseAddress)
                    }
                }
            }
        }
    }

    /// The largest magnitude of an 8-bit entry that the Gram kernel takes: two steps of four products fit 16 bits.
    public static let largestNarrowEntry = 63

    /// Bytes of scratch memory for the Gram matrix of n columns.
    public static func gramScratchByteCount(columns n: Int) -> Int {
        extent((n + 15) / 16 * 16, Int(QK_GRAM_SCRATCH))
    }

    private func checkGram<Entry: FixedWidthInteger & BitwiseCopyable>(
        _ columns: Span<Entry>, _ rows: Int, _ stride: Int, _ n: Int, _ bound: Int, _ gramCount: Int,
        _ sumCount: Int, _ scratchCount: Int
    ) {
        precondition(
            columns.count >= Kernels.extent(rows: rows, columnStride: stride, count: n), "columns is too short")
        precondition(gramCount >= Kernels.extent(n, n), "gram is too short")
        precondition(sumCount >= n, "sums is too short")
        precondition(scratchCount >= Kernels.gramScratchByteCount(columns: n), "scratch is too short")
        assert(
            (0..<n).allSatisfy { j in (0..<rows).allSatisfy { columns[j * stride + $0].magnitude <= bound } },
            "an entry exceeds the bound")
    }
}
