import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls compare`: every quantizer, transform and method against full precision.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Every quantizer, transform and method by bits against full precision: error, bytes, time.",
        discussion: """
            Solves the regression in full precision and on codes of every kind, and reports the measured error ratio \
            q = ‖A(x̂ − x)‖/(s√p) beside the one predicted from the codes, errors of the coefficients in standard \
            errors, bytes, and the times of building and solving, with what the default loses beside what it wins. \
            --quantizer and --transform restrict the comparison to one kind.

            Methods qr, svd, lsqr and lsmr solve the problem of the decoded numbers and differ in time only; normal \
            takes the bias out of it.

            --html draws a page that opens without a network; it needs gnuplot.
            """)

    @Argument(help: "A table as for qls solve, or - for standard input.")
    var data: String

    @OptionGroup var table: TableOptions

    @Option(help: ArgumentHelp("Bits per predictor entry, separated by commas.", valueName: "list"))
    var bits = "2,3,4,6,8"

    @Option(
        help: ArgumentHelp("Methods: normal, qr, pivoted-qr, svd, lsqr, lsmr, separated by commas.", valueName: "list"))
    var methods = "normal,qr"

    @Option(help: "Confidence of the intervals for the full-precision coefficients.")
    var confidence = 0.95

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    @Option(help: ArgumentHelp("Also write a page with plots into this file.", valueName: "file"))
    var html: String?

    func validate() throws {
        _ = try chosenBits()
        _ = try chosenMethods()
        guard confidence > 0, confidence < 1 else { throw ValidationError("--confidence lies between 0 and 1.") }
        if let option = optionsGiven(["--weights", "--covariance-factor"]).first {
            throw ValidationError("A comparison takes no \(option).")
        }
        if StoreFile.isStore(data) {
            throw ValidationError("A comparison needs the original numbers; \(data) is a store and has only codes.")
        }
        guard table.namesResponses else { throw ValidationError("Missing expected argument '--response <response>'") }
        try FileIdentity.refuse(html, amongInputs: [data, table.rightHandSides])
    }

    func run() throws {
        let kernels = try chosenKernels()
        let progress = ProgressBar()
        defer { progress.finish() }
        // What would keep the page from being written is found before the work.
        if html != nil { try Console.reporting { try Gnuplot.requireInstalled() } }
        let page = try html.map { path in try Console.reporting(path) { try ReplacementFile(replacing: path) } }
        let result = try Console.reporting(data) {
            let rows = try table.read(data, progress: progress).table
            guard rows.responses == 1 else {
                throw ValidationError("A comparison takes one response; there are \(rows.responses).")
            }
            return try comparison(kernels).run(rows) { progress.update("comparing", $0) }
        }
        if let page, let html {
            let text = try Console.reporting { try ComparisonPage(result, source: source).html() }
            try Console.reporting(html) {
                try page.write(Array(text.utf8).span, at: 0)
                try page.commit()
            }
        }
        progress.finish()
        try Console.write(report(result))
    }

    private var source: String { data == "-" ? "standard input" : URL(fileURLWithPath: data).lastPathComponent }

    private func comparison(_ kernels: Kernels) throws -> RegressionComparison {
        var comparison = RegressionComparison()
        comparison.bits = try chosenBits()
        comparison.methods = try chosenMethods()
        if table.quantizer != .automatic { comparison.quantizers = [table.quantizer] }
        if table.transform != .automatic { comparison.transforms = [table.transform] }
        comparison.options = table.quantization(bits: 4)
        comparison.problem.intercept = !table.noIntercept
        comparison.problem.confidence = confidence
        comparison.problem.threads = table.threadCount
        comparison.problem.kernels = kernels
        return comparison
    }

    private func report(_ result: RegressionComparisonResult) throws -> String {
        let report = ComparisonReport(result, source: source)
        switch format {
        case .text: return report.text()
        case .markdown: return report.markdown()
        case .json: return try ComparisonJSON(result).text()
        }
    }

    private func chosenBits() throws -> [Int] {
        let numbers = try listed(bits).map { text in
            guard let number = Int(text), (1...8).contains(number) else {
                throw ValidationError("--bits takes numbers from 1 to 8 separated by commas; found \"\(text)\".")
            }
            return number
        }
        guard !numbers.isEmpty else { throw ValidationError("--bits takes numbers from 1 to 8.") }
        return numbers
    }

    private func chosenMethods() throws -> [SolverMethod] {
        let chosen = try listed(methods).map { text in
            guard let method = SolverMethod(rawValue: text), method != .automatic else {
                let known = SolverMethod.allCases.filter { $0 != .automatic }.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--methods: no method \"\(text)\"; there are \(known).")
            }
            return method
        }
        guard !chosen.isEmpty else { throw ValidationError("--methods takes at least one method.") }
        return chosen
    }
}
