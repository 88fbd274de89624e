import Experiments
import LeastSquares

/// Quantized regressions against full precision as text or Markdown: what the default reaches, where it loses, and every
/// way tried.
public struct ComparisonReport {
    let result: RegressionComparisonResult
    private let source: String

    /// A report on a comparison; `source` names the data.
    public init(_ result: RegressionComparisonResult, source: String) {
        self.result = result
        self.source = source
    }

    /// Plain text.
    public func text() -> String {
        var lines = [title] + head() + ["", "The default"] + summary.text().map { "  " + $0 }
        lines += ["", "Where it loses"] + losses().map { "  " + $0 }
        for bits in result.bits {
            lines += ["", Self.heading(bits)] + table(bits: bits).text().map { "  " + $0 }
            lines += failures(bits: bits).map { "  " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Markdown.
    public func markdown() -> String {
        var lines = ["# \(title)", ""] + head().map { "- " + $0 }
        lines += ["", "## The default", ""] + summary.markdown()
        lines += ["", "## Where it loses", ""] + losses().map { "- " + $0 }
        for bits in result.bits {
            lines += ["", "## \(Self.heading(bits))", ""] + table(bits: bits).markdown()
            lines += failures(bits: bits).map { "- " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Parts

    private var response: String { result.reference.responses.first?.name ?? "" }

    var title: String { "Quantized against full precision: \(source), response \(response)" }

    static func heading(_ bits: Int) -> String { bits == 1 ? "1 bit" : "\(bits) bits" }

    func head() -> [String] {
        let solution = result.reference
        var lines = [
            "\(NumberFormat.count(solution.observations)) observations, \(solution.predictors) predictors"
                + (solution.intercept ? " and an intercept" : ", no intercept") + ", rank \(solution.rank), condition "
                + "number of the scaled columns \(NumberFormat.general(solution.conditionNumber, digits: 3))",
            "full precision: \(NumberFormat.count(solution.bytes)) bytes; "
                + result.fullPrecision.map { "\($0.method.title) \(Self.seconds($0.seconds)) s" }
                .joined(separator: ", "),
        ]
        if solution.responses.first?.residualStandardDeviation.map({ $0 > 0 }) != true {
            lines.append("the fit leaves no residual, so there is no sampling error to measure by")
        }
        return lines
    }

    /// The default per number of bits, beside the best of the other quantizers.
    var summary: AlignedTable {
        var table = AlignedTable(header: [
            "bits", "bytes", "times smaller", "q measured", "q predicted", "best other quantizer", "its q",
            "other / default",
            "build s", "solve s",
        ])
        for bits in result.bits {
            guard let row = result.standard(bits: bits) else { continue }
            let standard = row.quantizer == .automatic ? .balanced : row.quantizer
            let other = result.ranked(bits: bits).first {
                $0.measured != nil && $0.quantizer != standard && !$0.isDefault
            }
            let factor = other?.measured.flatMap { theirs in row.measured.flatMap { $0 > 0 ? theirs / $0 : nil } }
            table.rows.append([
                "\(bits)", NumberFormat.count(row.bytes),
                NumberFormat.general(Double(result.reference.bytes) / Double(max(1, row.bytes)), digits: 3),
                Self.ratio(row.measured), Self.ratio(row.predicted), other.map(Self.name) ?? "–",
                Self.ratio(other?.measured), NumberFormat.general(factor, digits: 3), Self.seconds(row.buildSeconds),
                Self.seconds(row.solveSeconds),
            ])
        }
        return table
    }

    /// Every way at one number of bits, the smallest measured error first.
    func table(bits: Int) -> AlignedTable {
        let best = result.best(bits: bits)
        var table = AlignedTable(header: [
            "quantizer, transform, method", "q measured", "q predicted", "coef. rms", "coef. max", "covered", "bytes",
            "build s", "solve s", "against the best",
        ])
        for row in result.ranked(bits: bits) where row.failure == nil {
            table.rows.append([
                (row.isDefault ? "default: " : "") + Self.name(row), Self.ratio(row.measured),
                Self.ratio(row.predicted), Self.ratio(row.coefficientError), Self.ratio(row.largestCoefficientError),
                row.covered.map { NumberFormat.general(100 * $0, digits: 3) + "%" } ?? "–",
                NumberFormat.count(row.bytes), Self.seconds(row.buildSeconds), Self.seconds(row.solveSeconds),
                Self.verdict(row, best: best),
            ])
        }
        return table
    }

    /// "best", or by how much a way loses to it.
    static func verdict(_ row: ComparisonRow, best: Double?) -> String {
        guard let q = row.measured, let best else { return "–" }
        if q <= best { return "best" }
        return best > 0 ? "loses by \(NumberFormat.general(q / best, digits: 3))" : "loses"
    }

    func failures(bits: Int) -> [String] {
        result.rows.filter { $0.bits == bits && $0.failure != nil }.map {
            "\(Self.name($0)) failed: \($0.failure ?? "")"
        }
    }

    static func name(_ row: ComparisonRow) -> String {
        "\(row.quantizer.rawValue), \(row.transform.rawValue), \(row.method.rawValue)"
    }

    static func ratio(_ value: Double?) -> String { NumberFormat.general(value, digits: 3) }

    static func seconds(_ value: Double) -> String { NumberFormat.general(value, digits: 2) }
}
