import Foundation
import Testing

/// Damaged files of every format end in an error or a table of numbers, the same one however it is read, never in a
/// crash, a long wait or much memory. Longer: `swift run -c release ReaderFuzzer --seconds 1800`.
@Suite struct FuzzTests {
    @Test func damagedFilesNeverEndTheProgram() throws {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let findings = FileManager.default.temporaryDirectory.path + "/findings-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: findings) }
        let process = Process()
        process.executableURL = folder.appendingPathComponent("ReaderFuzzer")
        process.arguments = [
            "--seed", "20261124", "--cases", "500", "--seconds", "50", "--findings", findings,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "an input was read wrongly; the program's output shows it")
    }
}
