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

            A store made by qls quantize is solved without the table: its bits, weights and intercept are those it was \
            made with; --predictors, --exclude and --response choose among its columns, and any of them may be the \
            response; --rows and --exclude-rows choose among its rows.
            """)

    @Argument(
        help: """
            A table: delimited text with a header row, a NumPy array or a Matrix Market file, each also compressed by \
            gzip or Zstandard; - for standard input; or a .qls store.
            """)
    var data: String

    @OptionGroup var table: TableOptions

    @Option(
        help: ArgumentHelp(
            """
            Rows of a store to solve with, by their numbers in the table it was made of: 17, 1-1000, 3/10 (every tenth \
            from the third), separated by commas, or @FILE.
            """, valueName: "list"))
    var rows: RowChoice?

    @Option(help: ArgumentHelp("Rows of a store to leave out, given likewise.", valueName: "list"))
    var excludeRows: RowChoice?

    @OptionGroup var kind: ProblemOptions

    @Option(parsing: .unconditional, help: "Bits per predictor entry, 1 to 8, or full for no quantization.")
    var bits: BitCount = .bits(4)

    @Option(
        help:
            """
            How the system is solved: auto, normal (Cholesky of normal equations), qr (Householder QR in row blocks), \
            pivoted-qr (with column pivoting), svd (solution of least norm), lsqr or lsmr (iterations on the rows or their codes).
            """
    )
    var method: SolverMethod = .automatic

    @Flag(help: "Also solve in full precision and report the true errors.")
    var reference = false

    @Flag(
        help: """
            Refine the solution on the original rows to full double precision; the codes precondition, each step is a \
            pass over the rows.
            """)
    var refine = false

    @Option(
        parsing: .unconditional,
        help: """
            Quantize the table N times again, with other random numbers and another order of rounding, and report how \
            far the solutions scatter.
            """)
    var redraws = 0

    @Flag(help: "Say which method solved it and why, and what else was considered.")
    var explain = false

    @Option(parsing: .unconditional, help: "Confidence of the intervals for the full-precision coefficients.")
    var confidence = 0.95

    @Option(
        help: """
            Standard errors: classical (one residual variance), or consistent where variances differ: hc0, hc1, hc2 or \
            hc3.
            """)
    var standardErrors: StandardErrors = .classical

    @Flag(help: "Add to JSON the covariances of the coefficients: sampling, and quantization.")
    var covariance = false

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    private var isStore: Bool { data.lowercased().hasSuffix(".qls") || StoreFile.isStore(data) }

    func validate() throws {
        if case .bits(let b) = bits, !(1...8).contains(b) { throw ValidationError("--bits takes 1 to 8, or full.") }
        guard redraws >= 0 else { throw ValidationError("--redraws takes a number of times.") }
        guard confidence > 0, confidence < 1 else { throw ValidationError("--confidence lies between 0 and 1.") }
        if isStore, reference {
            throw ValidationError("--reference needs the original numbers; a store has only codes.")
        }
        if isStore, refine {
            throw ValidationError(
                "--refine needs the original numbers; codes alone determine only the solution of the quantized problem."
            )
        }
        if isStore, redraws > 0 {
            throw ValidationError("--redraws needs the original numbers; a store has only codes.")
        }
        if refine, bits.count == nil { throw ValidationError("--refine is for codes; --bits full needs none.") }
        if bits.count == nil, let option = optionsGiven(["--quantizer", "--transform", "--response-bits"]).first {
            throw ValidationError("\(option) is for codes; --bits full makes none.")
        }
        if covariance, format != .json { throw ValidationError("--covariance is for --format json.") }
        if isStore, let option = table.given(also: ["--bits"]).first {
            throw ValidationError("\(option) cannot be chosen for a store: it was fixed when the store was made.")
        }
        if !isStore, rows != nil || excludeRows != nil {
            throw ValidationError(
                "--rows and --exclude-rows choose among the rows of a store; make one with qls quantize.")
        }
        if rows != nil, excludeRows != nil { throw ValidationError("--rows and --exclude-rows exclude each other.") }
        if !isStore, !table.namesResponses {
            throw ValidationError("Missing expected argument '--response <response>'")
        }
    }

    func run() throws {
        let kernels = try chosenKernels()
        let progress = ProgressBar()
        defer { progress.finish() }
        let solution = try Console.reporting(data) {
            let start = Date()
            let problem = try problem(kernels)
            if isStore {
                return try problem.solve(try chosenRows(try QuantizedRegression(store: data, kernels: kernels)))
            }
            let input = try table.readSystem(data, progress: progress)
            let read = Date().timeIntervalSince(start)
            let report = { (stage: LeastSquaresProblem.Stage, fraction: Double) in progress.update("\(stage)", fraction)
            }
            var solution =
                switch input {
                case .table(.plain(let rows)): try problem.solve(rows, progress: report)
                case .table(.weighted(let rows)): try problem.solve(rows, progress: report)
                case .sparse(let system): try solve(system)
                }
            solution.seconds.read = read
            solution.seconds.total += read
            return solution
        }
        progress.finish()
        try Console.write(report(solution))
    }

    private func problem(_ kernels: Kernels) throws -> LeastSquaresProblem {
        var problem = LeastSquaresProblem()
        problem.precision = bits.count.map { .quantized(table.quantization(bits: $0)) } ?? .full
        problem.intercept = !table.noIntercept
        problem.method = method
        problem.confidence = confidence
        problem.standardErrors = standardErrors
        problem.reference = reference
        problem.refines = refine
        problem.redraws = redraws
        problem.threads = table.threadCount
        problem.kernels = kernels
        problem.kind = try kind.kind()
        if isStore {
            problem.columns.predictors = table.predictors.map(listed)
            problem.columns.excluded = Set(listed(table.exclude))
            problem.columns.responses = table.response.map(listed)
        }
        return problem
    }

    /// The rows of a store that were chosen.
    private func chosenRows(_ store: QuantizedRegression) throws -> QuantizedRegression {
        if let rows { return try store.selecting(rows: try rows.rows(of: store.matrix.rows)) }
        if let excludeRows { return try store.excluding(rows: try excludeRows.rows(of: store.matrix.rows)) }
        return store
    }

    /// Solves a sparse system. Throws `ValidationError` for options that it does not have.
    private func solve(_ system: SparseInput) throws -> Solution {
        #if SuiteSparse
            try refuseForSparse()
            var problem = SparseLeastSquares()
            problem.bits = bits.count
            problem.method = method
            problem.confidence = confidence
            problem.reference = reference
            problem.seed = table.seed
            return try problem.solve(
                system.matrix, system.rightHandSides, names: system.responses, columnNames: system.columnNames)
        #else
            throw ValidationError(
                "This program was built without SuiteSparse: a coordinate matrix with --rhs cannot be solved.")
        #endif
    }

    private func refuseForSparse() throws {
        let refused: [(isGiven: Bool, option: String)] = [
            (table.weights != nil, "--weights"), (table.covarianceFactor != nil, "--covariance-factor"),
            (kind.ridge != nil, "--ridge"),
            (kind.constraints != nil, "--constraints"), (kind.lower != nil, "--lower"), (kind.upper != nil, "--upper"),
            (kind.nonnegative, "--nonnegative"), (refine, "--refine"), (redraws > 0, "--redraws"),
            (method == .svd || method == .pivotedQR, "--method \(method.rawValue)"),
            (table.missing == .drop, "--missing drop"), (covariance, "--covariance"),
            (standardErrors != .classical, "--standard-errors \(standardErrors.rawValue)"),
            (![.automatic, .none].contains(table.transform), "--transform \(table.transform.rawValue)"),
            (![.automatic, .optimal].contains(table.quantizer), "--quantizer \(table.quantizer.rawValue)"),
            (table.responseBits.count != nil && !optionsGiven(["--response-bits"]).isEmpty, "--response-bits"),
        ]
        if let option = refused.first(where: \.isGiven)?.option {
            throw ValidationError(
                "\(option) is not for sparse systems (a coordinate matrix with --rhs); write the matrix in the array "
                    + "format, as CSV or as NumPy array, and it is solved as a table.")
        }
    }

    private func report(_ solution: Solution) throws -> String {
        let name = data == "-" ? "standard input" : URL(fileURLWithPath: data).lastPathComponent
        let report = SolutionReport(solution, source: name, confidence: confidence, explain: explain)
        switch format {
        case .text: return report.text()
        case .markdown: return report.markdown()
        case .json: return try SolutionJSON(solution, explain: explain, covariance: covariance).text()
        }
    }
}
