import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// Options of commands that read a table and quantize it.
struct TableOptions: ParsableArguments {
    @Option(help: "Response column: a name or a 1-based number; several separated by commas.")
    var response: String?

    @Option(
        name: .customLong("rhs"),
        help: ArgumentHelp(
            "File whose columns stand beside those of the table; they are the responses unless --response says else.",
            valueName: "file"))
    var rightHandSides: String?

    @Option(help: "Bits per response entry, 1 to 16, or full.")
    var responseBits: BitCount = .bits(8)

    @Option(help: "Predictors, separated by commas (default: every column that is not a response).")
    var predictors: String?

    @Option(help: "Columns to leave out, separated by commas.")
    var exclude: String?

    @Flag(help: "Fit without an intercept.")
    var noIntercept = false

    @Option(help: ArgumentHelp("Column of observation weights.", valueName: "name"))
    var weights: String?

    @Option(
        help: "analytic: the variance of a row is proportional to 1/weight; frequency: a row stands for that many rows."
    )
    var weightKind: WeightKind = .analytic

    @Option(
        help: ArgumentHelp(
            """
            Correlated errors: a matrix B of a row per row of the table, their covariance being proportional to B·Bᵀ \
            (generalised least squares).
            """, valueName: "file"))
    var covarianceFactor: String?

    @Option(help: "auto, uniform, companding, lloyd-max, optimal, stochastic or balanced.")
    var quantizer: Quantizer = .automatic

    @Option(help: "Transform before quantization: auto, none or decorrelate.")
    var transform: TransformChoice = .automatic

    @Option(help: "Missing values: error, or drop the rows that have them.")
    var missing: MissingChoice = .error

    @Option(parsing: .unconditional, help: "Threads (default: all cores). The result does not depend on it.")
    var threads: Int?

    @Option(parsing: .unconditional, help: "Seed of the pilot sample and of stochastic rounding.")
    var seed: UInt64 = 1

    func validate() throws {
        if case .bits(let b) = responseBits, !(1...16).contains(b) {
            throw ValidationError("--response-bits takes 1 to 16, or full.")
        }
        if covarianceFactor != nil, weights != nil {
            throw ValidationError("--weights and --covariance-factor exclude each other.")
        }
        if covarianceFactor != nil, missing == .drop {
            throw ValidationError("--covariance-factor is for all rows of the table; --missing drop leaves out some.")
        }
        if weights == nil, !optionsGiven(["--weight-kind"]).isEmpty {
            throw ValidationError("--weight-kind is for --weights.")
        }
        if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1.") }
        for (name, text) in [("response", response), ("predictors", predictors), ("exclude", exclude)] {
            if text != nil, listed(text).isEmpty { throw ValidationError("--\(name) names no column.") }
        }
    }

    /// The options on the command line that say how numbers are quantized; in a store that is decided.
    func given(also others: [String] = []) -> [String] {
        let names = [
            "--rhs", "--response-bits", "--no-intercept", "--weights", "--weight-kind", "--covariance-factor",
            "--quantizer", "--transform",
            "--missing",
            "--seed",
        ]
        return optionsGiven(others + names)
    }

    /// The number of threads to use.
    var threadCount: Int { threads.orOnePerProcessor }

    /// Whether it is said which columns are responses.
    var namesResponses: Bool { !listed(response).isEmpty || rightHandSides != nil }

    /// Opens the table, with right-hand sides beside it if there are some; also the names of the responses.
    private func open(_ data: String) throws -> (source: any TableSource, responses: [String]) {
        let named = listed(response)
        if let rightHandSides {
            if data == "-" && rightHandSides == "-" {
                throw ValidationError("Standard input cannot be both the table and the right-hand sides.")
            }
            let joined = try JoinedTable(path: data, beside: rightHandSides, missing: missing.value)
            return (joined, named.isEmpty ? joined.rightHandSides : named)
        }
        guard !named.isEmpty else { throw ValidationError("Missing expected argument '--response <response>'") }
        return (try openTable(path: data, missing: missing.value), named)
    }

