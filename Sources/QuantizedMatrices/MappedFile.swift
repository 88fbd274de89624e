import Foundation

/// A file mapped into memory for reading. The mapping goes with the last reference; the file may have lost its name or
/// been closed before.
///
/// A file that another program shortens while it is mapped ends this one (SIGBUS); stores are replaced, never changed.
@safe final class MappedFile: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer?
    /// Bytes of the file.
    let count: Int

    /// Maps the first `count` bytes of an open file.
    init(descriptor: Int32, count: Int) throws(StoreError) {
        self.count = count
        guard count > 0 else {
            unsafe base = nil
            return
        }
        let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw .unreadable(SystemFile.message(errno))
        }
        unsafe base = address
    }

    deinit { if let base = unsafe base { _ = unsafe munmap(base, count) } }

    /// Calls `body` with some of the bytes.
    func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "The file is shorter.")
        let start = unsafe base.map {
            unsafe UnsafeRawPointer($0 + range.lowerBound).assumingMemoryBound(to: UInt8.self)
        }
        let bytes = unsafe UnsafeBufferPointer(start: start, count: range.count)
        return try body(unsafe bytes.span)
    }

    /// A copy of some of the bytes.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        withBytes(range) { (span: Span<UInt8>) in
            unsafe span.withUnsafeBufferPointer { unsafe [UInt8]($0) }
        }
    }

    /// Tells the system that these bytes need not stay in memory; they are read again when they are needed.
    func release(_ range: Range<Int>) {
        guard let base = unsafe base else { return }
        let page = Int(getpagesize())
        let start = range.lowerBound / page * page, end = min(count, (range.upperBound + page - 1) / page * page)
        if start < end { _ = unsafe madvise(base + start, end - start, MADV_DONTNEED) }
    }
}
