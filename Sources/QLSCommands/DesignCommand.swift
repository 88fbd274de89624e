import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls design`: density and codebooks for a Gaussian pair.
struct DesignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "design",
        abstract: "Point density, codebooks, and predicted and exact product errors for a Gaussian pair.")

    @Option(parsing: .unconditional, help: "Correlation of the pair, -1 to 1.")
    var correlation: Double

    @Option(help: "Levels of each codebook, 2 to 256.")
    var levels: Int

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    @Option(help: "Draw density and levels into an SVG file (needs gnuplot).")
    var plot: String?

    func validate() throws {
        guard (-1...1).contains(correlation) else { throw ValidationError("--correlation lies between -1 and 1.") }
        guard (2...256).contains(levels) else { throw ValidationError("--levels takes 2 to 256.") }
    }

    func run() throws {
        let design = try Console.reporting { try PairDesign(correlation: correlation, levels: levels) }
        let report = DesignReport(design)
        switch format {
        case .text: try Console.write(report.text())
        case .markdown: try Console.write(report.markdown())
        case .json: try Console.write(report.json())
        }
        if let plot { try Console.reporting { try DesignPlot(design).draw(to: plot) } }
    }
}
