import Matrices
import QuantizedMatrices

extension ErrorPropagation {
    /// What a pilot says of rows of which it is a part, or which were chosen apart from it: with d its own error and S
    /// what independent errors of all rows would give, the mean is d·(known + α·unknown), the covariance
    /// S·(open + α·chance), α the part of the pilot's difference that is bias.
    private struct PilotShares {
        let known, unknown, open, chance: Double
    }

    /// With what a pilot of f·m rows shows: the error d of its rows is known; the others' has the mean α·d·(1/f − 1), and
    /// the covariance S(1 − f) + max(α, 1/10)·S(1 − f)²/f, S that of all rows, α the part of the pilot's difference that is bias
    /// and not chance. Rows that were chosen, k times as many as the pilot's, are taken as others than the pilot's: α·d·k and
    /// S + α·S·k.
    func pilotResult(
        _ pilot: PilotDifferences, _ covariance: DenseMatrix, _ v: [Double], over rows: [Int]
    ) -> Result {
        let times = Double(data.matrix.rows) / Double(pilot.rows), share = min(1, 1 / times), rest = 1 - share
        let shares =
            data.matrix.share < 1
            ? PilotShares(known: 0, unknown: times, open: 1, chance: times)
            : PilotShares(known: 1, unknown: rest / share, open: rest, chance: rest * rest / share)
        let difference = pilotErrors(v, over: rows, pilot.product)
        let alpha = biasShare(difference, covariance, shares, over: rows)
        let scale = noiseScale(pilotErrors(v, over: rows, pilot.contrast), covariance, times: times, over: rows)
        var result = moments(difference, covariance, shares, parts: rows.map { _ in alpha })
        let wide = covariance.scaled(by: scale)
        result.forIntervals =
            moments(
                difference, wide, shares, parts: cautiousParts(difference, wide, shares, over: rows)
            ).score
        if correction == .none {
            let uncorrected = uncorrectedBias(v, over: rows)
            result.score.bias.subtract(uncorrected, times: -1)
            result.forIntervals?.bias.subtract(uncorrected, times: -1)
        }
        return result
    }

    /// The rows listed of ΔG·v that a pilot shows, from its sums for pairs of columns.
    private func pilotErrors(_ v: [Double], over rows: [Int], _ sum: (Int, Int) -> Double) -> [Double] {
        let units = equations.variances.map { $0.squareRoot() }
        return rows.map { j in
            units[j] * v.indices.reduce(0.0) { $1 == j ? $0 : $0 + sum(j, $1) * units[$1] * v[$1] }
        }
    }

    /// Mean and covariance, with the part of each row's difference that is taken for bias.
    private func moments(
        _ difference: [Double], _ covariance: DenseMatrix, _ shares: PilotShares, parts: [Double]
    ) -> Result {
        let roots = parts.map { max($0, Self.unseenShare).squareRoot() }
        var scaled = covariance
        for q in roots.indices {
            for p in roots.indices { scaled[p, q] *= shares.open + roots[p] * roots[q] * shares.chance }
        }
        return Result(
            scoreCovariance: scaled,
            scoreBias: difference.indices.map { difference[$0] * (shares.known + parts[$0] * shares.unknown) })
    }

    /// What chance alone exceeds in an eighth of the cases is taken for bias. A lower limit adds bias that is not there where
    /// coefficients are few, a higher one overlooks bias that is (found by the calibration).
    private static let significance = 1.2

    /// The part of what a pilot cannot tell from chance that may be bias all the same, at least (found likewise).
    private static let unseenShare = 0.1

    /// α = 1 − noise/signal of a pilot's difference, 0 unless the signal is more than what chance alone gives.
    private func biasShare(
        _ difference: [Double], _ covariance: DenseMatrix, _ shares: PilotShares, over rows: [Int]
    ) -> Double {
        var signal = 0.0, noise = 0.0
        for (p, j) in rows.enumerated() where equations.exactSquares[j] > 0 {
            let extrapolated = difference[p] * shares.unknown
            signal += extrapolated * extrapolated / equations.exactSquares[j]
            noise += chance(covariance, p, j) * shares.chance / equations.exactSquares[j]
        }
        // A corrected answer is taken only if it is better: every sign of a bias of its own counts.
        let freedom = Double(max(1, rows.count { !column($0).isExact }))
        let limit = correction == .none ? Distributions.chiSquareRatio(freedom, deviations: Self.significance) : 1
        return signal > noise * limit ? 1 - noise / signal : 0
    }

    /// The variance by chance of a pilot's difference in row p, of column j: the differences are those of numbers times the gain.
    private func chance(_ covariance: DenseMatrix, _ p: Int, _ j: Int) -> Double {
        equations.gains[j] * equations.gains[j] * covariance[p, p]
    }
}

// MARK: Intervals

extension ErrorPropagation {
    /// Standard deviations of chance that a row's difference may be shrunk by at most, where intervals are to hold for each
    /// coefficient and not on the average (Efron & Morris 1972, limited translation).
    private static let translation = 0.75

    /// α of each row: that of all, or as much more as keeps the row within `translation`.
    private func cautiousParts(
        _ difference: [Double], _ covariance: DenseMatrix, _ shares: PilotShares, over rows: [Int]
    ) -> [Double] {
        let alpha = biasShare(difference, covariance, shares, over: rows)
        return rows.enumerated().map { p, j in
            let extrapolated = abs(difference[p] * shares.unknown)
            let deviation = (chance(covariance, p, j) * shares.chance).squareRoot()
            return extrapolated > 0 ? max(alpha, 1 - Self.translation * deviation / extrapolated) : alpha
        }
    }

    /// How many times as large as S the covariance is by the two halves of the pilot, at least 1: errors of nearest codes are
    /// not independent where columns have few values or depend on each other.
    ///
    /// The contrast c has the covariance S/times; λ is Σ c²·times/Σ S, each row over its column's sum of squares, drawn
    /// towards 1 with the weight of one degree of freedom.
    private func noiseScale(
        _ contrast: [Double], _ covariance: DenseMatrix, times: Double, over rows: [Int]
    ) -> Double {
        var found = 0.0, expected = 0.0, squares = 0.0
        for (p, j) in rows.enumerated() where equations.exactSquares[j] > 0 && equations.gains[j] > 0 {
            let noise = covariance[p, p] / equations.exactSquares[j], gain = equations.gains[j]
            found += contrast[p] * contrast[p] * times / (gain * gain * equations.exactSquares[j])
            expected += noise
            squares += noise * noise
        }
        guard squares > 0 else { return 1 }
        let freedom = expected * expected / squares
        return max(1, (1 + freedom * found / expected) / (1 + freedom))
    }
}
