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
            + "calibration arrays."
    }

    private var headTitle: String { "Relative squared error of each head in dB." }

    private var table: AlignedTable {
        var table = AlignedTable(header: [
            "method", "error, dB", "expected, dB", "wins over INT", "wins over FP", "transform",
        ])
        for summary in result.summaries {
            table.rows.append([
                summary.method.rawValue, String(format: "%.2f", summary.relativeErrorDecibel),
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
        columns.removeAll { method in !result.heads.contains { $0.errors[method] != nil } }
        var table = AlignedTable(header: ["head", "key head"] + columns.map(\.rawValue))
        for head in result.heads {
            table.rows.append(
                ["\(head.queryHead)", "\(head.keyHead)"]
                    + columns.map { method in head.decibel(method).map { String(format: "%.2f", $0) } ?? "–" })
        }
        return table
    }
}
