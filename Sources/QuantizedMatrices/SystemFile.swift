import Foundation

/// An open file of the system, closed with the last reference.
final class SystemFile: Sendable {
    /// The descriptor.
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = close(descriptor) }

    /// Opens a regular file for reading.
    ///
    /// - Throws: `notFound`, or `unreadable` for directories, pipes and whatever else cannot be mapped.
    static func reading(_ path: String) throws(StoreError) -> (file: SystemFile, size: Int) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable(message(errno))
        }
        let file = SystemFile(descriptor)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(message(errno)) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else {
            throw .unreadable(kind == S_IFDIR ? "it is a directory" : "it is not a regular file")
        }
        return (file, Int(status.st_size))
    }

    /// Creates a file that must not exist yet, for writing.
    static func creating(_ path: String) throws(StoreError) -> SystemFile {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .unwritable(message(errno)) }
        return SystemFile(descriptor)
    }

    /// Creates a file without a name, for reading and writing: it is gone when it is closed.
    static func temporary(in folder: String) throws(StoreError) -> SystemFile {
        let path = "\(folder)/codes.\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable("\(message(errno)) (temporary file in \(folder))") }
        remove(path)
        return SystemFile(descriptor)
    }

    /// Whether a file is a regular one, and its permissions; nil if there is none of that name.
    static func information(_ path: String) -> (isRegular: Bool, mode: mode_t)? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return (status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o7777)
    }

    /// Removes a name, if it is there.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Gives a file another name, at once: whoever opens that name gets the old file or the new one.
    static func rename(_ path: String, to target: String) throws(StoreError) {
        guard unsafe Foundation.rename(path, target) == 0 else { throw .unwritable(message(errno)) }
    }

    /// The path without symbolic links, of a file that exists.
    static func resolved(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Sets the permissions, as far as the system lets.
    func setMode(_ mode: mode_t) { _ = fchmod(descriptor, mode) }

    /// Locks the file for this process; whether that was possible. The system takes the lock back when the process ends.
    func lock(waiting: Bool) -> Bool {
        while flock(descriptor, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }

    /// Writes all bytes at an offset.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(StoreError) {
        var done = 0, failure: Int32 = 0
        unsafe bytes.withUnsafeBufferPointer { buffer in
            while done < buffer.count {
                let start = unsafe buffer.baseAddress! + done
                let put = unsafe pwrite(descriptor, start, buffer.count - done, off_t(offset + done))
                if put < 0 && errno == EINTR { continue }
                if put <= 0 {
                    failure = put < 0 ? errno : EIO
                    return
                }
                done += put
            }
        }
        if failure != 0 { throw .writeFailed(Self.message(failure)) }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws(StoreError) {
        while fsync(descriptor) != 0 {
            if errno != EINTR { throw .writeFailed(Self.message(errno)) }
        }
    }

    /// Waits until the names in a folder are on the disk, where the system can.
    static func synchronizeFolder(_ path: String) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = close(descriptor)
    }

    /// The system's words for an error.
    static func message(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
