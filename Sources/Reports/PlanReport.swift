import Foundation
import LeastSquares

/// A bit plan with its certificate, as text, Markdown or the JSON object `qls.plan/1`.
public struct PlanReport {
    private let planned: PlannedRegression
    private let goal: PlanGoal
    private let source: String

    /// A report on a plan; `source` names the data.
    public init(_ planned: PlannedRegression, goal: PlanGoal, source: String) {
        self.planned = planned
        self.goal = goal
        self.source = source
    }

    private var rows: Int { planned.regression.matrix.rows }

    private func bytes(_ plan: BitPlan) -> Int { (rows * plan.bitsPerRow + 7) / 8 }

    private func lines() -> [String] {
        let matrix = planned.regression.matrix
        var lines = ["Bit plan: \(source)"]
        switch goal {
        case .errorRatio(let target):
            lines.append(
                "wanted: quantization moves the fit by at most \(NumberFormat.general(target)) of the sampling error")
        case .coefficientError(let target):
            lines.append(
                "wanted: quantization moves no coefficient by more than \(NumberFormat.general(target)) standard errors "
                    + "(standard deviation)")
        case .bytes(let bytes): lines.append("wanted: at most \(NumberFormat.count(bytes)) bytes of codes")
        }
        lines.append(
            (planned.isMet ? "met" : "NOT MET") + ": predicted from the codes that were made, "
                + "\(NumberFormat.general(planned.errorRatio, digits: 3)) of the sampling error, no coefficient by more than "
                + "\(NumberFormat.general(planned.coefficientError, digits: 3)) standard errors")
        lines.append(
            "\(NumberFormat.count(matrix.codeBytes)) bytes of codes, \(NumberFormat.count(matrix.sideBytes)) of side data, "
                + "for \(NumberFormat.count(rows)) rows of \(planned.plan.bitsPerRow) bits; "
                + "\(planned.builds) \(planned.builds == 1 ? "build" : "builds")")
        if let uniform = planned.uniform {
            lines.append(
                "with the same bits for all predictors and 8 for responses: \(uniform.columns.map(\.bits).max() ?? 0) bits, "
                    + "\(NumberFormat.count(bytes(uniform))) bytes")
        }
        lines.append(
            "quantizer \(planned.regression.description.quantizer), transform "
                + (matrix.transform.isIdentity ? "none" : "decorrelate"))
        return lines
    }

    private func table() -> AlignedTable {
        var table = AlignedTable(header: ["column", "bits"])
        for column in planned.plan.columns { table.rows.append([column.name, String(column.bits)]) }
        for name in planned.regression.responses {
            table.rows.append(["\(name) (response)", String(planned.plan.responseBits)])
        }
        return table
    }

    /// Plain text.
    public func text() -> String {
        (lines() + [""] + table().text().map { "  " + $0 }).joined(separator: "\n") + "\n"
    }

    /// Markdown.
    public func markdown() -> String {
        let lines = lines()
        return (["# \(lines[0])", ""] + lines.dropFirst().map { "- " + $0 } + [""] + table().markdown())
            .joined(separator: "\n") + "\n"
    }

    /// The JSON object, keys sorted, with a newline at the end.
    public func json() throws -> String {
        try jsonText(Object(self))
    }

    private struct Object: Encodable {
        struct Column: Encodable {
            let name: String
            let bits: Int
        }

        let schema = "qls.plan/1"
        let columns: [Column]
        let responseBits, bitsPerRow, bytes, sideBytes, rows, builds: Int
        let quantizer, transform: String
        let targetErrorRatio, targetCoefficientError: Double?
        let targetBytes, uniformBits, uniformBytes: Int?
        let predictedErrorRatio, predictedCoefficientError: Finite
        let isMet: Bool

        init(_ report: PlanReport) {
            let planned = report.planned, matrix = planned.regression.matrix
            columns = planned.plan.columns.map { Column(name: $0.name, bits: $0.bits) }
            responseBits = planned.plan.responseBits
            bitsPerRow = planned.plan.bitsPerRow
            bytes = matrix.codeBytes
            sideBytes = matrix.sideBytes
            rows = matrix.rows
            builds = planned.builds
            quantizer = planned.regression.description.quantizer
            transform = matrix.transform.isIdentity ? "none" : "decorrelate"
            targetErrorRatio = if case .errorRatio(let target) = report.goal { target } else { nil }
            targetCoefficientError = if case .coefficientError(let target) = report.goal { target } else { nil }
            targetBytes = if case .bytes(let bytes) = report.goal { bytes } else { nil }
            uniformBits = planned.uniform.flatMap { $0.columns.map(\.bits).max() }
            uniformBytes = planned.uniform.map(report.bytes)
            predictedErrorRatio = Finite(planned.errorRatio)
            predictedCoefficientError = Finite(planned.coefficientError)
            isMet = planned.isMet
        }
    }
}
