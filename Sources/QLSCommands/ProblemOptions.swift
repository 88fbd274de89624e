import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// Options that make another problem of ordinary least squares: a penalty, constraints or bounds.
struct ProblemOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Ridge penalty on the squared coefficients (columns centred, not scaled; the intercept is free): one, several \
            separated by commas, or auto for 61 of which the best is chosen.
            """, valueName: "penalty"))
    var ridge: String?

    @Option(
        help: """
            How one of several penalties is chosen: leave-one-out (each row predicted from the others) or \
            generalized-cross-validation.
            """)
    var ridgeCriterion: RidgePenalty.Criterion = .leaveOneOut

    @Option(
        help: ArgumentHelp(
            """
            Linear constraints C·x = d from a table with a header: a row per constraint, columns named like the \
            coefficients (those that are missing count 0), the last column d.
            """, valueName: "file"))
    var constraints: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Lower bounds: one number for all coefficients, or name=number,…", valueName: "bounds"))
    var lower: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Upper bounds, likewise.", valueName: "bounds"))
    var upper: String?

    @Flag(help: "No coefficient below 0 (the intercept is free).")
    var nonnegative = false

    func validate() throws {
        let given = [ridge != nil, constraints != nil, lower != nil || upper != nil || nonnegative].filter { $0 }
        guard given.count <= 1 else {
            throw ValidationError("--ridge, --constraints and bounds exclude each other.")
        }
        if nonnegative, lower != nil { throw ValidationError("--nonnegative and --lower exclude each other.") }
        if ridge == nil, !optionsGiven(["--ridge-criterion"]).isEmpty {
            throw ValidationError("--ridge-criterion is for --ridge.")
        }
        _ = try ridgePenalty()
        _ = try bounds()
    }

    /// The kind of problem. Reads the constraints.
    func kind() throws -> ProblemKind {
        if let penalty = try ridgePenalty() { return .ridge(penalty) }
        if let bounds = try bounds() { return .bounded(bounds) }
        guard let constraints else { return .ordinary }
        let source = try openTable(path: constraints)
        let names = source.columnNames
        let rows = try source.readMatrix()
        let last = rows.columns - 1
        guard last > 0 else {
            throw RegressionError.invalidProblem(
                "\(constraints): one column; expected the coefficients' columns and a last one of right-hand sides.")
        }
        return .constrained(
            try LinearConstraints(
                names: Array(names.dropLast()), matrix: rows.submatrix(rows: 0..<rows.rows, columns: 0..<last),
                rightHandSide: rows.column(last)))
    }

    private func ridgePenalty() throws -> RidgePenalty? {
        guard let ridge else { return nil }
        if ridge == "auto" { return RidgePenalty([], criterion: ridgeCriterion) }
        let penalties = try Self.parts(ridge).map { text in
            guard let value = Double(text), value >= 0, value.isFinite else {
                throw ValidationError("--ridge takes numbers of at least 0, or auto; found \"\(text)\".")
            }
            return value
        }
        return RidgePenalty(penalties, criterion: ridgeCriterion)
    }

    private func bounds() throws -> CoefficientBounds? {
        guard nonnegative || lower != nil || upper != nil else { return nil }
        var result = nonnegative ? CoefficientBounds.nonnegative : CoefficientBounds()
        if let lower { (result.lower, result.lowerOfOthers) = try Self.parse(lower, "--lower", others: -.infinity) }
        if let upper { (result.upper, result.upperOfOthers) = try Self.parse(upper, "--upper", others: .infinity) }
        return result
    }

    private static func parse(_ text: String, _ option: String, others: Double) throws -> ([String: Double], Double) {
        if let number = Double(text), !number.isNaN { return ([:], number) }
        var bounds: [String: Double] = [:]
        for part in parts(text) {
            guard let sign = part.lastIndex(of: "="), let value = Double(part[part.index(after: sign)...]), !value.isNaN
            else { throw ValidationError("\(option) takes a number, or name=number,…; found \"\(part)\".") }
            let name = String(part[..<sign])
            guard bounds.updateValue(value, forKey: name) == nil else {
                throw ValidationError("\(option) names \(name) twice.")
            }
        }
        return (bounds, others)
    }

    /// What commas separate, empty parts too.
    private static func parts(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

extension RidgePenalty.Criterion: ExpressibleByArgument {}
