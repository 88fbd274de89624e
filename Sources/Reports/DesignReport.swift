import Experiments
import Foundation
import Quantizers

/// Codebooks for a Gaussian pair, for people and programs.
public struct DesignReport {
    private let design: PairDesign

    /// A report on a design.
    public init(_ design: PairDesign) { self.design = design }

    /// Plain text.
    public func text() -> String {
        let tables = [errors] + designs.map(levels)
        return (head + tables.flatMap { [""] + $0.text().map { "  " + $0 } }).joined(separator: "\n") + "\n"
    }

    /// Markdown.
    public func markdown() -> String {
        let tables = [errors] + designs.map(levels)
        return (["# \(head[0])", ""] + head.dropFirst().map { "- " + $0 } + tables.flatMap { [""] + $0.markdown() })
            .joined(separator: "\n") + "\n"
    }

    /// JSON, schema `qls.design/1`.
    public func json() throws -> String {
        try jsonText(DesignJSON(design))
    }

    private var designs: [PairDesign.Design] { design.designs }

    private var head: [String] {
        let density = design.density
        let shape = density.peak == 0 ? "one peak at 0" : "two peaks at ±\(NumberFormat.general(density.peak))"
        return [
            "Codebooks of \(design.levels) levels for a Gaussian pair with correlation "
                + NumberFormat.general(design.correlation),
            "point density exp(−u²/6)((1−ρ²)+ρ²u²)^(1/3)/Z: Z = \(NumberFormat.general(density.normalization, digits: 10)), "
                + "\(shape)",
            "high-resolution constant C = \(NumberFormat.general(density.constant, digits: 10)), "
                + "\(NumberFormat.general(density.gainOverPanterDite, digits: 5)) times better than the density for ρ = 0",
            "E[D²] with D = XY − X̂Ŷ, both operands quantized; the decode gain is E[XY]/E[X̂Ŷ]",
        ]
    }

    private var errors: AlignedTable {
        var table = AlignedTable(header: [
            "method", "E[D²]", "E[D]", "decode gain", "E[D²] after gain", "high resolution",
        ])
        for item in designs {
            table.rows.append([
                item.method.rawValue, NumberFormat.general(item.moments.meanSquaredError),
                NumberFormat.general(abs(item.moments.meanError) < 1e-15 ? 0 : item.moments.meanError, digits: 4),
                NumberFormat.general(item.moments.decodeGain),
                NumberFormat.general(item.moments.meanSquaredErrorAfterGain),
                NumberFormat.general(item.predicted),
            ])
        }
        return table
    }

    private func levels(_ item: PairDesign.Design) -> AlignedTable {
        let same = item.codebook == item.partner
        var table = AlignedTable(header: [item.method.rawValue, "level"] + (same ? [] : ["level of the partner"]))
        for c in 0..<max(item.codebook.count, item.partner.count) {
            func level(_ book: Codebook) -> String { c < book.count ? NumberFormat.general(book.levels[c]) : "–" }
            table.rows.append(["\(c)", level(item.codebook)] + (same ? [] : [level(item.partner)]))
        }
        return table
    }
}

private struct DesignJSON: Encodable {
    let schema = "qls.design/1"
    let correlation, normalization, constant, peak: Double
    let levels: Int
    let methods: [Method]

    struct Method: Encodable {
        let name: String
        let codebook, thresholds, partnerCodebook, partnerThresholds: [Double]
        let meanSquaredError, meanError, decodeGain, meanSquaredErrorAfterGain, predictedMeanSquaredError: Finite
    }

    init(_ design: PairDesign) {
        correlation = design.correlation
        levels = design.levels
        normalization = design.density.normalization
        constant = design.density.constant
        peak = design.density.peak
        methods = design.designs.map { item in
            Method(
                name: item.method.rawValue, codebook: item.codebook.levels, thresholds: item.codebook.thresholds,
                partnerCodebook: item.partner.levels, partnerThresholds: item.partner.thresholds,
                meanSquaredError: Finite(item.moments.meanSquaredError), meanError: Finite(item.moments.meanError),
                decodeGain: Finite(item.moments.decodeGain),
                meanSquaredErrorAfterGain: Finite(item.moments.meanSquaredErrorAfterGain),
                predictedMeanSquaredError: Finite(item.predicted))
        }
    }
}

/// The point density with the levels of every method, drawn by gnuplot.
public struct DesignPlot {
    private let design: PairDesign

    /// A plot of a design.
    public init(_ design: PairDesign) { self.design = design }

    /// Draws the plot into an SVG file. Throws `PlotError`.
    public func draw(to path: String) throws(PlotError) { try Gnuplot.draw(script, to: path) }

    /// The gnuplot script: densities for ρ and for 0 above, one row of ticks per method below.
    public var script: String {
        let rho = design.correlation
        // The highest point of the two densities; that for ρ = 0 has 1/√(6π) at 0.
        let top = max(design.density.density(at: design.density.peak), 1 / (6 * Double.pi).squareRoot())
        var lines = [
            "set title 'Gaussian pair, ρ = \(rho), \(design.levels) levels'", "set xlabel 'u = x/σ'",
            "set xrange [-5:5]",
            "set ylabel 'point density'", "set key outside right", "set grid xtics lc rgb '#dddddd'",
            "set yrange [\(-0.12 * top * Double(design.designs.count + 1)):\(1.1 * top)]",
            "f(u) = exp(-u**2/6)*((1-\(rho * rho))+\(rho * rho)*u**2)**(1/3.)/\(design.density.normalization)",
            "g(u) = exp(-u**2/6)/sqrt(6*pi)", "set samples 500",
        ]
        for (index, item) in design.designs.enumerated() {
            lines.append("$d\(index) << END")
            lines += item.codebook.levels.map { "\($0) \(-0.12 * top * Double(index + 1))" }
            lines.append("END")
        }
        var curves = ["f(x) lw 2 title 'density for ρ'", "g(x) lw 1 dt 2 title 'density for ρ = 0'"]
        for (index, item) in design.designs.enumerated() {
            curves.append("$d\(index) with points pt 7 ps 0.5 title '\(item.method.rawValue)' noenhanced")
        }
        lines.append("plot " + curves.joined(separator: ", "))
        return lines.joined(separator: "\n")
    }
}
