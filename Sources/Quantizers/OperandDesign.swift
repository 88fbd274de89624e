/// The codebook of one operand of a product while the other's is fixed: thresholds are moved downhill, levels are
/// always the best for the thresholds.
///
/// With cell sums A, B, C of `PartialMoments` and the squared mean error in the objective k − 1 times,
///
///     J = E[X²Y²] + ∑(A v² − 2B v) + (k−1)(E[XY] − ∑C v)²
///
/// is least for v = (B + μC)/A with μ = (k−1)r/(1 + (k−1)q), r = E[XY] − ∑BC/A, q = ∑C²/A, and is then
/// E[X²Y²] − ∑B²/A + r²/(1/(k−1) + q). The threshold between two levels wants to be where t(x) = (B' + μC')/A' is
/// their midpoint.
struct OperandDesign {
    let partial: PartialMoments
    /// E[XY].
    let mean: Double
    /// 1/(k−1): 0 for the unbiased limit, ∞ for k = 1.
    let biasTolerance: Double
    /// The least probability that a cell may be given.
    var minimumProbability = 0.0

    /// What thresholds are worth: the best levels, the multiplier, and J − E[X²Y²].
    struct State {
        var thresholds: [Double]
        var sums: [SIMD4<Double>]
        var levels: [Double]
        var multiplier: Double
        var objective: Double
    }

    /// The best levels for ascending thresholds; nil if a cell has no weight.
    func state(_ thresholds: [Double]) -> State? {
        let ends = thresholds.map { partial.cumulative(to: $0) } + [partial.total]
        var sums: [SIMD4<Double>] = []
        var before = SIMD4<Double>.zero
        var (base, r, q) = (0.0, mean, 0.0)
        for end in ends {
            let sum = end - before
            guard sum.x > 1e-300, sum.w >= minimumProbability else { return nil }
            base -= sum.y * sum.y / sum.x
            r -= sum.y * sum.z / sum.x
            q += sum.z * sum.z / sum.x
            sums.append(sum)
            before = end
        }
        // Without correlation, E[Ŷ|x] and r vanish together and there is no bias to remove.
        let isBiased = biasTolerance.isFinite && biasTolerance + q > 1e-14
        let multiplier = isBiased ? r / (biasTolerance + q) : 0
        let levels = sums.map { ($0.y + multiplier * $0.z) / $0.x }
        return State(
            thresholds: thresholds, sums: sums, levels: levels, multiplier: multiplier,
            objective: base + (isBiased ? r * r / (biasTolerance + q) : 0))
    }

    /// Moves thresholds downhill from a start, at most `iterations` times. Cost per iteration: K table look-ups.
    func improved(_ start: State, iterations: Int) -> State {
        var current = start
        for _ in 0..<iterations {
            guard let next = step(current, newtonDirection(current)) ?? step(current, lloydDirection(current)) else {
                break
            }
            let gain = current.objective - next.objective
            current = next
            if gain < 1e-13 { break }
        }
        return current
    }

    /// The best of a few step lengths along a direction, nil if none lowers the objective.
    private func step(_ current: State, _ direction: [Double]?) -> State? {
        guard let direction else { return nil }
        var length = 1.0
        for _ in 0..<5 {
            let thresholds = zip(current.thresholds, direction).map { $0 + length * $1 }
            if zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 }), let next = state(thresholds),
                next.objective < current.objective
            {
                return next
            }
            length *= 0.4
        }
        return nil
    }

    /// t(x), the value that the level at x should have; nil where there is no weight.
    private func target(_ x: Double, _ multiplier: Double) -> Double? {
        let density = partial.density(at: x)
        return density.x > 1e-300 ? (density.y + multiplier * density.z) / density.x : nil
    }

    /// Newton's direction for t(τ) = midpoint of the neighbouring levels, with the multiplier held.
    private func newtonDirection(_ state: State) -> [Double]? {
        let count = state.thresholds.count
        var (lower, diagonal, upper, right) = (
            [Double](repeating: 0, count: count), [Double](repeating: 1, count: count),
            [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
        )
        let weights = state.thresholds.map { partial.density(at: $0).x }
        for i in 0..<count {
            let tau = state.thresholds[i]
            let h = 1e-4
            guard let t = target(tau, state.multiplier), let left = target(tau - h, state.multiplier),
                let after = target(tau + h, state.multiplier)
            else { continue }
            right[i] = 0.5 * (state.levels[i] + state.levels[i + 1]) - t
            let below = weights[i] * (t - state.levels[i]) / state.sums[i].x
            let above = weights[i] * (state.levels[i + 1] - t) / state.sums[i + 1].x
            diagonal[i] = (after - left) / (2 * h) - 0.5 * (below + above)
            if i > 0, let other = target(state.thresholds[i - 1], state.multiplier) {
                lower[i] = -0.5 * weights[i - 1] * (state.levels[i] - other) / state.sums[i].x
            }
            if i < count - 1, let other = target(state.thresholds[i + 1], state.multiplier) {
                upper[i] = -0.5 * weights[i + 1] * (other - state.levels[i + 1]) / state.sums[i + 1].x
            }
        }
        return count > 0 ? solveTridiagonal(lower, diagonal, upper, right) : nil
    }

    /// Lloyd's direction: each threshold to the place between its neighbours where t is the midpoint of the levels.
    private func lloydDirection(_ state: State) -> [Double]? {
        let count = state.thresholds.count
        guard count > 0 else { return nil }
        return (0..<count).map { i in
            let tau = state.thresholds[i]
            let middle = 0.5 * (state.levels[i] + state.levels[i + 1])
            var low = i > 0 ? 0.5 * (state.thresholds[i - 1] + tau) : max(partial.nodes[0], tau - 1)
            var high =
                i < count - 1
                ? 0.5 * (state.thresholds[i + 1] + tau) : min(partial.nodes[partial.nodes.count - 1], tau + 1)
            guard let t = target(tau, state.multiplier) else { return 0 }
            if t < middle { low = tau } else { high = tau }
            for _ in 0..<30 {
                let x = 0.5 * (low + high)
                if (target(x, state.multiplier) ?? middle) < middle { low = x } else { high = x }
            }
            return 0.5 * (low + high) - tau
        }
    }
}
