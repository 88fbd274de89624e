import Foundation

/// The `qls` program that was built beside the tests.
enum Executable {
    /// The folder of the test bundle, which holds the program too.
    static let url: URL = {
        let arguments = CommandLine.arguments[0]
        return URL(fileURLWithPath: arguments).deletingLastPathComponent().appendingPathComponent("qls")
    }()

    struct Run {
        let status: Int32
        let output: String
        let errors: String

        /// The report as JSON.
        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// Runs the program to its end. `output` replaces the standard output that is read otherwise.
    static func run(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], output file: String? = nil
    ) throws -> Run {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let outputPath = file ?? folder.path("output"), errorPath = folder.path("errors")
        if file == nil { try Data().write(to: URL(fileURLWithPath: outputPath)) }
        try Data().write(to: URL(fileURLWithPath: errorPath))
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        process.standardError = FileHandle(forWritingAtPath: errorPath)
        let inputPath = try input.map { try folder.write($0, to: "input") } ?? "/dev/null"
        process.standardInput = FileHandle(forReadingAtPath: inputPath)
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus,
            output: file == nil ? try String(contentsOfFile: outputPath, encoding: .utf8) : "",
            errors: try String(contentsOfFile: errorPath, encoding: .utf8))
    }
}

/// A folder that goes when its owner goes.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("qls-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes a file and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    /// Writes a C-ordered float64 NumPy array.
    func writeNPY(_ rows: [[Double]], to name: String) throws -> String {
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(rows.count), \(rows[0].count)), }"
        while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
        header += "\n"
        var data =
            Data([0x93]) + Data("NUMPY".utf8)
            + Data([1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
        data += Data(header.utf8)
        for value in rows.joined() {
            let bits = value.bitPattern
            for byte in 0..<8 { data.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
        }
        try data.write(to: url.appendingPathComponent(name))
        return path(name)
    }
}

/// A small table with a column of each kind: 40 rows, a, b, group, y.
enum SmallTable {
    static let rows: [[Double]] = (0..<40).map { i in
        let x = Double(i), a = x * 0.37 - 4, b = Double((i * 7919) % 101) / 10
        let noise = Double((i * i * 37 + i * 11) % 53) / 53 - 0.5
        return [a, b, Double(i % 3), 2 + 1.5 * a - 0.25 * b + Double(i % 3) + noise]
    }
    static let header = "a,b,group,y"
    static let csv = ([header] + rows.map { $0.map { "\($0)" }.joined(separator: ",") }).joined(separator: "\n") + "\n"
}
