import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls plan`: bits per column for a goal.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Find the bits per column that an accuracy, or a number of bytes, asks for.",
        discussion: """
            The goal is one of: --target-ratio, how far quantization may move the fit, as a part of the sampling error; \
            --target-coefficient, the same for each coefficient, in standard errors; --bytes of codes. A sample of the \
            rows tells where bits help most; then the codes are made, their predicted error is held against the goal, \
            and the plan is made again where it misses. --output keeps the codes. Exit code 65 if no plan of at most 8 \
            bits per entry meets the goal.
            """)

    @Argument(help: "A table as for qls solve, or - for standard input.")
    var data: String

    @OptionGroup var table: TableOptions

    @Option(parsing: .unconditional, help: "The wanted error ratio q: 1 means as far as noise in the response does.")
    var targetRatio: Double?

    @Option(
        parsing: .unconditional,
        help: "The wanted quantization standard deviation of every coefficient, in standard errors.")
    var targetCoefficient: Double?

    @Option(parsing: .unconditional, help: "The most bytes of codes.")
    var bytes: Int?

    @Option(name: [.short, .customLong("output")], help: "The store to write the codes to.")
    var output: String?

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    func validate() throws {
        let goals = [targetRatio != nil, targetCoefficient != nil, bytes != nil].count(where: \.self)
        guard goals == 1 else {
            throw ValidationError("One goal is needed: --target-ratio, --target-coefficient or --bytes.")
        }
        for target in [targetRatio, targetCoefficient].compactMap(\.self) where !(target > 0 && target.isFinite) {
            throw ValidationError("An error to reach is a positive number.")
        }
        if let bytes, bytes <= 0 { throw ValidationError("--bytes takes a positive number.") }
        if StoreFile.isStore(data) { throw ValidationError("A plan needs the numbers; a store has only codes.") }
        if !table.namesResponses { throw ValidationError("Missing expected argument '--response <response>'") }
        let refused = ["--response-bits", "--weights", "--weight-kind", "--covariance-factor"]
        if let option = optionsGiven(refused).first {
            throw ValidationError("\(option) cannot be combined with a plan.")
        }
        try FileIdentity.refuse(output, amongInputs: [data, table.rightHandSides])
    }

    private var goal: PlanGoal {
        if let targetRatio { return .errorRatio(targetRatio) }
        if let targetCoefficient { return .coefficientError(targetCoefficient) }
        return .bytes(bytes ?? 0)
    }

    func run() throws {
        let kernels = try chosenKernels()
        let progress = ProgressBar()
        defer { progress.finish() }
        let planned = try Console.reporting(data) {
            let rows = try table.read(data, progress: progress).table
            var problem = LeastSquaresProblem()
            problem.precision = .quantized(table.quantization(bits: 4))
            problem.intercept = !table.noIntercept
            problem.threads = table.threadCount
            problem.kernels = kernels
            return try BitPlanner(rows, problem: problem).plan(for: goal) { progress.update($0, 0) }
        }
        progress.finish()
        if let output, planned.isMet {
            try Console.reporting(output) { try planned.regression.write(store: output, threads: table.threadCount) }
        }
        let name = data == "-" ? "standard input" : URL(fileURLWithPath: data).lastPathComponent
        let report = PlanReport(planned, goal: goal, source: name)
        switch format {
        case .text: try Console.write(report.text())
        case .markdown: try Console.write(report.markdown())
        case .json: try Console.write(try report.json())
        }
        guard planned.isMet else {
            Console.complain("\(data): no plan of at most 8 bits per entry meets the goal; nothing was written.")
            throw Exit.badData
        }
    }
}
