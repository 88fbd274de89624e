import Experiments
import LeastSquares

extension ComparisonReport {
    /// The limits beyond which something is told as a loss.
    private enum Limit {
        /// Another way's error, relative to the default's.
        static let error = 1.05
        /// Predicted over measured error, either way.
        static let prediction = 2.0
        /// The share of intervals that hold the full-precision coefficient.
        static let coverage = 0.8
        /// The error ratio from which on quantization matters as much as the noise.
        static let ratio = 1.0
    }

    /// What a reader should hold against the default: smaller errors of other ways, wrong predictions, low coverage, and
    /// time.
    func losses() -> [String] {
        var lines: [String] = []
        for bits in result.bits {
            guard let row = result.standard(bits: bits) else { continue }
            let at = "at \(Self.heading(bits))"
            if let failure = row.failure {
                lines.append("\(at) the default failed: \(failure)")
                continue
            }
            lines += errorLosses(row, at: at)
            if let covered = row.covered, covered < Limit.coverage {
                lines.append(
                    "\(at) the intervals hold \(NumberFormat.general(100 * covered, digits: 3))% of the full-precision "
                        + "coefficients, not \(NumberFormat.general(100 * result.confidence, digits: 4))%")
            }
            if row.bytes >= result.reference.bytes { lines.append("\(at) the codes are no smaller than the numbers") }
        }
        lines += timeLosses()
        return lines.isEmpty ? ["nowhere in this comparison"] : lines
    }

    private func errorLosses(_ row: ComparisonRow, at place: String) -> [String] {
        guard let q = row.measured else { return [] }
        var lines: [String] = []
        if let other = result.ranked(bits: row.bits).first, let theirs = other.measured, q > Limit.error * theirs {
            lines.append(
                "\(place) \(Self.name(other)) is better: q \(Self.ratio(theirs)) against \(Self.ratio(q))")
        }
        if q > Limit.ratio {
            lines.append("\(place) quantization moves the fit by more than the noise does: q \(Self.ratio(q))")
        }
        if let predicted = row.predicted, q > 0, predicted > 0,
            max(predicted / q, q / predicted) > Limit.prediction
        {
            lines.append("\(place) q \(Self.ratio(predicted)) was predicted and \(Self.ratio(q)) measured")
        }
        return lines
    }

    /// A single regression from the numbers needs no codes.
    private func timeLosses() -> [String] {
        guard let full = result.fullPrecision.min(by: { $0.seconds < $1.seconds }), full.seconds > 0 else { return [] }
        let rows = result.bits.compactMap { result.standard(bits: $0) }.filter { $0.failure == nil }
        guard let quickest = rows.min(by: { $0.buildSeconds < $1.buildSeconds }) else { return [] }
        var lines: [String] = []
        let all = quickest.buildSeconds + quickest.solveSeconds
        if all > full.seconds {
            lines.append(
                "building codes and solving them once takes at least \(Self.ratio(all / full.seconds)) times as long as "
                    + "full precision (\(full.method.title))")
        }
        if let solve = rows.map(\.solveSeconds).min(), solve > full.seconds {
            lines.append(
                "solving codes that are there takes at least \(Self.ratio(solve / full.seconds)) times as long as full "
                    + "precision from memory")
        }
        return lines
    }
}
