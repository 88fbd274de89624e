import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

extension ErrorPropagation {
    /// Rows taken into account at most; they are spread evenly over the table and scaled up.
    private static let sampledRows = 32768

    /// Entries err independently with the mean squared error ω of their code: summed over rows of
    /// Cov(e∘t + â·τ), t_j = r̂ − κ·2â_jv_j (κ = 1 where the diagonal is known), τ = Σ e_k v_k, with decoded numbers
    /// for the unknown ones; and Σ Var τ. To second order nearest codes, whose errors have mean 0 for given codes, add
    /// Σ ω_j·Var τ_{k≠j}; of stochastic ones, whose errors have mean 0 for given numbers, the decoded numbers have counted
    /// it twice; balanced ones lie between, as far as their squares do.
    func independentCovariance(
        _ v: [Double], over list: [Int], knownDiagonal: Bool
    ) -> (covariance: DenseMatrix, residualNoise: Double) {
        let size = RegressionTable.blockRows, rows = data.matrix.rows
        let blocks = (rows + size - 1) / size
        let step = max(1, blocks * size / Self.sampledRows)
        let terms = RowTerms(
            v: v, rows: list, others: v.indices.filter { v[$0] != 0 && !list.contains($0) },
            kappa: knownDiagonal ? 2 : 0, second: secondOrder)
        let pieces = stride(from: 0, to: blocks, by: step).flatMap { block in
            let end = min((block + 1) * size, rows)
            return stride(from: block * size, to: end, by: Self.cachedRows).map { $0..<min($0 + Self.cachedRows, end) }
        }
        let share = (pieces.count + Self.sums - 1) / Self.sums
        let sums = parallelMap(Self.sums, threads: threads) { part in
            var covariance = DenseMatrix(rows: list.count, columns: list.count), noise = 0.0
            for piece in pieces.dropFirst(part * share).prefix(share) {
                noise += addCovariance(first: piece.lowerBound, count: piece.count, terms, into: &covariance)
            }
            return (covariance: covariance, noise: noise)
        }
        let sampled = pieces.reduce(0) { $0 + $1.count }, factor = sampled == 0 ? 0 : Double(rows) / Double(sampled)
        var covariance = DenseMatrix(rows: list.count, columns: list.count), noise = 0.0
        for sum in sums {
            covariance.add(sum.covariance)
            noise += sum.noise
        }
        return (covariance.scaled(by: factor), noise * factor)
    }

    /// Sums at the same time, a part of the definition of the result.
    private static let sums = 8

    /// Rows at a time, so that what is made of them stays in the cache.
    private static let cachedRows = 512

    /// v, the columns whose covariances are wanted and the others in the residuals, κ·2, and the factor of the second-order
    /// term.
    private struct RowTerms {
        let v: [Double]
        let rows: [Int]
        let others: [Int]
        let kappa: Double
        let second: Double
    }

    /// 1 for nearest codes, −1 for stochastic ones, in between for balanced ones: (Σx² − Σx̂²)/Σ(x̂ − x)², averaged.
    private var secondOrder: Double {
        let columns = data.matrix.columns
        guard columns.contains(where: { $0.rounding == .balanced }) else {
            return columns.contains { $0.rounding == .stochastic } ? -1 : 1
        }
        let factors = columns.filter { !$0.isExact }.map { column in
            let inflation = 2 * column.errorProduct + column.totalSquaredError
            return max(-1, min(1, -inflation / column.totalSquaredError))
        }
        return factors.isEmpty ? 0 : factors.reduce(0, +) / Double(factors.count)
    }

    /// Adds the terms of some rows; Σ Var τ over them.
    private func addCovariance(
        first: Int, count: Int, _ terms: RowTerms, into covariance: inout DenseMatrix
    ) -> Double {
        let list = terms.rows + terms.others, k = terms.rows.count
        let centers = list.map { data.intercept ? column($0).moments.mean : 0 }
        let a = data.matrix.decoded(first: first, count: count, kernels: kernels).centered(list, at: centers)
        let variances = errorVariances(list, first: first, count: count)
        let residuals = BLAS.multiply(a, list.map { terms.v[$0] })
        let omegas = BLAS.multiply(variances, list.map { terms.v[$0] * terms.v[$0] })
        let roots = omegas.map { $0.squareRoot() }
        let plain = DenseMatrix(rows: count, columns: k, elements: Array(a.elements.prefix(count * k)))
        var weighted = plain  // a·√ω
        var mixed = DenseMatrix(rows: count, columns: k)  // Var(e)∘t∘v
        for (p, j) in terms.rows.enumerated() {
            let v = terms.v[j], start = p * count
            var sum = 0.0
            for i in 0..<count {
                let x = a.elements[start + i], variance = variances.elements[start + i]
                let t = residuals[i] - terms.kappa * x * v
                weighted.elements[start + i] = x * roots[i]
                mixed.elements[start + i] = variance * t * v
                sum += variance * (t * t + terms.second * (omegas[i] - variance * v * v))
            }
            covariance[p, p] += sum
        }
        let cross = BLAS.multiply(mixed, transposed: true, plain)
        BLAS.symmetricRankUpdate(weighted, beta: 1, into: &covariance)
        for q in 0..<k {
            for p in 0..<k { covariance.elements[q * k + p] += cross.elements[q * k + p] + cross.elements[p * k + q] }
        }
        return omegas.reduce(0, +)
    }

    func errorVariances(_ list: [Int], first: Int, count: Int) -> DenseMatrix {
        var result = DenseMatrix(rows: count, columns: list.count)
        for (q, j) in list.enumerated() {
            let table = column(j).errorVariances
            let codes = data.matrix.codes(column: j, first: first, count: count, kernels: kernels)
            for i in 0..<count { result.elements[q * count + i] = table[Int(codes[i])] }
        }
        return result
    }
}

// MARK: Pilot

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
        let share = min(1, Double(pilot.rows) / Double(max(1, data.matrix.rows)))
        let rest = 1 - share, times = Double(data.matrix.rows) / Double(pilot.rows)
        let shares =
            data.matrix.share < 1
            ? PilotShares(known: 0, unknown: times, open: 1, chance: times)
            : PilotShares(known: 1, unknown: rest / share, open: rest, chance: rest * rest / share)
        let units = equations.variances.map { $0.squareRoot() }
        let difference = rows.map { j in
            units[j] * v.indices.reduce(0.0) { $1 == j ? $0 : $0 + pilot.product(j, $1) * units[$1] * v[$1] }
        }
        let alpha = biasShare(difference, covariance, shares, over: rows)
        let uncorrected = correction == .none ? uncorrectedBias(v, over: rows) : []
        return Result(
            scoreCovariance: covariance.scaled(by: shares.open + max(alpha, Self.unseenShare) * shares.chance),
            scoreBias: rows.indices.map { p in
                difference[p] * (shares.known + alpha * shares.unknown) + (uncorrected.isEmpty ? 0 : uncorrected[p])
            })
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
            // The differences are those of numbers times the gain.
            let gain = equations.gains[j]
            noise += gain * gain * covariance[p, p] * shares.chance / equations.exactSquares[j]
        }
        // A corrected answer is taken only if it is better: every sign of a bias of its own counts.
        let freedom = Double(max(1, rows.count { !column($0).isExact }))
        let limit = correction == .none ? Distributions.chiSquareRatio(freedom, deviations: Self.significance) : 1
        return signal > noise * limit ? 1 - noise / signal : 0
    }
}
