internal import CQuantizedKernels

extension Kernels {
    /// Encodes values: a value's code is the number of thresholds below it.
    ///
    /// Code c stands for t[c−1] < x ≤ t[c]; a value equal to a threshold goes down, −∞ and NaN get code 0, +∞ gets the
    /// last code unless the last threshold is +∞ too.
    ///
    /// - Parameters:
    ///   - values: the n values.
    ///   - thresholds: at most 255, ascending (equal ones allowed), none NaN.
    ///   - codes: the first n are written.
    /// - Complexity: O(n log K) for K thresholds.
    public func encode(_ values: Span<Double>, thresholds: Span<Double>, into codes: inout MutableSpan<UInt8>) {
        precondition(codes.count >= values.count, "codes is too short")
        precondition(thresholds.count <= 255, "at most 255 thresholds fit codes of 8 bits")
        assert(isAscending(thresholds), "thresholds ascend")
        unsafe values.withUnsafeBufferPointer { values in
            unsafe thresholds.withUnsafeBufferPointer { thresholds in
                unsafe codes.withUnsafeMutableBufferPointer { codes in
                    unsafe table.pointee.encode_f64(
                        values.baseAddress, values.count, thresholds.baseAddress, thresholds.count, codes.baseAddress)
                }
            }
        }
    }

    /// Encodes single-precision values as ``encode(_:thresholds:into:)`` does double-precision ones; the comparisons are
    /// made in single precision.
    ///
    /// - Parameters:
    ///   - values: the n values.
    ///   - thresholds: at most 255, ascending (equal ones allowed), none NaN.
    ///   - codes: the first n are written.
    /// - Complexity: O(n log K) for K thresholds.
    public func encode(_ values: Span<Float>, thresholds: Span<Float>, into codes: inout MutableSpan<UInt8>) {
        precondition(codes.count >= values.count, "codes is too short")
        precondition(thresholds.count <= 255, "at most 255 thresholds fit codes of 8 bits")
        assert(isAscending(thresholds), "thresholds ascend")
        unsafe values.withUnsafeBufferPointer { values in
            unsafe thresholds.withUnsafeBufferPointer { thresholds in
                unsafe codes.withUnsafeMutableBufferPointer { codes in
                    unsafe table.pointee.encode_f32(
                        values.baseAddress, values.count, thresholds.baseAddress, thresholds.count, codes.baseAddress)
                }
            }
        }
    }

    private func isAscending<T: BinaryFloatingPoint>(_ thresholds: Span<T>) -> Bool {
        for k in thresholds.indices where k > 0 && !(thresholds[k - 1] <= thresholds[k]) { return false }
        return thresholds.isEmpty || !thresholds[0].isNaN
    }
}
