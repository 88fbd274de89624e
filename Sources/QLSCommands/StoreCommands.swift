import ArgumentParser
import Foundation
import QuantizedLeastSquares

<<<<<<< HEAD
/// `qls quantize`: builds a store.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Quantize a table into a store, to be solved later without the table.",
        discussion: """
            The store is written under a temporary name, flushed to the disk and then renamed: a failure leaves the old \
            file or none.
            """)

    @Argument(help: "A .csv file, an .npy file (2-D), or - for CSV on standard input.")
    var data: String

    @Option(name: [.short, .customLong("output")], help: "The store to write, usually named .qls.")
    var output: String

    @OptionGroup var table: TableOptions

    @Option(help: "Bits per predictor entry, 1 to 8.")
    var bits = 4

    func validate() throws {
        guard (1...8).contains(bits) else { throw ValidationError("--bits takes 1 to 8.") }
        guard !listed(table.response).isEmpty else {
            throw ValidationError("Missing expected argument '--response <response>'")
        }
    }

    func run() throws {
        let kernels = try chosenKernels()
        let progress = ProgressBar()
        defer { progress.finish() }
        let regression = try Console.reporting(data) {
            let input = try table.read(data, progress: progress)
            return try QuantizedRegression(
                quantizing: input.table, options: table.quantization(bits: bits), intercept: !table.noIntercept,
                weighting: input.weighting, threads: table.threadCount, kernels: kernels
            ) { progress.update("quantizing", $0) }
        }
        progress.finish()
        try Console.reporting(output) { try regression.write(store: output) }
    }
}

=======
>>>>>>> 92e76bf (Append, merge and quantize --like: rows join a store under its codebooks; signals remove what was begun)
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
