import Experiments
import Foundation

/// An attention experiment as text or Markdown: one line per method, then the errors per head.
public struct AttentionReport {
    private let result: AttentionResult

    /// A report of a result.
    public init(_ result: AttentionResult) { self.result = result }

    /// Plain text.
    public func text() -> String {
        ([title, ""] + table.text() + ["", headTitle, ""] + heads.text() + [""]).joined(separator: "\n")
    }

    /// Markdown.
    public func markdown() -> String {
        (["# Query–key products", "", title, ""] + table.markdown() + ["", "## Heads", "", headTitle, ""]
            + heads.markdown() + [""]).joined(separator: "\n")
    }

    private var title: String {
        "Error of the attention logits at \(result.bits) bits per entry, \(result.heads.count) heads: codes fitted on the "
            + "calibration arrays. \"Predicted\" is from the codes and the moments kept with them, \"calibration\" from "
            + "the calibration arrays; \"misprediction\" is the median over heads of predicted over measured error or its "
            + "inverse, \"within\" the share of logits within 1.96 predicted standard deviations."
    }

    private var headTitle: String { "Relative squared error of each head in dB." }

    private var table: AlignedTable {
        var table = AlignedTable(header: [
            "method", "error, dB", "predicted, dB", "misprediction", "within", "calibration, dB", "wins over INT",
            "wins over FP", "transform",
        ])
        for summary in result.summaries {
            table.rows.append([
                summary.method.rawValue, String(format: "%.2f", summary.relativeErrorDecibel),
                String(format: "%.2f", summary.predictedErrorDecibel),
                String(format: "%.2f", summary.medianMisprediction), percent(summary.coverage),
                String(format: "%.2f", summary.expectedErrorDecibel),
                percent(summary.winsOverInteger), percent(summary.winsOverFloat),
                summary.method.isUntransformed ? "no" : "yes",
            ])
        }
        return table
    }

    private func percent(_ share: Double) -> String { String(format: "%.1f%%", 100 * share) }

    /// The columns: the default, the best without a transform, the paper's compander, INT and FP, as far as evaluated.
    private var heads: AlignedTable {
        var columns = result.methods.prefix(1).map { $0 }
        let untransformed = result.summaries
            .filter { $0.method.isUntransformed && $0.method != .integer && $0.method != .float }
            .min { $0.relativeErrorDecibel < $1.relativeErrorDecibel }
        if let best = untransformed?.method { columns.append(best) }
        columns += [.companding, .integer, .float]
        columns = columns.enumerated().filter { !columns[..<$0.offset].contains($0.element) }.map(\.element)
        columns.removeAll { method in !result.heads.contains { $0.checks[method] != nil } }
        var table = AlignedTable(header: ["head", "key head"] + columns.map(\.rawValue))
        for head in result.heads {
            table.rows.append(
                ["\(head.queryHead)", "\(head.keyHead)"]
                    + columns.map { method in head.decibel(method).map { String(format: "%.2f", $0) } ?? "–" })
        }
        return table
    }
}
