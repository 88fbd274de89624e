import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls attention`: errors of attention logits from quantized queries and keys.
struct AttentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attention",
        abstract: "Error of attention logits when queries and keys are kept at a few bits per entry.",
        discussion: """
            The four arrays are .npy files of shape (heads, sequences·T, head size). Codes are fitted on the \
            calibration arrays and judged on the others: the relative squared error of q·k over all pairs of a query \
            and a key of the same sequence. That error is also predicted, logit by logit, from the codes and moments \
            kept with them, and from the calibration arrays alone. With fewer key heads than query heads, query head \
            h uses key head h·(key heads)/(query heads), rounded down, and its keys are coded once.
            """)

    @Option(help: "Queries that codes are fitted on (.npy).")
    var calibrationQ: String

    @Option(help: "Keys that codes are fitted on (.npy).")
    var calibrationK: String

    @Option(help: "Queries that codes are judged on (.npy).")
    var queries: String

    @Option(help: "Keys that codes are judged on (.npy).")
    var keys: String

    @Option(help: "Tokens per sequence.")
    var sequenceLength: Int

    @Option(help: "Bits per entry, 2 to 8.")
    var bits = 4

    @Option(help: ArgumentHelp("Methods, separated by commas (default: all).", valueName: "names"))
    var methods: String?

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    @Option(help: "Also draw the errors per head into this SVG file (needs gnuplot).")
    var plot: String?

    @Option(parsing: .unconditional, help: "Threads (default: all cores). The result does not depend on it.")
    var threads: Int?

    @Option(parsing: .unconditional, help: "Seed of the random signs of Hadamard rotations.")
    var seed: UInt64 = 1

    func validate() throws {
        guard AttentionExperiment.supportedBits.contains(bits) else { throw ValidationError("--bits takes 2 to 8.") }
        guard sequenceLength > 0 else { throw ValidationError("--sequence-length takes a number of at least 1.") }
        if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1.") }
        _ = try chosenMethods()
        try FileIdentity.refuse(plot, amongInputs: [calibrationQ, calibrationK, queries, keys])
    }

    func run() throws {
        let progress = SharedProgress()
        defer { progress.finish() }
        let result = try Console.reporting {
            let data = try AttentionData(
                calibrationQueries: NPYStack.read(path: calibrationQ),
                calibrationKeys: NPYStack.read(path: calibrationK), queries: NPYStack.read(path: queries),
                keys: NPYStack.read(path: keys), sequenceLength: sequenceLength)
            let experiment = AttentionExperiment(
                bits: bits, methods: try chosenMethods(), seed: seed,
                threads: threads.orOnePerProcessor)
            return try experiment.run(data) { progress.update("heads", $0) }
        }
        progress.finish()
        if let plot { try Console.reporting { try AttentionPlot(result).draw(to: plot) } }
        switch format {
        case .text: try Console.write(AttentionReport(result).text())
        case .markdown: try Console.write(AttentionReport(result).markdown())
        case .json: try Console.write(AttentionJSON(result).text())
        }
    }

    private func chosenMethods() throws -> [AttentionMethod] {
        guard let methods else { return AttentionMethod.allCases }
        return try listed(methods).map { name in
            guard let method = AttentionMethod(rawValue: name) else {
                let known = AttentionMethod.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--methods: no method \"\(name)\"; there are \(known).")
            }
            return method
        }
    }
}
