import Experiments
import Foundation
import LeastSquares

extension ComparisonPlots {
    /// The default at 4 bits, or at the number nearest to it.
    private var detail: ComparisonDetail? {
        result.details.min { abs(($0.solution.bits ?? 0) - 4) < abs(($1.solution.bits ?? 0) - 4) }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? "'" : String($0) }.joined() + "\""
    }

    // MARK: Intervals

    /// Coefficients that are drawn at most.
    private static let drawnCoefficients = 40

    /// The intervals of both kinds, in standard errors from the full-precision coefficient; on the right only those of
    /// quantization.
    var intervals: Plot? {
        guard let solution = detail?.solution, let fit = solution.responses.first, let bits = solution.bits else {
            return nil
        }
        let spread = Distributions.studentQuantile(confidence: result.confidence, degreesOfFreedom: .infinity)
        let rows = zip(fit.coefficients, fit.reference?.coefficients ?? []).compactMap { found, exact -> [String]? in
            guard let se = exact.standardError, se > 0, let interval = found.quantizationInterval else { return nil }
            let delta = (found.estimate - exact.estimate) / se
            let (low, high) = ((interval.lowerBound - exact.estimate) / se, (interval.upperBound - exact.estimate) / se)
            return [Self.quoted(found.name), "\(delta)", "\(low)", "\(high)", "\(abs(exact.tStatistic ?? 0))"]
        }
        guard !rows.isEmpty else { return nil }
        let chosen = Set(
            rows.indices.sorted { Double(rows[$0][4]) ?? 0 > Double(rows[$1][4]) ?? 0 }.prefix(Self.drawnCoefficients))
        let drawn = rows.indices.filter(chosen.contains).map { rows[$0] }
        var lines = ["$d << EOD"]
        lines += drawn.enumerated().map { "\(drawn.count - $0) " + $1.joined(separator: " ") }
        lines += [
            "EOD", "set multiplot layout 1,2", "unset key", "set grid x lc rgb '#dddddd'",
            "set yrange [0.3:\(Double(drawn.count) + 0.7)]",
            "set xlabel 'standard errors' ", "set title 'sampling (grey) and quantization (blue)'",
            "set ytics noenhanced", "set xtics 1", "set tmargin 3", "set bmargin 5",
            "plot $d using 3:1:(\(-spread)+$3):(\(spread)+$3):ytic(2) with xerrorbars pt 0 lw 5 lc rgb '#cccccc', "
                + "$d using 3:1:4:5 with xerrorbars pt 7 ps 0.4 lw 2 lc rgb '#2166ac'",
            "set title 'quantization alone'", "unset ytics",
            "set arrow from 0, graph 0 to 0, graph 1 nohead lc rgb '#b2182b'",
            "set xtics autofreq rotate by -30",
            "plot $d using 3:1:4:5 with xerrorbars pt 7 ps 0.5 lw 2 lc rgb '#2166ac'", "unset multiplot",
        ]
        let percent = NumberFormat.general(100 * result.confidence, digits: 4)
        return Plot(
            title: "Intervals of the coefficients, \(ComparisonReport.heading(bits))",
            caption:
                "Distance from the full-precision coefficient (0) in its standard errors, \(percent)% intervals of the "
                + "default. Grey: where the true coefficient may lie for the noise in the response. Blue: where the "
                + "full-precision coefficient lies, computed from the codes alone"
                + (drawn.count < rows.count ? "; the \(drawn.count) of largest |t|, of \(rows.count)." : "."),
            script: lines.joined(separator: "\n"), height: 120 + max(180, 18 * drawn.count))
    }

    // MARK: Codebooks

    /// Histograms of the coarsest columns with the levels they are rounded to.
    var codebooks: Plot? {
        guard let detail, let bits = detail.solution.bits else { return nil }
        let columns = detail.columns.filter { !$0.isExact && $0.levels.count <= 64 && $0.sample.count > 1 }
            .sorted { $0.relativeDistortion > $1.relativeDistortion }.prefix(6)
        guard !columns.isEmpty else { return nil }
        var lines = [
            "set multiplot layout 2,3", "unset key", "unset ytics", "set style fill solid noborder",
            "set xtics font ',10' autofreq", "set title font ',12' noenhanced",
        ]
        for (place, column) in columns.enumerated() {
            let cells = Self.histogram(column.sample, cells: 60)
            lines.append("$h\(place) << EOD")
            lines += cells.counts.enumerated().map { "\(cells.low + (Double($0) + 0.5) * cells.width) \($1)" }
            lines += ["EOD", "$l\(place) << EOD"] + column.levels.map { "\($0) 1" } + ["EOD"]
            lines += [
                "set title \(Self.quoted(column.name))",
                "set xrange [\(cells.low):\(cells.low + 60 * cells.width)]", "set yrange [0:1.05]",
                "set xtics \(Self.step(60 * cells.width))", "set boxwidth \(cells.width)",
                "plot $h\(place) using 1:2 with boxes lc rgb '#bdd7e7', $l\(place) using 1:2 with impulses lw 1 lc rgb "
                    + "'#b2182b'",
            ]
        }
        lines.append("unset multiplot")
        return Plot(
            title: "Codebooks, \(ComparisonReport.heading(bits))",
            caption:
                "Numbers of a sample of the rows as they are quantized, after the transform (blue), and the levels "
                + "(red). The columns of largest relative distortion; the range holds 99.8% of the numbers.",
            script: lines.joined(separator: "\n"), height: columns.count > 3 ? 460 : 440)
    }

    /// A histogram over all but 0.1% of the numbers at each end, relative to its highest cell.
    static func histogram(_ sample: [Double], cells: Int) -> (low: Double, width: Double, counts: [Double]) {
        let sorted = sample.sorted(), cut = sorted.count / 1000
        let low = sorted[cut], high = sorted[sorted.count - 1 - cut]
        let width = high > low ? (high - low) / Double(cells) : 1
        var counts = [Double](repeating: 0, count: cells)
        for x in sorted where x >= low && x <= high { counts[min(cells - 1, Int((x - low) / width))] += 1 }
        let most = counts.max() ?? 1
        return (low, width, counts.map { $0 / max(1, most) })
    }

    /// A round distance of about three ticks over a range.
    private static func step(_ range: Double) -> Double {
        let rough = range / 3, power = pow(10, log10(rough).rounded(.down))
        return power * (rough / power >= 5 ? 5 : rough / power >= 2 ? 2 : 1)
    }

    // MARK: Bits and time

    /// Bits of every column, and what they leave of its variance as error.
    var bitsPerColumn: Plot? {
        guard let detail, let bits = detail.solution.bits else { return nil }
        let columns = detail.columns, named = columns.count <= 60
        var lines = ["$d << EOD"]
        // gnuplot draws nothing rather than a picture without any number.
        let areExact = columns.allSatisfy { $0.relativeDistortion <= 0 }
        lines += columns.enumerated().map { place, column in
            let error =
                column.relativeDistortion > 0
                ? "\(10 * log10(column.relativeDistortion))" : areExact ? "0" : "NaN"
            return "\(place + 1) \(Self.quoted(column.name)) \(column.bits) \(error)"
        }
        lines += [
            "EOD", "set multiplot layout 2,1", "unset key", "set style fill solid noborder", "set boxwidth 0.8",
            "set xrange [0.3:\(Double(columns.count) + 0.7)]", "set grid y lc rgb '#dddddd'", "set lmargin 9",
            "set ylabel 'bits'", "set yrange [0:*]", "set ytics 2", "unset xtics",
            "plot $d using 1:3 with boxes lc rgb '#2166ac'", "set yrange [\(areExact ? "-1" : "*"):0]", "set ytics 20",
            "set ylabel 'distortion, dB'", named ? "set xtics rotate by -40 noenhanced font ',10'" : "set xtics",
            "plot $d using 1:4\(named ? ":xtic(2)" : "") with boxes lc rgb '#92c5de'", "unset multiplot",
        ]
        return Plot(
            title: "Bits per column, \(ComparisonReport.heading(bits))",
            caption:
                "What each column takes, and its mean squared error relative to its variance. Columns with few distinct "
                + "values are exact and have no error.",
            script: lines.joined(separator: "\n"), height: 480)
    }

    /// Where the time goes, full precision beside the default.
    var times: Plot? {
        guard result.fullPrecision.contains(where: { $0.seconds > 0 }) else { return nil }
        var lines = ["$d << EOD"]
        lines += result.fullPrecision.map {
            "\"full, \($0.method == .normal ? "normal" : "QR")\" 0 0 \(1000 * $0.seconds)"
        }
        for detail in result.details {
            guard let bits = detail.solution.bits, let row = result.standard(bits: bits) else { continue }
            let times = detail.solution.seconds
            lines.append(
                "\"\(ComparisonReport.heading(bits))\" \(1000 * row.buildSeconds) \(1000 * times.accumulate) "
                    + "\(1000 * times.factorize)")
        }
        lines += [
            "EOD", "set style data histograms", "set style histogram rowstacked", "set style fill solid noborder",
            "set boxwidth 0.7", "set xtics rotate by -30", "set grid y lc rgb '#dddddd'", "set ylabel 'milliseconds'",
            "set key outside right",
            "set yrange [0:*]",
            "plot $d using 2:xtic(1) title 'transform, codebooks, codes' lc rgb '#2166ac', $d using 3 title "
                + "'Gram matrix of codes' lc rgb '#92c5de', $d using 4 title 'solve (codes: and error account)' lc rgb '#f4a582'",
        ]
        return Plot(
            title: "Time",
            caption: "One run each, from rows in memory. Codes are made once and can be solved many times.",
            script: lines.joined(separator: "\n"), height: 380)
    }
}