    /// Reads the chosen columns of a table, weighted if there are weights.
    func read(_ data: String, progress: ProgressBar) throws -> TableInput {
        let (source, responses) = try open(data)
        return try read(source, choice(source, responses), data, progress)
    }

    /// As ``read(_:progress:)``, but a matrix of the coordinate format with right-hand sides beside it stays sparse.
    func readSystem(_ data: String, progress: ProgressBar) throws -> SystemInput {
        let (source, responses) = try open(data)
        let choice = try choice(source, responses)
        if let joined = source as? JoinedTable, let matrix = joined.sparseMatrix {
            return .sparse(try SparseInput(matrix, in: joined, choice))
        }
        return .table(try read(source, choice, data, progress))
    }

    private func choice(_ source: any TableSource, _ responses: [String]) throws -> ColumnChoice {
        try ColumnChoice(
            source: source, responses: responses, predictors: listed(predictors), excluded: listed(exclude),
            weights: weights)
    }

    private func read(
        _ source: any TableSource, _ choice: ColumnChoice, _ data: String, _ progress: ProgressBar
    ) throws -> TableInput {
        try source.select(columns: choice.predictors + choice.responses + (choice.weights.map { [$0] } ?? []))
        let label = data == "-" ? "standard input" : data
        if let covarianceFactor {
            let whitening = try Whitening(covarianceFactor: openTable(path: covarianceFactor).readMatrix())
            return .weighted(
                try WeightedTable(
                    reading: source, predictors: choice.predictors.count, whitening: whitening, intercept: !noIntercept,
                    seed: seed, label: covarianceFactor))
        }
        guard choice.weights != nil else {
            return .plain(
                try RegressionTable(
                    reading: source, predictors: choice.predictors.count, seed: seed, threads: threadCount,
                    kernels: try chosenKernels()
                ) {
                    progress.update("reading", $0)
                })
        }
        return .weighted(
            try WeightedTable(
                reading: source, predictors: choice.predictors.count, kind: weightKind, intercept: !noIntercept,
                seed: seed, label: label
            ) { progress.update("reading", $0) })
    }

    /// Reads the columns of a store from a table: all its responses and predictors, but for predictors that the store left
    /// out and the table lacks.
    func read(_ data: String, like store: QuantizedRegression, progress: ProgressBar) throws -> RegressionTable {
        try Self.read(data, like: store, missing: missing.value, seed: seed, progress: progress)
    }

    static func read(
        _ data: String, like store: QuantizedRegression, missing: MissingValues, seed: UInt64, progress: ProgressBar
    ) throws -> RegressionTable {
        let source = try openTable(path: data, missing: missing)
        let there = Set(source.columnNames), left = Set(store.description.dependent.map(\.name))
        let predictors = store.description.predictorNames.filter { there.contains($0) || !left.contains($0) }
        try source.select(columns: predictors + store.responses)
        return try RegressionTable(
            reading: source, predictors: predictors.count, seed: seed, kernels: try chosenKernels()
        ) {
            progress.update("reading", $0)
        }
    }

    /// How the table is to be quantized.
    func quantization(bits: Int) -> QuantizationOptions {
        var options = QuantizationOptions()
        options.bits = bits
        options.responseBits = responseBits.count
        options.quantizer = quantizer
        options.transform = transform
        options.seed = seed
        return options
    }
}

/// A table that was read.
enum TableInput {
    case plain(RegressionTable)
    case weighted(WeightedTable)

    var table: RegressionTable {
        switch self {
        case .plain(let table): table
        case .weighted(let weighted): weighted.table
        }
    }

    var weighting: Weighting? { if case .weighted(let weighted) = self { weighted.weighting } else { nil } }
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
extension StandardErrors: ExpressibleByArgument {}

extension WeightKind: ExpressibleByArgument {
    /// The kinds that `--weight-kind` takes.
    public init?(argument: String) {
        guard let kind = WeightKind(rawValue: argument), kind != .covariance else { return nil }
        self = kind
    }

    /// Their names.
    public static var allValueStrings: [String] { [WeightKind.analytic, .frequency].map(\.rawValue) }
}
