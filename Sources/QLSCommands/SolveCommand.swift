import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls solve`: regression on quantized data, with the error budget.
struct SolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solve",
        abstract: "Regression on quantized data, with an account of what quantization did to it.",
        discussion: """
            Reads a table, keeps it as codes of a few bits per number, solves the least-squares problem on the codes, \
            and reports for each coefficient the sampling standard error and the standard deviation and bias that \
            quantization adds, all from the codes alone. --reference also solves in full precision and shows the \
            true differences.
            """)

    @Argument(
        help: "A .csv file (comma, tab or semicolon; header row), an .npy file (2-D), or - for CSV on standard input.")
    var data: String

    @Option(help: "Response column: a name or a 1-based number; several separated by commas.")
    var response: String

    @Option(help: "Bits per predictor entry, 1 to 8, or full for no quantization.")
    var bits: BitCount = .bits(4)

    @Option(help: "Bits per response entry, 1 to 16, or full.")
    var responseBits: BitCount = .bits(8)

    @Option(help: "Predictors, separated by commas (default: every column that is not a response).")
    var predictors: String?

    @Option(help: "Columns to leave out, separated by commas.")
    var exclude: String?

    @Flag(help: "Fit without an intercept.")
    var noIntercept = false

    @Option(
        help:
            "How the system is solved: auto, normal (Cholesky of normal equations) or qr (Householder QR in row blocks)."
    )
    var method: SolverMethod = .automatic

    @Option(help: "auto, uniform, companding, lloyd-max, optimal or balanced.")
    var quantizer: Quantizer = .automatic

    @Option(help: "Transform before quantization: auto, none or decorrelate.")
    var transform: TransformChoice = .automatic

    @Flag(help: "Also solve in full precision and report the true errors.")
    var reference = false

    @Option(help: "Missing values: error, or drop the rows that have them.")
    var missing: MissingChoice = .error

    @Option(help: "Confidence of the intervals for the full-precision coefficients.")
    var confidence = 0.95

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    @Option(help: "Threads (default: all cores). The result does not depend on it.")
    var threads: Int?

    @Option(help: "Seed of the pilot sample.")
    var seed: UInt64 = 1

    func validate() throws {
        if case .bits(let b) = bits, !(1...8).contains(b) { throw ValidationError("--bits takes 1 to 8, or full.") }
        if case .bits(let b) = responseBits, !(1...16).contains(b) {
            throw ValidationError("--response-bits takes 1 to 16, or full.")
        }
        guard confidence > 0, confidence < 1 else { throw ValidationError("--confidence lies between 0 and 1.") }
        if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1.") }
        guard !listed(response).isEmpty else { throw ValidationError("--response names no column.") }
    }

    func run() throws {
        let kernels = try chosenKernels()
        let progress = ProgressBar()
        defer { progress.finish() }
        let solution = try Console.reporting {
            let start = Date()
            let source = try openTable(path: data, missing: missing.value)
            let choice = try ColumnChoice(
                names: source.columnNames, responses: listed(response), predictors: listed(predictors),
                excluded: listed(exclude))
            try source.select(columns: choice.predictors + choice.responses)
            let table = try RegressionTable(
                reading: source, predictors: choice.predictors.count, seed: seed
            ) { progress.update("reading", $0) }
            let read = Date().timeIntervalSince(start)
            var solution = try problem(kernels).solve(table) { stage, fraction in
                progress.update("\(stage)", fraction)
            }
            solution.seconds.read = read
            solution.seconds.total += read
            return solution
        }
        progress.finish()
        try Console.write(report(solution))
    }

    private func problem(_ kernels: Kernels) -> LeastSquaresProblem {
        var problem = LeastSquaresProblem()
        if let count = bits.count {
            var options = QuantizationOptions()
            options.bits = count
            options.responseBits = responseBits.count
            options.quantizer = quantizer
            options.transform = transform
            options.seed = seed
            problem.precision = .quantized(options)
        } else {
            problem.precision = .full
        }
        problem.intercept = !noIntercept
        problem.method = method
        problem.confidence = confidence
        problem.reference = reference
        problem.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        problem.kernels = kernels
        return problem
    }

    private func report(_ solution: Solution) throws -> String {
        let name = data == "-" ? "standard input" : URL(fileURLWithPath: data).lastPathComponent
        let report = SolutionReport(solution, source: name, confidence: confidence)
        switch format {
        case .text: return report.text()
        case .markdown: return report.markdown()
        case .json: return try SolutionJSON(solution).text()
        }
    }
}

/// A number of bits, or full precision.
enum BitCount: ExpressibleByArgument, CustomStringConvertible {
    case bits(Int)
    case full

    init?(argument: String) {
        if argument == "full" { self = .full } else if let b = Int(argument) { self = .bits(b) } else { return nil }
    }

    var count: Int? { if case .bits(let b) = self { b } else { nil } }
    var description: String { count.map(String.init) ?? "full" }
    var defaultValueDescription: String { description }
}

/// What `--missing` takes.
enum MissingChoice: String, ExpressibleByArgument, CaseIterable {
    case error, drop

    var value: MissingValues { self == .error ? .error : .drop }
}

extension SolverMethod: ExpressibleByArgument {}
extension Quantizer: ExpressibleByArgument {}
extension TransformChoice: ExpressibleByArgument {}
