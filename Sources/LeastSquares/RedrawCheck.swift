import Factorizations
import Matrices

/// How far solutions scatter when the table is quantized again: a check of the predicted error that assumes nothing of the
/// codes but that their errors are random.
public struct RedrawSummary: Sendable, Equatable {
    /// How many times the table was quantized again, N.
    public let count: Int
    /// Per response: √(Σ‖A(x̂_r − x̄)‖²/N)/(s√p) over the N + 1 solutions x̂_r with the mean x̄. It estimates the random part
    /// of q; a bias that all draws share is not seen. nil without residual degrees of freedom.
    public let errorRatios: [Double?]
}

/// Quantizes a table again with other random numbers, and with neighbours in the order of balanced rounding in another
/// order, which leads it along another path, and compares the solutions.
struct RedrawCheck {
    let problem: LeastSquaresProblem
    let options: QuantizationOptions

    /// Cost: N times quantization and solution.
    func run(
        _ count: Int, on table: RegressionTable, around solution: Solution, progress: (Double) -> Void
    ) throws(RegressionError) -> RedrawSummary {
        var others: [Solution] = []
        for draw in 1...count {
            progress(Double(draw - 1) / Double(count))
            var problem = problem
            var options = options
            options.seed &+= UInt64(draw)
            options.neighbourSeed = UInt64(draw)
            problem.precision = .quantized(options)
            (problem.redraws, problem.reference) = (0, false)
            others.append(try problem.solve(table))
        }
        return RedrawSummary(
            count: count,
            errorRatios: solution.responses.indices.map { b in
                Self.scatter(([solution] + others).map { $0.responses[b] })
            })
    }

    /// Over solutions of one response; the first one's budget has the metric.
    private static func scatter(_ draws: [ResponseSolution]) -> Double? {
        guard let budget = draws[0].budget, let variance = budget.residualVariance, variance > 0 else { return nil }
        let kept = budget.names.indices.filter { budget.unscaled[$0, $0] > 0 }
        guard !kept.isEmpty else { return 0 }
        // Solutions of least norm have a covariance of deficient rank.
        guard let metric = try? Cholesky(budget.unscaled.selecting(kept)) else { return nil }
        let estimates = draws.map { draw in kept.map { draw.budget?.estimates[$0] ?? 0 } }
        let means = kept.indices.map { j in estimates.reduce(0) { $0 + $1[j] } / Double(draws.count) }
        var sum = 0.0
        for estimate in estimates {
            let d = zip(estimate, means).map(-)
            sum += d.dot(metric.solve(d))
        }
        return (sum / (Double(draws.count - 1) * variance * Double(kept.count))).squareRoot()
    }
}
