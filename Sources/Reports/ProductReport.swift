import Experiments
import Foundation

/// A matrix product experiment as text or Markdown.
public struct ProductReport {
    private let result: MatrixProductResult

    /// A report of a result.
    public init(_ result: MatrixProductResult) { self.result = result }

    /// Plain text.
    public func text() -> String { ([title, ""] + table.text() + ["", entries, bound, ""]).joined(separator: "\n") }

    /// Markdown.
    public func markdown() -> String {
        (["# Quantized product", "", title, ""] + table.markdown() + ["", entries, bound, ""]).joined(separator: "\n")
    }

    private var title: String {
        let shape = "\(result.rows) × \(result.inner) times \(result.inner) × \(result.columns)"
        let full = 8 * result.inner * (result.rows + result.columns)
        return "Product of \(shape) at \(result.bits) bits per entry. Correlation of the entries that are multiplied: "
            + "\(NumberFormat.general(result.correlation, digits: 3)). Full precision: \(NumberFormat.count(full)) bytes."
    }

    private var bound: String {
        "No code of this rate has a relative error below \(NumberFormat.general(result.bound, digits: 4)) "
            + "(\(decibel(result.bound)) dB) for independent Gaussian entries."
    }

    private var entries: String {
        "Errors of single entries are root mean squares; \"within\" is the share of entries whose error is within 1.96 "
            + "predicted standard deviations of the predicted bias."
    }

    private var table: AlignedTable {
        var table = AlignedTable(header: [
            "method", "relative error", "predicted", "dB", "entry error", "predicted sd", "predicted bias", "within",
            "bytes",
        ])
        for outcome in result.outcomes {
            let check = outcome.check
            table.rows.append([
                outcome.method.rawValue, NumberFormat.general(outcome.relativeError, digits: 4),
                NumberFormat.general(outcome.predictedRelativeError, digits: 4), decibel(outcome.relativeError),
                NumberFormat.general(check.errorOfEntry, digits: 4),
                NumberFormat.general(check.standardDeviationOfEntry, digits: 4),
                NumberFormat.general(check.biasOfEntry, digits: 3), String(format: "%.1f%%", 100 * check.coverage),
                NumberFormat.count(outcome.bytes),
            ])
        }
        return table
    }

    private func decibel(_ value: Double) -> String {
        value > 0 && value.isFinite ? String(format: "%.2f", 10 * log10(value)) : "–"
    }
}
