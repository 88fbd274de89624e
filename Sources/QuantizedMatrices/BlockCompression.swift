internal import CZstd

/// Lossless compression of blocks of packed codes with Zstandard, for stores that are kept rather than solved.
enum BlockCompression {
    /// Blocks are not compressed beyond this length, and not read if they claim it.
    static let largestBlock = 64 << 20
    /// Nor are they where this many bytes would become one.
    static let largestRatio = 4096
    private static let level: Int32 = 6

    /// The block as a Zstandard frame; nil if it would not be shorter.
    static func compress(_ bytes: Span<UInt8>) -> [UInt8]? {
        guard bytes.count <= largestBlock else { return nil }
        let bound = ZSTD_compressBound(bytes.count)
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            let written = unsafe bytes.withUnsafeBufferPointer { source in
                unsafe ZSTD_compress(buffer.baseAddress, bound, source.baseAddress, source.count, level)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        return frame.isEmpty || frame.count >= bytes.count || bytes.count / frame.count > largestRatio ? nil : frame
    }

    /// Whether a frame of so many bytes may hold a block of `count`.
    static func isPlausible(frame: Int, count: Int) -> Bool {
        count <= largestBlock && frame > 0 && frame < count && count / frame <= largestRatio
    }

    /// The block of `count` bytes in a frame; nil if there is none. Memory: `count`, whatever the frame claims.
    static func decompress(_ frame: Span<UInt8>, count: Int) -> [UInt8]? {
        let block = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let written = unsafe frame.withUnsafeBufferPointer { source in
                unsafe ZSTD_decompress(buffer.baseAddress, count, source.baseAddress, source.count)
            }
            filled = ZSTD_isError(written) == 0 ? written : 0
        }
        return block.count == count ? block : nil
    }
}
