internal import CZlib

extension StoreFile {
    /// CRC-32 as zlib computes it (`crc32_z`). About 1 GB/s.
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            UInt32(truncatingIfNeeded: unsafe crc32_z(0, buffer.baseAddress, buffer.count))
        }
    }
}
