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
        let others = v.indices.filter { v[$0] != 0 && !list.contains($0) }
        let terms = RowTerms(
            v: v, rows: list, others: others, kappa: knownDiagonal ? 2 : 0, second: secondOrder,
            centers: (list + others).map { data.intercept ? column($0).moments.mean : 0 },
            variances: (list + others).map { column($0).errorVariances })
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

    /// v, the columns whose covariances are wanted and the others in the residuals, κ·2, the factor of the second-order
    /// term, and of these columns the centers and ω of every code.
    private struct RowTerms {
        let v: [Double]
        let rows: [Int]
        let others: [Int]
        let kappa: Double
        let second: Double
        let centers: [Double]
        let variances: [[Double]]
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

    /// Adds the terms of some rows; Σ Var τ over them. With P the decoded numbers and ω = Var τ, the sums of
    /// Cov(e∘t + â·τ) outside the diagonal are NᵀP + PᵀN, N = ω∘P/2 + Var(e)∘t∘v.
    private func addCovariance(
        first: Int, count: Int, _ terms: RowTerms, into covariance: inout DenseMatrix
    ) -> Double {
        let list = terms.rows + terms.others, k = terms.rows.count
        let a = data.matrix.decoded(first: first, count: count, kernels: kernels).centered(list, at: terms.centers)
        let variances = data.matrix.lookedUp(
            terms.variances, columns: list, first: first, count: count, kernels: kernels)
        let residuals = BLAS.multiply(a, list.map { terms.v[$0] })
        let omegas = BLAS.multiply(variances, list.map { terms.v[$0] * terms.v[$0] })
        let plain = DenseMatrix(rows: count, columns: k, elements: Array(a.elements.prefix(count * k)))
        var mixed = DenseMatrix(rows: count, columns: k)
        // Spans: writing to an array asks every time whether it is shared.
        var own = mixed.elements.mutableSpan
        let numbers = plain.elements.span, errors = variances.elements.span
        let sums = residuals.span, squares = omegas.span
        for (p, j) in terms.rows.enumerated() {
            let v = terms.v[j], start = p * count
            var sum = 0.0
            for i in 0..<count {
                let x = numbers[start + i], variance = errors[start + i]
                let t = sums[i] - terms.kappa * x * v
                own[start + i] = 0.5 * squares[i] * x + variance * t * v
                sum += variance * (t * t + terms.second * (squares[i] - variance * v * v))
            }
            covariance[p, p] += sum
        }
        BLAS.symmetricRankTwoUpdate(mixed, plain, beta: 1, into: &covariance)
        return omegas.reduce(0, +)
    }

    /// ω of the codes of the columns listed, over some rows (count × list.count).
    func errorVariances(_ list: [Int], first: Int, count: Int) -> DenseMatrix {
        data.matrix.lookedUp(
            list.map { column($0).errorVariances }, columns: list, first: first, count: count, kernels: kernels)
    }
}
