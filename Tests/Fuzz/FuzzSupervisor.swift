import Foundation

/// Runs workers one after the other until the time is over.
struct FuzzSupervisor {
    private let arguments: FuzzArguments
    private let end: Date

    init(_ arguments: FuzzArguments) throws {
        self.arguments = arguments
        end = Date(timeIntervalSinceNow: arguments.seconds)
        for folder in [arguments.findings, arguments.scratch] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// Returns the number of findings.
    func run() throws -> Int {
        defer { try? FileManager.default.removeItem(atPath: arguments.scratch) }
        var (findings, cases, seed) = (0, 0, arguments.seed)
        while true {
            let left = end.timeIntervalSinceNow
            if left < 1 { break }
            let status = try work(seed: seed, seconds: left)
            cases += Int((try? String(contentsOfFile: arguments.scratch + "/cases", encoding: .utf8)) ?? "") ?? 0
            if status != 0 {
                findings += 1
                try keep("\(status)-\(seed)")
                print("finding \(findings): the worker with seed \(seed) ended with \(status)")
            }
            seed += 1
            if cases >= arguments.cases || findings >= 100 { break }
        }
        print("\(cases) inputs, \(findings) findings")
        return findings
    }

    private func work(seed: UInt64, seconds: Double) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            [
                "--worker", "--seed", "\(seed)", "--seconds", "\(min(seconds, 60))", "--cases", "\(arguments.cases)",
                "--scratch", arguments.scratch,
            ] + (arguments.only.isEmpty ? [] : ["--only", arguments.only.joined(separator: ",")])
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Keeps the input that the worker read last.
    private func keep(_ label: String) throws {
        let folder = URL(fileURLWithPath: arguments.scratch)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("input") {
            let target = "\(arguments.findings)/finding-\(label)\(name.dropFirst("input".count))"
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.moveItem(atPath: folder.appendingPathComponent(name).path, toPath: target)
        }
    }
}
