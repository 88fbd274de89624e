import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls info`: what is inside a store.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show what a store holds.")

    @Argument(help: "A .qls store.")
    var store: String

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    func run() throws {
        let kernels = try chosenKernels()
        let regression = try Console.reporting(store) { try QuantizedRegression(store: store, kernels: kernels) }
        let report = StoreReport(
            regression, source: URL(fileURLWithPath: store).lastPathComponent, kernels: kernels.name)
        switch format {
        case .text: try Console.write(report.text())
        case .markdown: try Console.write(report.markdown())
        case .json: try Console.write(report.json())
        }
    }
}

/// `qls verify`: checks a store.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the lengths, checksums, codebooks and codes of a store; exit code 65 if it is damaged.")

    @Argument(help: "A .qls store.")
    var store: String

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    func run() throws {
        let kernels = try chosenKernels()
        let matrix = try Console.reporting(store) { try QuantizedRegression(store: store, kernels: kernels) }.matrix
        let rows = matrix.rows, columns = matrix.columns.count
        switch format {
        case .text: try Console.write("\(store): \(rows) rows, \(columns) columns, whole\n")
        case .markdown: try Console.write("- `\(store)`: \(rows) rows, \(columns) columns, whole\n")
        case .json:
            try Console.write(
                "{ \"schema\": \"qls.verification/1\", \"rows\": \(rows), \"columns\": \(columns), \"whole\": true }\n")
        }
    }
}
