import Foundation
import TestSupport
import Testing

/// What writing a store does when it is interrupted: the old store stays, nothing temporary is left. See also
/// Tests/Durability/kill_writers.py.
@Suite struct DurabilityTests {
    private let table = Checkout.datasets.appendingPathComponent("regression/diabetes.csv").path

    /// Signals end the command with the status a shell expects.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func signals(number: Int32) throws {
        let folder = try TemporaryFolder(), store = folder.path("a.qls")
        #expect(try Executable.run(["quantize", table, "--response", "target", "-o", store]).status == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: store))
        let process = Process(), input = Pipe()
        process.executableURL = Executable.url
        process.arguments = ["append", store, "-"]
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        // The command waits for rows; it has begun once it reads the header.
        try input.fileHandleForWriting.write(contentsOf: Data("age".utf8))
        Thread.sleep(forTimeInterval: 1)
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
        #expect(try Data(contentsOf: URL(fileURLWithPath: store)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.qls"])
    }

    /// A signal in the middle of work on several threads is never lost.
    @Test(arguments: [SIGINT, SIGTERM]) func signalsDuringWork(number: Int32) throws {
        for delay in [0.2, 0.35, 0.5, 0.8] {
            let process = Process()
            process.executableURL = Executable.url
            process.arguments = ["solve", table, "--response", "target", "--redraws", "1000000"]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            Thread.sleep(forTimeInterval: delay)
            kill(process.processIdentifier, number)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
        }
    }

    /// An output that is one of the inputs, however it is spelled, is refused and stays as it was.
    @Test func outputsThatAreInputs() throws {
        let folder = try TemporaryFolder(), rows = try folder.write(SmallTable.csv, to: "rows.csv")
        let store = folder.path("a.qls"), link = folder.path("link.qls")
        #expect(try Executable.run(["quantize", rows, "--response", "y", "-o", store]).status == 0)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: store)
        let spelled = folder.url.path + "/./rows.csv"
        for arguments in [
            ["quantize", rows, "--response", "y", "-o", spelled], ["append", store, rows, "-o", spelled],
            ["compare", rows, "--response", "y", "--html", spelled],
            ["plan", rows, "--response", "y", "--target-ratio", "1", "-o", spelled],
            ["append", store, link], ["merge", store, link, "-o", folder.path("b.qls")],
        ] {
            let run = try Executable.run(arguments)
            #expect(run.status == 64 && (run.errors.contains("would be lost") || run.errors.contains("count twice")))
        }
        #expect(try String(contentsOfFile: rows, encoding: .utf8) == SmallTable.csv)
        #expect(!FileManager.default.fileExists(atPath: folder.path("b.qls")))
    }

    /// A file that may not become long enough: exit code 74, and the old store.
    @Test func noRoom() throws {
        let folder = try TemporaryFolder(), store = folder.path("a.qls")
        #expect(try Executable.run(["quantize", table, "--response", "target", "-o", store]).status == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: store))
        let process = Process(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "ulimit -f 4; exec \"$0\" quantize \"$1\" --response target --bits 8 -o \"$2\"", Executable.url.path,
            table, store,
        ]
        process.standardError = errors
        try process.run()
        let message = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 74)
        #expect(String(decoding: message, as: UTF8.self).hasPrefix("qls: \(store): writing failed: "))
        #expect(try Data(contentsOf: URL(fileURLWithPath: store)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.qls"])
    }
}
