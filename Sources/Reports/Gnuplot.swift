import Foundation
import QuantizedMatrices

/// Why a plot was not drawn.
public enum PlotError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no gnuplot among the programs of the search path.
    case noGnuplot
    /// gnuplot ended with an error; its words.
    case gnuplotFailed(String)
    /// The file cannot be written; the system's words.
    case notWritten(path: String, String)

    /// The cause and what to do.
    public var description: String {
        switch self {
        case .noGnuplot: "no plot: gnuplot is not installed (Debian and Ubuntu: apt-get install gnuplot-nox)"
        case .gnuplotFailed(let message): "no plot: gnuplot failed: \(message)"
        case .notWritten(let path, let reason): "\(path): the plot cannot be written: \(reason)"
        }
    }
}

/// Draws SVG files with gnuplot.
public enum Gnuplot {
    /// Runs a script, whose output is SVG on gnuplot's standard output, and writes that to a file; a failure leaves no
    /// file behind.
    ///
    /// - Parameters:
    ///   - script: gnuplot commands after `set terminal svg`, with data inline.
    ///   - path: the file.
    ///   - search: the folders to look for gnuplot in; by default those of the environment variable `PATH`.
    /// - Throws: `PlotError`.
    public static func draw(
        _ script: String, to path: String,
        search: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(PlotError) {
        let svg = try picture(script, search: search)
        do throws(StoreError) {
            let file = try ReplacementFile(replacing: path)
            try file.write(Array(svg).span, at: 0)
            try file.commit()
        } catch {
            throw .notWritten(path: path, error.description)
        }
    }

    /// Runs a script and returns the SVG document that it draws.
    ///
    /// - Parameters:
    ///   - script: gnuplot commands after `set terminal svg`, with data inline.
    ///   - width: of the picture in pixels; it scales.
    ///   - height: likewise.
    ///   - search: the folders to look for gnuplot in; by default those of the environment variable `PATH`.
    public static func picture(
        _ script: String, width: Int = 820, height: Int = 480,
        search: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(PlotError) -> Data {
        guard let program = locate(search) else { throw .noGnuplot }
        let header =
            "set terminal svg size \(width),\(height) dynamic enhanced font 'Helvetica,13' background '#ffffff'\n"
        return try run(program, header + script + "\n")
    }

    /// Throws `PlotError.noGnuplot` where there is no gnuplot in the folders of `search`.
    public static func requireInstalled(
        search: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(PlotError) {
        if locate(search) == nil { throw .noGnuplot }
    }

    private static func locate(_ search: String) -> URL? {
        search.split(separator: ":").lazy
            .map { URL(fileURLWithPath: String($0)).appendingPathComponent("gnuplot") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// gnuplot's standard output for a script. Both scratch files are in a temporary folder that goes away.
    private static func run(_ program: URL, _ script: String) throws(PlotError) -> Data {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let source = folder.appendingPathComponent("plot.gp")
            try Data(script.utf8).write(to: source)
            let process = Process()
            let (output, complaints) = (Pipe(), Pipe())
            process.executableURL = program
            process.arguments = [source.path]
            process.standardOutput = output
            process.standardError = complaints
            try process.run()
            let picture = output.fileHandleForReading.readDataToEndOfFile()
            let message = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0, !picture.isEmpty else {
                throw PlotError.gnuplotFailed(message.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            return picture
        } catch let error as PlotError {
            throw error
        } catch {
            throw .gnuplotFailed(error.localizedDescription)
        }
    }
}
