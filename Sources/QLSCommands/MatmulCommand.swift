import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls matmul`: errors of a matrix product from quantized factors.
struct MatmulCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matmul",
        abstract: "Error of a matrix product when both factors are kept at a few bits per entry.",
        discussion: """
            Codes A and B by every method, multiplies what was decoded, and compares with AB: measured and predicted \
            relative squared Frobenius error, measured and predicted errors of single entries, bytes of codes and side \
            information, and the error that no code of this rate can beat for independent Gaussian entries. \
            Predictions are made from the codes and moments kept with them. The first method listed is the default: the least \
            predicted error among methods with little side information.
            """)

    @Argument(help: "A, an .npy file (m × k).")
    var a: String

    @Argument(help: "B, an .npy file (k × n).")
    var b: String

    @Option(help: "Bits per entry, 1 to 8.")
    var bits = 4

    @Option(help: ArgumentHelp("Methods, separated by commas (default: all).", valueName: "names"))
    var methods: String?

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    @Option(help: "Also draw error against bits, 1 to 8, into this SVG file (needs gnuplot).")
    var plot: String?

    @Option(parsing: .unconditional, help: "Threads of the matrix products (default: all cores).")
    var threads: Int?

    @Option(parsing: .unconditional, help: "Seed of samples and random signs.")
    var seed: UInt64 = 1

    func validate() throws {
        guard MatrixProductExperiment.supportedBits.contains(bits) else {
            throw ValidationError("--bits takes 1 to 8.")
        }
        if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1.") }
        _ = try chosenMethods()
        try FileIdentity.refuse(plot, amongInputs: [a, b])
    }

    func run() throws {
        let progress = ProgressBar()
        defer { progress.finish() }
        var results: [Int: MatrixProductResult] = [:]
        try Console.reporting {
            let left = try NPYReader(path: a).readMatrix()
            let right = try NPYReader(path: b).readMatrix()
            for (path, factor) in [(a, left), (b, right)] where !factor.elements.contains(where: { $0 != 0 }) {
                Console.complain("\(path): all entries are 0, there is nothing to quantize")
                throw Exit.badData
            }
            let wanted = plot == nil ? [bits] : Array(MatrixProductExperiment.supportedBits)
            try BLAS.withThreads(threads.orOnePerProcessor) {
                for (place, count) in wanted.enumerated() {
                    let experiment = MatrixProductExperiment(bits: count, methods: try chosenMethods(), seed: seed)
                    results[count] = try experiment.run(left, right)
                    progress.update("products", Double(place + 1) / Double(wanted.count))
                }
            }
            if let plot {
                try ProductPlot(results.keys.sorted().compactMap { results[$0] }).draw(to: plot)
            }
        }
        progress.finish()
        guard let result = results[bits] else { return }
        switch format {
        case .text: try Console.write(ProductReport(result).text())
        case .markdown: try Console.write(ProductReport(result).markdown())
        case .json: try Console.write(ProductJSON(result).text())
        }
    }

    private func chosenMethods() throws -> [ProductMethod] {
        guard let methods else { return ProductMethod.allCases }
        return try listed(methods).map { name in
            guard let method = ProductMethod(rawValue: name) else {
                let known = ProductMethod.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--methods: no method \"\(name)\"; there are \(known).")
            }
            return method
        }
    }
}
