internal import CQuantizedKernels

extension Kernels {
    /// Adds the weighted Gram matrix of columns in double precision: gram[j + k·n] += Σ w_i·a_ij·a_ik, for j ≥ k. Weights may
    /// be negative.
    ///
    /// The order of the sums is fixed, so all instruction sets give the same bits: of each 128 rows, s = fma(w·a_k, a_j, s)
    /// row by row from 0 on, then gram += s.
    ///
    /// - Parameters:
    ///   - columns: column j in entries j·columnStride ..< j·columnStride + rows.
    ///   - rows: m.
    ///   - columnStride: at least `rows`.
    ///   - n: the number of columns.
    ///   - weights: m numbers.
    ///   - gram: n×n, column-major; only the lower triangle with the diagonal is read and written.
    ///   - scratch: ``weightedGramScratchCount(columns:)`` numbers, which get any values.
    /// - Complexity: m·n·(n+1)/2 multiply–adds.
    public func weightedGram(
        _ columns: Span<Double>, rows: Int, columnStride: Int, count n: Int, weights: Span<Double>,
        into gram: inout MutableSpan<Double>, scratch: inout MutableSpan<Double>
    ) {
        precondition(
            columns.count >= Kernels.extent(rows: rows, columnStride: columnStride, count: n), "columns is too short")
        precondition(weights.count >= rows, "weights is too short")
        precondition(gram.count >= Kernels.extent(n, n), "gram is too short")
        precondition(scratch.count >= Kernels.weightedGramScratchCount(columns: n), "scratch is too short")
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe gram.withUnsafeMutableBufferPointer { gram in
                    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                        unsafe table.pointee.gram_weighted(
                            columns.baseAddress, rows, columnStride, n, weights.baseAddress, scratch.baseAddress,
                            gram.baseAddress)
                    }
                }
            }
        }
    }

    /// Numbers of scratch memory for the weighted Gram matrix of n columns.
    public static func weightedGramScratchCount(columns n: Int) -> Int {
        extent((n + 7) / 8 * 8, 2 * Int(QK_WEIGHTED_ROWS))
    }
}
