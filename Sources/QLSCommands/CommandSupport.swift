import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// Output formats of commands that report.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown
}

/// Exit codes beside the parser's own 64 for wrong usage (sysexits.h).
enum Exit {
    static let badData = ExitCode(65)
    static let noInput = ExitCode(66)
    static let internalError = ExitCode(70)
    static let cannotCreate = ExitCode(73)
    static let inputOutput = ExitCode(74)
}

/// Writing to the two standard streams.
enum Console {
    /// Writes to standard output; a failure (closed pipe, full disk) ends the command with exit code 74.
    static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            complain("standard output cannot be written: \(error.localizedDescription)")
            throw Exit.inputOutput
        }
    }

    /// Writes a line to standard error.
    static func complain(_ message: String) {
        try? FileHandle.standardError.write(contentsOf: Data("qls: \(message)\n".utf8))
    }

    /// Runs work that may fail with the library's errors and turns those into a message and an exit code. `file` is named
    /// where the error does not name it.
    static func reporting<Result>(_ file: String = "", _ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as TableError {
            throw failure(error)
        } catch let error as StoreError {
            throw failure(error, file)
        } catch RegressionError.store(let error) {
            throw failure(error, file)
        } catch RegressionError.table(let error) {
            throw failure(error)
        } catch let error as PlotError {
            throw failure(error)
        } catch let error as ExperimentError {
            throw failure(error)
        } catch let error as QuantizerError {
            complain(error.description)
            throw Exit.badData
        } catch let error as RegressionError {
            switch error {
            case .unsupported:
                complain(error.description)
                throw ExitCode.validationFailure
            case .factorization:
                complain(error.description)
                throw Exit.internalError
            default:
                let namesFile = file.isEmpty || error.description.hasPrefix(file)
                complain(namesFile ? error.description : "\(file): \(error)")
                throw Exit.badData
            }
        }
    }

    private static func failure(_ error: StoreError, _ file: String) -> ExitCode {
        complain("\(file): \(error)")
        switch error {
        case .notFound, .unreadable: return Exit.noInput
        case .notAStore, .version, .damaged: return Exit.badData
        case .unwritable: return Exit.cannotCreate
        case .writeFailed: return Exit.inputOutput
        }
    }

    private static func failure(_ error: PlotError) -> ExitCode {
        complain(error.description)
        switch error {
        case .notWritten: return Exit.cannotCreate
        case .noGnuplot, .gnuplotFailed: return Exit.internalError
        }
    }

    private static func failure(_ error: ExperimentError) -> ExitCode {
        complain(error.description)
        if case .factorization = error { return Exit.internalError }
        return Exit.badData
    }

    private static func failure(_ error: TableError) -> ExitCode {
        complain(error.description)
        switch error.category {
        case .notFound, .unreadable: return Exit.noInput
        case .badData: return Exit.badData
        case .inputOutput: return Exit.inputOutput
        }
    }
}

/// Those of the options named that are on the command line.
func optionsGiven(_ names: [String]) -> [String] {
    let arguments = CommandLine.arguments.dropFirst()
    return names.filter { name in arguments.contains { $0 == name || $0.hasPrefix(name + "=") } }
}

/// The kernels of the environment variable `QLS_KERNELS`, or the best that run here.
func chosenKernels() throws -> Kernels {
    guard let name = ProcessInfo.processInfo.environment["QLS_KERNELS"], !name.isEmpty else { return .best }
    guard let kernels = Kernels(named: name) else {
        let known = Kernels.available.map(\.name).joined(separator: ", ")
        throw ValidationError("QLS_KERNELS=\(name) is not available on this processor; it has \(known).")
    }
    return kernels
}

extension Int? {
    /// The number of threads that was asked for, or one per processor.
    var orOnePerProcessor: Int { self ?? ProcessInfo.processInfo.activeProcessorCount }
}
