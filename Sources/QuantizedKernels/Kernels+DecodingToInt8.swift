internal import CQuantizedKernels

extension Kernels {
    /// Decodes codes to 8-bit integer levels; a code without a level gives 0.
    ///
    /// - Parameters:
    ///   - codes: the n codes.
    ///   - integerLevels: at most 256.
    ///   - values: the first n are written.
    /// - Complexity: O(n).
    public func decode(_ codes: Span<UInt8>, integerLevels: Span<Int8>, into values: inout MutableSpan<Int8>) {
        precondition(values.count >= codes.count, "values is too short")
        precondition(integerLevels.count <= 256, "at most 256 levels")
        unsafe codes.withUnsafeBufferPointer { codes in
            unsafe integerLevels.withUnsafeBufferPointer { levels in
                unsafe values.withUnsafeMutableBufferPointer { values in
                    unsafe table.pointee.decode_i8(
                        codes.baseAddress, codes.count, levels.baseAddress, levels.count, values.baseAddress)
                }
            }
        }
    }

    /// Unpacks and decodes to 8-bit integer levels in one pass as many values as `values` holds; a code without a level gives 0.
    ///
    /// - Parameters:
    ///   - packed: the stream that ``pack(_:bits:into:)`` makes, at least ⌈n·b/8⌉ bytes.
    ///   - bits: b, the width of a code, 1 to 8.
    ///   - integerLevels: at most 256.
    ///   - values: the n values.
    /// - Complexity: O(n).
    public func unpackAndDecode(
        _ packed: Span<UInt8>, bits: Int, integerLevels: Span<Int8>, into values: inout MutableSpan<Int8>
    ) {
        precondition(packed.count >= Kernels.packedByteCount(count: values.count, bits: bits), "packed is too short")
        precondition(integerLevels.count <= 256, "at most 256 levels")
        unsafe packed.withUnsafeBufferPointer { packed in
            unsafe integerLevels.withUnsafeBufferPointer { levels in
                unsafe values.withUnsafeMutableBufferPointer { values in
                    unsafe table.pointee.unpack_decode_i8(
                        packed.baseAddress, values.count, Int32(bits), levels.baseAddress, levels.count,
                        values.baseAddress)
                }
            }
        }
    }
}
