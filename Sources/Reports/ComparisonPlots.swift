import Experiments
import LeastSquares

/// The pictures of a comparison, as gnuplot scripts.
struct ComparisonPlots {
    let result: RegressionComparisonResult

    /// A picture with what it shows.
    struct Plot {
        let title: String
        let caption: String
        let script: String
        var width = 820
        var height = 460
    }

    /// All pictures, the main one first. What a comparison has no numbers for is left out.
    func all() -> [Plot] {
        [errorAgainstBits, errorAgainstBytes, intervals, codebooks, bitsPerColumn, times].compactMap(\.self)
    }

    // MARK: Error against bits and bytes

    /// A line of a plot: its name, its points by bits and bytes, its style.
    private struct Curve {
        let name: String
        let points: [ComparisonRow]
        let style: String
    }

    private static let colours = ["#b2182b", "#ef8a62", "#8073ac", "#1b7837", "#5aae61", "#878787"]

    /// The default, plain uniform codes, and of each quantizer the best transform and method.
    private var curves: [Curve] {
        let standard = Curve(
            name: "default", points: result.bits.compactMap(result.standard), style: "lw 3 pt 7 ps 0.8 lc rgb '#2166ac'"
        )
        let others = result.rows.filter { !$0.isDefault && ($0.measured ?? 0) > 0 }
        let plain = others.filter { $0.quantizer == .uniform && $0.transform == .none && $0.method == .qr }
        let quantizers = Quantizer.allCases.filter { q in others.contains { $0.quantizer == q } }
        let bests = quantizers.enumerated().map { place, quantizer in
            let points = result.bits.compactMap { bits in
                result.ranked(bits: bits).first {
                    !$0.isDefault && $0.quantizer == quantizer && ($0.measured ?? 0) > 0
                }
            }
            return Curve(
                name: "\(quantizer.rawValue), best", points: points,
                style: "lw 1.5 pt \(place + 4) ps 0.7 lc rgb '\(Self.colours[place % Self.colours.count])'")
        }
        let rival = Curve(name: "uniform as it is", points: plain, style: "lw 1.5 dt 2 pt 2 ps 0.7 lc rgb '#000000'")
        return [rival] + bests + [standard]
    }

    private var errorAgainstBits: Plot? {
        errorPlot(
            title: "Error against bits", x: "bits per number", setup: ["set xtics 1"],
            caption: "How far quantization moved the fit, in units of how far noise in the response moves it. Of each "
                + "quantizer the transform and method that came out best at that number of bits; “uniform as it is” are "
                + "equally spaced levels from minimum to maximum, solved without any correction."
        ) { "\($0.bits)" }
    }

    private var errorAgainstBytes: Plot? {
        let full = result.reference.bytes
        let least = result.rows.lazy.filter { $0.bytes > 0 }.map(\.bytes).min() ?? full
        let (left, right) = (0.8 * Double(least), 1.3 * Double(full))
        let ticks: [String] = (0...15).flatMap { power in ["1e\(power)", "2e\(power)", "5e\(power)"] }
            .filter { Double($0).map { $0 > left && $0 < right } ?? false }
        let setup = [
            "set logscale x", "set format x '%.0s%c'", "set xrange [\(left):\(right)]",
            "set xtics (\(ticks.joined(separator: ", ")))",
            "set arrow from first \(full), graph 0 to first \(full), graph 1 nohead lc rgb '#666666' dt 3",
            "set label 'double precision ' at first \(full), graph 0.05 right tc rgb '#666666'",
        ]
        return errorPlot(
            title: "Error against bytes", x: "bytes of codes and side data",
            setup: setup,
            caption: "The same against everything that is stored: codes, codebooks, transform, exact sums."
        ) { "\($0.bytes)" }
    }

    private func errorPlot(
        title: String, x: String, setup: [String], caption: String, at position: (ComparisonRow) -> String
    ) -> Plot? {
        let curves = curves.filter { curve in curve.points.contains { ($0.measured ?? 0) > 0 } }
        guard !curves.isEmpty else { return nil }
        var lines =
            [
                "set logscale y", "set format y '%g'", "set grid lc rgb '#dddddd'", "set key outside right noenhanced",
                "set xlabel '\(x)'", "set ylabel 'error ratio q'",
            ] + setup
        lines.append("$band << EOD")
        for row in result.bits.compactMap(result.standard) {
            guard let q = row.predicted, q > 0, let range = row.predictedInterval else { continue }
            // A logarithmic axis has no 0.
            lines.append("\(position(row)) \(max(range.lowerBound, 0.01 * q)) \(range.upperBound) \(q)")
        }
        lines.append("EOD")
        for (place, curve) in curves.enumerated() {
            lines.append("$d\(place) << EOD")
            lines += curve.points.compactMap { row in
                row.measured.flatMap { $0 > 0 ? "\(position(row)) \($0)" : nil }
            }
            lines.append("EOD")
        }
        let band =
            "$band using 1:2:3 with filledcurves fc rgb '#d1e5f0' title 'predicted, 90%', "
            + "$band using 1:4 with lines lw 1 dt 4 lc rgb '#2166ac' title 'predicted', "
            + "1 with lines lw 1 lc rgb '#666666' title 'noise'"
        let drawn = curves.enumerated().map { "$d\($0) using 1:2 with linespoints \($1.style) title '\($1.name)'" }
        lines.append("plot " + ([band] + drawn).joined(separator: ", "))
        return Plot(
            title: title,
            caption: caption + " The band is where the default's ratio lies with 90% probability, as predicted from "
                + "its codes alone.", script: lines.joined(separator: "\n"))
    }
}
