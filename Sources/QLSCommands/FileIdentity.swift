import ArgumentParser
import Foundation

/// Which file a path leads to, however it is spelled and through whatever links.
struct FileIdentity: Hashable {
    private let device: dev_t
    private let inode: ino_t

    /// Nil where there is no file.
    init?(_ path: String) {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        device = information.st_dev
        inode = information.st_ino
    }

    /// Refuses an output that is one of the files that are read: it would be lost. Nil and - are no files.
    static func refuse(_ output: String?, amongInputs inputs: [String?]) throws {
        guard let output, let own = FileIdentity(output) else { return }
        for case let input? in inputs where input != "-" && FileIdentity(input) == own {
            throw ValidationError("The output \(output) is the file \(input) that is read: its contents would be lost.")
        }
    }
}
