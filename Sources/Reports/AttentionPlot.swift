import Experiments
import Foundation

/// The errors of the attention logits per head, drawn by gnuplot.
public struct AttentionPlot {
    private let result: AttentionResult

    /// A plot of a result.
    public init(_ result: AttentionResult) { self.result = result }

    /// Draws the plot into an SVG file. Throws `PlotError`.
    public func draw(to path: String) throws(PlotError) { try Gnuplot.draw(script, to: path) }

    /// The gnuplot script: one curve per method over the heads, the best method on top of the key.
    public var script: String {
        let shown = result.summaries.sorted { $0.relativeErrorDecibel < $1.relativeErrorDecibel }.map(\.method)
        var lines = [
            "set title 'Attention logits at \(result.bits) bits per entry'", "set xlabel 'query head'",
            "set ylabel 'relative squared error, dB'", "set key outside right", "set grid ytics lc rgb '#dddddd'",
            "set xrange [-0.5:\(Double(result.heads.count) - 0.5)]",
        ]
        for (index, method) in shown.enumerated() {
            lines.append("$d\(index) << END")
            for head in result.heads {
                if let value = head.decibel(method), value.isFinite { lines.append("\(head.queryHead) \(value)") }
            }
            lines.append("END")
        }
        let curves = shown.enumerated().map { index, method in
            "$d\(index) using 1:2 with linespoints pt \(index % 15 + 1) ps 0.6 title '\(method.rawValue)' noenhanced"
        }
        lines.append("plot " + curves.joined(separator: ", "))
        return lines.joined(separator: "\n")
    }
}
