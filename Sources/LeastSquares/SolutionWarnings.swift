import Foundation
import QuantizedMatrices

/// Collects what the reader of a solution should know, in words.
struct SolutionWarnings {
    private(set) var list: [String] = []

    mutating func dropped(_ columns: [DroppedColumn]) {
        for column in columns { list.append("\(column.name) was left out: \(column.reason).") }
    }

    mutating func missing(_ rows: Int) {
        if rows > 0 { list.append("\(rows) rows with missing values were left out.") }
    }

    /// What is said where rows that were chosen do not determine all coefficients.
    static let undetermined =
        "These are too few rows for so many coefficients at these bits: no error is predicted."

    /// What is said of rows that were chosen; nil for all rows.
    static func chosenRows(_ matrix: QuantizedMatrix) -> String? {
        guard let whole = matrix.chosenFrom else { return nil }
        return
            "These are \(matrix.rows) of \(whole) rows that were quantized together: their means and sums of squares are "
            + "estimated from the codes, and there is no worst-case bound."
    }

    mutating func weights(_ weighting: Weighting?) {
        guard let weighting, weighting.zeroRows > 0 else { return }
        list.append("\(weighting.zeroRows) rows of weight 0 were left out.")
    }

    /// Warns where rounding in double precision leaves fewer than 6 digits.
    mutating func roundingDigits(system: SolvedSystem) {
        let kappa = system.conditionNumber
        let lost = log10(max(1, kappa)) * (system.method == .normal ? 2 : 1)
        let digits = 16 - lost
        if digits < 6 {
            let advice = system.method == .normal ? "; --method qr keeps more" : ""
            list.append(
                "The condition number is \(Self.short(kappa)): about \(Int(max(0, digits))) digits of the "
                    + "coefficients can be trusted in double precision\(advice).")
        }
    }

    mutating func largeError(_ responses: [ResponseSolution]) {
        for response in responses {
            guard let q = response.predictedErrorRatio, q > 1, !isExact(response) else { continue }
            list.append(
                "\(response.name): quantization moves the fit by about \(Self.short(q)) times the sampling error; "
                    + "more bits would pay.")
        }
    }

    mutating func indefinite() {
        list.append(
            "Bits hardly suffice to tell the columns apart: the errors of the codes cannot be taken out of their moments, "
                + "and no error is predicted.")
    }

    mutating func unbounded(_ responses: [ResponseSolution]) {
        let names = responses.filter { $0.predictedErrorRatio != nil && $0.worstCaseErrorRatio == nil }.map(\.name)
        guard !names.isEmpty else { return }
        list.append(
            "No finite worst-case bound for \(names.joined(separator: ", ")): errors of this size could, in the worst "
                + "case, make the columns dependent.")
    }

    mutating func noFreedom(_ responses: [ResponseSolution], freedom: Double) {
        // Those that do not vary are named elsewhere.
        let unknown = responses.filter { $0.residualStandardDeviation == nil && (freedom <= 0 || $0.rSquared != nil) }
            .map(\.name)
        guard !unknown.isEmpty else { return }
        list.append(
            freedom > 0
                ? "What the codes leave of the residuals of \(unknown.joined(separator: ", ")) is less than their own errors: "
                    + "how large residuals, standard errors and error ratios are is unknown. More bits, or a transform, would "
                    + "tell."
                : "There are no residual degrees of freedom: standard errors and error ratios are undefined.")
    }

    /// Warns of responses without variation, and of fits whose residuals are rounding (1 − R² below 1e−12).
    mutating func degenerate(_ responses: [ResponseSolution]) {
        for response in responses {
            guard response.rSquared != nil else {
                list.append("\(response.name) does not vary: R² and what is relative to it are undefined.")
                continue
            }
            if response.residualStandardDeviation != nil, isExact(response) {
                list.append(
                    "\(response.name): the fit is exact to rounding; standard errors, t, F and error ratios are relative "
                        + "to residuals that are rounding errors.")
            }
        }
    }

    /// Whether the residuals are rounding errors.
    private func isExact(_ response: ResponseSolution) -> Bool { response.rSquared.map { 1 - $0 < 1e-12 } ?? false }

    mutating func leastNorm(_ system: SolvedSystem) {
        guard system.deficiency > 0 else { return }
        list.append(
            "\(system.deficiency) of \(system.kept.count) directions of the columns cannot be told from zero: of all "
                + "coefficients that fit equally well these have the least sum of squares.")
    }

    mutating func iteration(_ end: IterationSummary?, method: SolverMethod) {
        guard let end, !end.hasConverged else { return }
        list.append(
            "\(method.title) stopped after \(end.iterations) iterations at its \(end.reason): what is left is in the error "
                + "ratio.")
    }

    mutating func add(_ text: String) { list.append(text) }

    static func short(_ x: Double) -> String { String(format: "%.3g", x) }
}
