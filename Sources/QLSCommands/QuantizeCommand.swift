import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls quantize`: builds a store.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Quantize a table into a store, to be solved later without the table.",
        discussion: """
            The store is written under a temporary name, flushed to the disk and then renamed: a failure leaves the old \
            file or none.

            Stores made independently have different codebooks. --like makes one under the codebooks of another, so that \
            both can be merged.
            """)

    @Argument(help: "A table as for qls solve, or - for standard input.")
    var data: String

    @Option(name: [.short, .customLong("output")], help: "The store to write, usually named .qls.")
    var output: String

    @OptionGroup var table: TableOptions

    @Option(help: "Bits per predictor entry, 1 to 8.")
    var bits = 4

    @Option(help: "A store whose columns, codebooks and transform are taken.")
    var like: String?

    @Flag(help: "Compress blocks of codes with Zstandard where that makes them shorter.")
    var compress = false

    func validate() throws {
        guard (1...8).contains(bits) else { throw ValidationError("--bits takes 1 to 8.") }
        if like != nil {
            let fixed = table.given(also: ["--bits", "--response", "--predictors", "--exclude"]).filter {
                !["--missing", "--seed"].contains($0)
            }
            if let option = fixed.first { throw ValidationError("\(option) is that of the store given with --like.") }
        } else if !table.namesResponses {
            throw ValidationError("Missing expected argument '--response <response>'")
        }
        try FileIdentity.refuse(output, amongInputs: [data, table.rightHandSides, table.covarianceFactor, like])
    }

    func run() throws {
        let kernels = try chosenKernels()
        let progress = ProgressBar()
        defer { progress.finish() }
        let regression =
            try like.map { try quantize(like: $0, progress: progress, kernels: kernels) }
            ?? Console.reporting(data) {
                let input = try table.read(data, progress: progress)
                return try QuantizedRegression(
                    quantizing: input.table, options: table.quantization(bits: bits), intercept: !table.noIntercept,
                    weighting: input.weighting, threads: table.threadCount, kernels: kernels
                ) { progress.update("quantizing", $0) }
            }
        progress.finish()
        try Console.reporting(output) {
            try regression.write(store: output, compressing: compress, threads: table.threadCount)
        }
    }

    private func quantize(
        like path: String, progress: ProgressBar, kernels: Kernels
    ) throws -> QuantizedRegression {
        let template = try Console.reporting(path) { try QuantizedRegression(store: path, kernels: kernels) }
        let (regression, drift) = try Console.reporting(data) {
            try QuantizedRegression.quantizing(
                table.read(data, like: template, progress: progress), like: template, seed: table.seed,
                threads: table.threadCount, kernels: kernels
            ) { progress.update("quantizing", $0) }
        }
        progress.finish()
        Console.warn(drift)
        return regression
    }
}
