import Foundation

// The system's calls on files. The pointers of this module are here, in DelimitedText.swift, NPYElement.swift and
// StreamDecoder.swift, nowhere else.

/// An open file, closed with the last reference (standard input stays open).
final class OpenFile: Sendable {
    /// The name for messages.
    let name: String
    /// The size in bytes of a regular file, nil for pipes and terminals.
    let size: Int?
    /// What a regular file that was opened by its path was like then.
    let state: FileState?
    private let descriptor: Int32
    private let closes: Bool

    /// Opens a file for reading.
    init(reading path: String) throws(TableError) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if opened < 0 {
            let missing = errno == ENOENT || errno == ENOTDIR
            throw TableError(file: path, reason: missing ? .notFound : .unreadable(systemMessage(errno)))
        }
        let information = fileInformation(opened)
        if information.isDirectory {
            _ = close(opened)
            throw TableError(file: path, reason: .unreadable("it is a directory"))
        }
        name = path
        descriptor = opened
        closes = true
        size = information.state?.size
        state = information.state
    }

    /// The process's standard input.
    init(standardInput: Void) {
        name = "standard input"
        descriptor = 0
        closes = false
        size = fileInformation(0).state?.size
        state = nil
    }

    /// A new file in `folder`, for reading and writing, without a name: it is gone when it is closed.
    init(temporaryIn folder: String) throws(TableError) {
        var template = Array("\(folder)/rows.XXXXXX".utf8CString)
        name = "temporary file in \(folder)"
        descriptor = unsafe mkstemp(&template)
        if descriptor < 0 { throw TableError(file: name, reason: .writeFailed(systemMessage(errno))) }
        _ = unsafe unlink(&template)
        closes = true
        size = nil
        state = nil
    }

    deinit { if closes { _ = close(descriptor) } }

    /// Throws where the file is no longer what it was when it was opened by its path.
    func checkUnchanged() throws(TableError) {
        if fileInformation(descriptor).state != state { throw changed }
    }

    /// The error for a file that is not what it was.
    var changed: TableError { TableError(file: name, reason: .readFailed("the file changed while it was read")) }

    /// Reads up to `count` bytes at the file's position into `buffer` from index `start`; returns how many, 0 at the
    /// end of the file.
    func read(into buffer: inout [UInt8], from start: Int, count: Int) throws(TableError) -> Int {
        precondition(start >= 0 && count >= 0 && start + count <= buffer.count)
        while true {
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Foundation.read(descriptor, bytes.baseAddress.map { unsafe $0 + start }, count)
            }
            if got >= 0 { return got }
            if errno != EINTR { throw TableError(file: name, reason: .readFailed(systemMessage(errno))) }
        }
    }

    /// Fills the elements `range` of `buffer` with the bytes at `offset` of the file.
    func read<Element: BitwiseCopyable>(
        into buffer: inout [Element], range: Range<Int>, at offset: Int
    ) throws(TableError) {
        var span = buffer.mutableSpan
        try read(into: &span, range: range, at: offset)
    }

    /// Fills the elements `range` of `buffer` with the bytes at `offset` of the file.
    func read<Element: BitwiseCopyable>(
        into buffer: inout MutableSpan<Element>, range: Range<Int>, at offset: Int
    ) throws(TableError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count)
        let stride = MemoryLayout<Element>.stride
        var done = 0
        while done < range.count * stride {
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                let start = range.lowerBound * stride + done
                return unsafe pread(
                    descriptor, bytes.baseAddress.map { unsafe $0 + start }, range.count * stride - done, offset + done)
            }
            if got < 0 && errno == EINTR { continue }
            if got < 0 { throw TableError(file: name, reason: .readFailed(systemMessage(errno))) }
            if got == 0 { throw TableError(file: name, reason: .readFailed("the file became shorter")) }
            done += got
        }
    }

    /// Writes all numbers at `offset` of the file.
    func write(_ values: [Double], at offset: Int) throws(TableError) {
        // Numbers have no padding.
        try unsafe write(values.span.bytes, at: offset)
    }

    /// Writes the first `count` bytes at `offset` of the file.
    func write(_ bytes: [UInt8], count: Int, at offset: Int) throws(TableError) {
        try unsafe write(bytes.span.bytes.extracting(first: count), at: offset)
    }

    private func write(_ bytes: RawSpan, at offset: Int) throws(TableError) {
        var done = 0
        while done < bytes.byteCount {
            let put = unsafe bytes.withUnsafeBytes { bytes in
                unsafe pwrite(
                    descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, offset + done)
            }
            if put < 0 && errno == EINTR { continue }
            if put < 0 { throw TableError(file: name, reason: .writeFailed(systemMessage(errno))) }
            done += put
        }
    }

    /// Where temporary files go: the environment's TMPDIR, or else /tmp.
    static var temporaryFolder: String {
        let environment = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return environment.isEmpty ? "/tmp" : environment
    }
}

private func systemMessage(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
}

/// What tells that a regular file was written to.
struct FileState: Equatable {
    let size: Int
    private let seconds, nanoseconds: Int

    fileprivate init(_ information: stat) {
        size = Int(information.st_size)
        (seconds, nanoseconds) = (information.st_mtim.tv_sec, information.st_mtim.tv_nsec)
    }
}

/// Whether a descriptor is that of a folder, and the state of a regular file.
private func fileInformation(_ descriptor: Int32) -> (isDirectory: Bool, state: FileState?) {
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else { return (false, nil) }
    let kind = information.st_mode & S_IFMT
    return (kind == S_IFDIR, kind == S_IFREG ? FileState(information) : nil)
}
