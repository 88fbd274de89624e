/// Lloyd–Max quantization: levels that are the centroids of their cells, thresholds halfway between levels, so that
/// D = ∫ (x − x̂)² dμ is stationary. Sources: Max 1960, Lloyd 1982.
public struct LloydMax: Sendable {
    /// The largest number of iterations.
    public var maximumIterations = 500
    /// Iteration stops when no level is farther than this from its centroid, relative to the range of the levels.
    public var tolerance = 1e-14
    /// Iteration also stops when an iteration lowers the distortion by less than this share of it.
    public var improvement = 0.0

    /// The settings for measures in closed form.
    public init() {}

    /// The settings for histograms, whose interpolated moments are not worth more digits.
    static var forHistograms: LloydMax {
        var result = LloydMax()
        result.maximumIterations = 100
        result.improvement = 1e-6
        return result
    }

    /// The stationary codebook reached from given levels.
    ///
    /// Each iteration tries a Newton step on levels − centroids = 0 (a tridiagonal system; quadratic convergence,
    /// where Lloyd's own iteration needs of the order of K² rounds) and takes Lloyd's step, which never raises D,
    /// whenever the Newton step would raise D or disorder the levels. Cost: K moment evaluations per iteration.
    ///
    /// - Throws: `levelCount` or `levelsNotAscending` for an unusable start.
    public func codebook(
        for measure: some CellMeasure, startingFrom levels: [Double]
    ) throws(QuantizerError) -> Codebook {
        var current = try Codebook(levels: levels)
        var state = cells(current, measure)
        for _ in 0..<maximumIterations {
            let range = max(current.levels[current.count - 1] - current.levels[0], .leastNormalMagnitude)
            if state.farthest(current) <= tolerance * range { break }
            let before = state.distortion
            if let next = newton(current, state, measure) {
                (current, state) = next
            } else {
                let next = try Codebook(levels: state.centroids)
                let nextState = cells(next, measure)
                if !(nextState.distortion < state.distortion), next.levels == current.levels { break }
                (current, state) = (next, nextState)
            }
            if improvement > 0, before - state.distortion < improvement * before { break }
        }
        // Far from the middle of a column D has fewer digits than the centroids have.
        if improvement > 0, let last = try? Codebook(levels: state.centroids) { current = last }
        return current
    }

    /// Moments, centroids and distortion of all cells of a codebook.
    private struct Cells {
        var moments: [CellMoments]
        var centroids: [Double]
        var distortion: Double

        /// The largest distance of a level from its centroid.
        func farthest(_ codebook: Codebook) -> Double {
            zip(codebook.levels, centroids).map { abs($0 - $1) }.max() ?? 0
        }
    }

    private func cells(_ codebook: Codebook, _ measure: some CellMeasure) -> Cells {
        var result = Cells(moments: [], centroids: [], distortion: 0)
        for code in 0..<codebook.count {
            let (a, b) = codebook.cell(code)
            let moments = measure.moments(from: a, to: b)
            let level = codebook.levels[code]
            var centroid = moments.mass > 0 ? moments.first / moments.mass : level
            if !(centroid > a && centroid <= b) { centroid = level }
            result.moments.append(moments)
            result.centroids.append(centroid)
            result.distortion += moments.distortion(level)
        }
        return result
    }

    /// The Newton step, or nil if it does not lower the distortion.
    private func newton(
        _ codebook: Codebook, _ state: Cells, _ measure: some CellMeasure
    ) -> (Codebook, Cells)? {
        let count = codebook.count
        let slopes = codebook.thresholds.map { measure.density(at: $0) }
        var diagonal = [Double](repeating: 1, count: count)
        var lower = [Double](repeating: 0, count: count)
        var upper = lower
        var right = lower
        for code in 0..<count {
            right[code] = state.centroids[code] - codebook.levels[code]
            let mass = state.moments[code].mass
            guard mass > 0 else { continue }
            if code > 0 {
                lower[code] = -0.5 * slopes[code - 1] * (state.centroids[code] - codebook.thresholds[code - 1]) / mass
            }
            if code < count - 1 {
                upper[code] = -0.5 * slopes[code] * (codebook.thresholds[code] - state.centroids[code]) / mass
            }
            diagonal[code] += lower[code] + upper[code]
        }
        guard let step = solveTridiagonal(lower, diagonal, upper, right) else { return nil }
        let levels = zip(codebook.levels, step).map { $0 + $1 }
        guard let next = try? Codebook(levels: levels) else { return nil }
        let nextState = cells(next, measure)
        // Near the solution D is flat to rounding; there the distance from the centroids decides.
        let isLower = nextState.distortion < state.distortion
        let isCloser = nextState.farthest(next) < state.farthest(codebook)
        let isFlat = nextState.distortion <= state.distortion * (1 + 1e-12)
        return isLower || (isFlat && isCloser) ? (next, nextState) : nil
    }
}

extension Codebook {
    /// The ends of cell c, −∞ and +∞ for the outermost.
    public func cell(_ code: Int) -> (lower: Double, upper: Double) {
        (code > 0 ? thresholds[code - 1] : -.infinity, code < count - 1 ? thresholds[code] : .infinity)
    }

    /// The Lloyd–Max codebook of K levels for N(mean, standardDeviation²), K from 1 to 256.
    ///
    /// - Parameters:
    ///   - correlation: weights errors by the conditional second moment of a Gaussian partner with this correlation
    ///     (weighted Lloyd–Max); 0 for plain mean squared error.
    /// - Throws: `levelCount`, `correlation` or `scale`.
    public static func gaussianLloydMax(
        count: Int, correlation: Double = 0, mean: Double = 0, standardDeviation: Double = 1
    ) throws(QuantizerError) -> Codebook {
        let density = try GaussianPairDensity(correlation: correlation)
        let start = try companding(density, count: count)
        let measure = try GaussianPairMeasure(correlation: correlation)
        return try LloydMax().codebook(for: measure, startingFrom: start.levels)
            .scaled(by: standardDeviation, offset: mean)
    }
}

/// Solves a tridiagonal system by elimination; nil when a pivot vanishes. `lower[0]` and the last of `upper` are unused.
func solveTridiagonal(_ lower: [Double], _ diagonal: [Double], _ upper: [Double], _ right: [Double]) -> [Double]? {
    let n = diagonal.count
    var pivots = diagonal
    var x = right
    for i in 1..<max(n, 1) {
        guard pivots[i - 1] != 0 else { return nil }
        let factor = lower[i] / pivots[i - 1]
        pivots[i] -= factor * upper[i - 1]
        x[i] -= factor * x[i - 1]
    }
    for i in (0..<n).reversed() {
        guard pivots[i] != 0 else { return nil }
        if i + 1 < n { x[i] -= upper[i] * x[i + 1] }
        x[i] /= pivots[i]
    }
    return x.allSatisfy(\.isFinite) ? x : nil
}
