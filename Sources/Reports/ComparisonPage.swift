import Experiments
import Foundation

/// A comparison as one HTML page that needs nothing else: pictures are embedded as SVG, there are no scripts.
public struct ComparisonPage {
    private let report: ComparisonReport
    private let plots: ComparisonPlots

    /// A page on a comparison; `source` names the data.
    public init(_ result: RegressionComparisonResult, source: String) {
        report = ComparisonReport(result, source: source)
        plots = ComparisonPlots(result: result)
    }

    /// The page. Throws `PlotError` where gnuplot is missing or fails.
    public func html() throws(PlotError) -> String {
        var body = "<h1>\(Self.escaped(report.title))</h1>\n" + list(report.head())
        body += "<h2>The default</h2>\n" + table(report.summary)
        body += "<h2>Where it loses</h2>\n" + list(report.losses())
        for plot in plots.all() {
            let picture = try Gnuplot.picture(plot.script, width: plot.width, height: plot.height)
            body += "<figure>\n<h2>\(Self.escaped(plot.title))</h2>\n"
            body += "<img alt=\"\(Self.escaped(plot.title))\" style=\"aspect-ratio: \(plot.width) / \(plot.height)\" "
            body += "src=\"data:image/svg+xml;base64,\(picture.base64EncodedString())\">\n"
            body += "<figcaption>\(Self.escaped(plot.caption))</figcaption>\n</figure>\n"
        }
        body += "<h2>Every way</h2>\n<p>Errors of coefficients are in standard errors; covered is the share of "
        body += "quantization intervals that hold the full-precision coefficient.</p>\n"
        for bits in plots.result.bits {
            body += "<h3>\(ComparisonReport.heading(bits))</h3>\n" + table(report.table(bits: bits))
            body += list(report.failures(bits: bits))
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Self.escaped(report.title))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            \(body)</body>
            </html>

            """
    }

    private static let style = """

        body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #222; background: #fff; max-width: 60rem;
          margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: 1rem; }
        figure { margin: 0; } figure img { width: 100%; height: auto; display: block; }
        figcaption { color: #555; font-size: 0.9rem; }
        .table { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.85rem; width: 100%; }
        th, td { padding: 0.2rem 0.5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e5e5e5; }
        th:first-child, td:first-child { text-align: left; }
        tr.default td { background: #eaf2fa; font-weight: bold; }

        """

    private func list(_ lines: [String]) -> String {
        lines.isEmpty ? "" : "<ul>\n" + lines.map { "<li>\(Self.escaped($0))</li>\n" }.joined() + "</ul>\n"
    }

    private func table(_ table: AlignedTable) -> String {
        func row(_ cells: [String], _ tag: String) -> String {
            let isDefault = cells.first?.hasPrefix("default") == true
            return "<tr\(isDefault ? " class=\"default\"" : "")>"
                + cells.map { "<\(tag)>\(Self.escaped($0))</\(tag)>" }.joined() + "</tr>\n"
        }
        return "<div class=\"table\"><table>\n" + row(table.header, "th") + table.rows.map { row($0, "td") }.joined()
            + "</table></div>\n"
    }

    /// Text with the characters that mean something in HTML replaced.
    static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }
}
