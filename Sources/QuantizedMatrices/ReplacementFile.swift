import Foundation
import Synchronization

/// A file that takes the place of another one only when it is whole.
///
/// It is written under a name of its own in the same folder, flushed to the disk and renamed: whatever happens before,
/// the old file stays as it is. A temporary file that was left behind by a process that was killed is removed when the
/// next one is made in that folder: it is not locked any more.
public final class ReplacementFile {
    private let target: String
    private let temporary: String
    /// The file under its temporary name.
    let file: SystemFile
    private var isLive = true

    private static let suffix = ".qls-part"
    private static let live = Mutex<Set<String>>([])

    /// Begins a file that is to be at `path`.
    ///
    /// - Throws: `unwritable` where none can be created.
    public init(replacing path: String) throws(StoreError) {
        // What a symbolic link leads to is replaced, and the link stays.
        target = SystemFile.resolved(path) ?? URL(fileURLWithPath: path).path
        let folder = URL(fileURLWithPath: target).deletingLastPathComponent()
        guard FileManager.default.fileExists(atPath: folder.path) else {
            throw .unwritable("there is no folder \(folder.relativePath)")
        }
        let old = SystemFile.information(target)
        guard old?.isRegular ?? true else { throw .unwritable("there is something else than a file of that name") }
        Self.removeLeftovers(in: folder.path)
        (temporary, file) = try Self.create(in: folder.path)
        if let old { file.setMode(old.mode) }
    }

    deinit { discard() }

    private static func create(in folder: String) throws(StoreError) -> (String, SystemFile) {
        while true {
            let name = ".\(ProcessInfo.processInfo.processIdentifier)-\(UInt64.random(in: 0 ... .max))\(suffix)"
            let path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
            live.withLock { _ = $0.insert(path) }
            do {
                let file = try SystemFile.creating(path)
                // Between creation and lock another process may have taken it for a leftover.
                if !file.lock(waiting: true) || SystemFile.information(path) != nil { return (path, file) }
                live.withLock { _ = $0.remove(path) }
            } catch {
                live.withLock { _ = $0.remove(path) }
                throw error
            }
        }
    }

    private static func removeLeftovers(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(".") && name.hasSuffix(suffix) {
            let path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
            guard let (file, _) = try? SystemFile.reading(path), file.lock(waiting: false) else { continue }
            SystemFile.remove(path)
        }
    }

    /// Writes bytes at an offset.
    ///
    /// - Throws: `writeFailed`, for instance where the disk is full.
    public func write(_ bytes: Span<UInt8>, at offset: Int) throws(StoreError) { try file.write(bytes, at: offset) }

    /// Flushes the file to the disk and gives it its name.
    public func commit() throws(StoreError) {
        precondition(isLive, "The file has its name already.")
        try file.synchronize()
        let failure = Self.live.withLock { live -> StoreError? in
            do throws(StoreError) { try SystemFile.rename(temporary, to: target) } catch { return error }
            live.remove(temporary)
            return nil
        }
        if let failure { throw failure }
        isLive = false
        SystemFile.synchronizeFolder(URL(fileURLWithPath: target).deletingLastPathComponent().path)
    }

    private func discard() {
        guard isLive else { return }
        isLive = false
        SystemFile.remove(temporary)
        Self.live.withLock { _ = $0.remove(temporary) }
    }

    /// Removes the temporary files of this process and calls `end`, which is to end it: until that returns no file is begun
    /// and none gets its name.
    public static func removeAll(_ end: () -> Void) {
        live.withLock { paths in
            for path in paths { SystemFile.remove(path) }
            end()
        }
    }
}
