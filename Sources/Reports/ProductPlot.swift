import Experiments
import Foundation

/// Error against bits for all methods, with the bound, drawn by gnuplot.
public struct ProductPlot {
    private let results: [MatrixProductResult]

    /// A plot of results for several numbers of bits.
    public init(_ results: [MatrixProductResult]) { self.results = results }

    /// Draws the plot into an SVG file. Throws `PlotError`.
    public func draw(to path: String) throws(PlotError) { try Gnuplot.draw(script, to: path) }

    /// The gnuplot script: one curve per method, and the bound.
    public var script: String {
        var lines = [
            "set title 'Quantized matrix product'", "set xlabel 'bits per entry'",
            "set ylabel 'relative squared error, dB'", "set key outside right", "set grid lc rgb '#dddddd'",
            "set xtics 1",
        ]
        let methods = ProductMethod.allCases.filter { method in
            results.contains { $0.outcomes.contains { $0.method == method } }
        }
        for (index, method) in methods.enumerated() {
            lines.append("$d\(index) << END")
            for result in results {
                guard let error = result.outcomes.first(where: { $0.method == method })?.relativeError, error > 0,
                    error.isFinite
                else { continue }
                lines.append("\(result.bits) \(10 * log10(error))")
            }
            lines.append("END")
        }
        lines.append("$bound << END")
        lines += results.map { "\($0.bits) \(10 * log10($0.bound))" }
        lines.append("END")
        let curves = methods.enumerated().map { index, method in
            "$d\(index) using 1:2 with linespoints pt \(index + 1) ps 0.7 title '\(method.rawValue)' noenhanced"
        }
        let bound = "$bound using 1:2 with lines lw 2 dt 2 lc rgb 'black' title 'bound, independent Gaussian'"
        lines.append("plot " + (curves + [bound]).joined(separator: ", "))
        return lines.joined(separator: "\n")
    }
}
