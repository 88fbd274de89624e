internal import CQuantizedKernels

extension Kernels {
    /// Bytes that `count` codes of `bits` bits take: ⌈count·bits/8⌉.
    public static func packedByteCount(count: Int, bits: Int) -> Int {
        precondition((1...8).contains(bits), "a code has 1 to 8 bits")
        return extent(count, bits, plus: 7) / 8
    }

    /// Packs codes into a stream of bits: code i takes bits i·b ..< (i+1)·b, the lowest bit of each byte first.
    ///
    /// - Parameters:
    ///   - codes: the codes, of which the low `bits` bits count.
    ///   - bits: b, the width of a code, 1 to 8.
    ///   - packed: the stream; its first ⌈n·b/8⌉ bytes are written, unused bits of the last one are 0.
    /// - Complexity: O(n).
    public func pack(_ codes: Span<UInt8>, bits: Int, into packed: inout MutableSpan<UInt8>) {
        precondition(packed.count >= Kernels.packedByteCount(count: codes.count, bits: bits), "packed is too short")
        unsafe codes.withUnsafeBufferPointer { codes in
            unsafe packed.withUnsafeMutableBufferPointer { packed in
                unsafe table.pointee.pack(codes.baseAddress, codes.count, Int32(bits), packed.baseAddress)
            }
        }
    }

    /// Unpacks as many codes as `codes` holds: the inverse of ``pack(_:bits:into:)``.
    ///
    /// - Parameters:
    ///   - packed: the stream, at least ⌈n·b/8⌉ bytes.
    ///   - bits: b, the width of a code, 1 to 8.
    ///   - codes: the n codes.
    /// - Complexity: O(n).
    public func unpack(_ packed: Span<UInt8>, bits: Int, into codes: inout MutableSpan<UInt8>) {
        precondition(packed.count >= Kernels.packedByteCount(count: codes.count, bits: bits), "packed is too short")
        unsafe packed.withUnsafeBufferPointer { packed in
            unsafe codes.withUnsafeMutableBufferPointer { codes in
                unsafe table.pointee.unpack(packed.baseAddress, codes.count, Int32(bits), codes.baseAddress)
            }
        }
    }
}
