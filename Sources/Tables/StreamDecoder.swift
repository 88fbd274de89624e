internal import CZlib
internal import CZstd

/// Unpacks a compressed stream piece by piece.
protocol StreamDecoder: AnyObject {
    /// The name of the format, for messages.
    var format: String { get }
    /// What the format calls a part of a stream that ends by itself.
    var unit: String { get }
    /// Whether the stream may end here.
    var isBetweenMembers: Bool { get }
    /// Unpacks some of the bytes `input` of `source` into the places `output` of `target`. Returns how many bytes were
    /// read and written; neither means that more input is needed.
    func decode(
        _ source: [UInt8], _ input: Range<Int>, into target: inout [UInt8], _ output: Range<Int>
    ) throws(DecodingProblem) -> (read: Int, written: Int)
}

/// What is wrong with a compressed stream.
struct DecodingProblem: Error {
    let text: String
}

/// gzip (RFC 1952) by zlib, which checks the CRC-32 and the length of each member.
@safe final class GzipDecoder: StreamDecoder {
    let format = "gzip"
    let unit = "member"
    private(set) var isBetweenMembers = false
    private var isPadding = false
    /// On the heap, because zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot be set up")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ source: [UInt8], _ input: Range<Int>, into target: inout [UInt8], _ output: Range<Int>
    ) throws(DecodingProblem) -> (read: Int, written: Int) {
        if isBetweenMembers && !input.isEmpty {
            if isPadding || source[input.lowerBound] == 0 { return (try padding(source[input]), 0) }
            guard source[input.lowerBound] == 0x1F else {
                throw DecodingProblem(text: "bytes that are no gzip member follow the last one")
            }
            _ = unsafe inflateReset(stream)
            isBetweenMembers = false
        }
        let (status, read, written) = inflated(source, input, &target, output)
        switch status {
        case Z_STREAM_END: isBetweenMembers = true
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw DecodingProblem(text: "no memory for zlib")
        default:
            let words = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw DecodingProblem(text: words ?? "zlib status \(status)")
        }
        return (read, written)
    }

    /// Passes zero bytes after the last member.
    private func padding(_ bytes: ArraySlice<UInt8>) throws(DecodingProblem) -> Int {
        isPadding = true
        guard bytes.allSatisfy({ $0 == 0 }) else {
            throw DecodingProblem(text: "bytes that are not zero follow the zeros after the last member")
        }
        return bytes.count
    }

    private func inflated(
        _ source: [UInt8], _ input: Range<Int>, _ target: inout [UInt8], _ output: Range<Int>
    ) -> (status: Int32, read: Int, written: Int) {
        precondition(input.upperBound <= source.count && output.upperBound <= target.count)
        let (available, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
        return unsafe source.withUnsafeBufferPointer { from in
            unsafe target.withUnsafeMutableBufferPointer { to in
                // zlib does not write to its input.
                let next = unsafe UnsafeMutablePointer(mutating: from.baseAddress)
                unsafe stream.pointee.next_in = next.map { unsafe $0 + input.lowerBound }
                unsafe stream.pointee.avail_in = available
                unsafe stream.pointee.next_out = to.baseAddress.map { unsafe $0 + output.lowerBound }
                unsafe stream.pointee.avail_out = room
                let status = unsafe inflate(stream, Z_NO_FLUSH)
                let left = unsafe (stream.pointee.avail_in, stream.pointee.avail_out)
                return (status, Int(available - left.0), Int(room - left.1))
            }
        }
    }
}

/// Zstandard (RFC 8878) by libzstd, whose limit of 128 MiB for the window bounds the memory.
@safe final class ZstandardDecoder: StreamDecoder {
    let format = "Zstandard"
    let unit = "frame"
    private(set) var isBetweenMembers = false
    private let stream: OpaquePointer

    init() {
        guard let created = unsafe ZSTD_createDStream() else { preconditionFailure("libzstd cannot be set up") }
        unsafe stream = created
    }

    deinit { unsafe ZSTD_freeDStream(stream) }

    func decode(
        _ source: [UInt8], _ input: Range<Int>, into target: inout [UInt8], _ output: Range<Int>
    ) throws(DecodingProblem) -> (read: Int, written: Int) {
        precondition(input.upperBound <= source.count && output.upperBound <= target.count)
        if isBetweenMembers && input.isEmpty { return (0, 0) }
        let (status, read, written) = unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                var taken = unsafe ZSTD_inBuffer(src: from.baseAddress, size: input.upperBound, pos: input.lowerBound)
                var given = unsafe ZSTD_outBuffer(dst: to.baseAddress, size: output.upperBound, pos: output.lowerBound)
                let status = unsafe ZSTD_decompressStream(stream, &given, &taken)
                return unsafe (status, taken.pos - input.lowerBound, given.pos - output.lowerBound)
            }
        }
        if ZSTD_isError(status) != 0 { throw DecodingProblem(text: unsafe String(cString: ZSTD_getErrorName(status))) }
        isBetweenMembers = status == 0
        return (read, written)
    }
}
