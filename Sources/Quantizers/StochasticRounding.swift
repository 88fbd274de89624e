/// Unbiased codes: a value between neighbouring levels l < x < u goes up with probability (x − l)/(u − l), so that
/// E[X̂ | X = x] = x, with variance (x − l)(u − x).
///
/// Products of different unbiased columns are unbiased as they stand; squares are not, and a diagonal has to come from
/// exact sums. Values beyond the end levels take the end level and are biased: choose levels that reach the extremes,
/// as `Codebook.varianceOptimal` does. The thresholds of the codebook are not used.
public struct StochasticRounding: Sendable {
    /// The levels.
    public let codebook: Codebook
    /// The stream of draws: entry i takes number i of its halves.
    public let generator: CounterGenerator
    /// Finds the interval between levels.
    private let intervals: Encoder?

    /// Rounding to the levels of a codebook. The draw for an entry is a function of the seed, the stream (one per
    /// column) and the index of the entry (its row), whatever the threads and blocks.
    public init(_ codebook: Codebook, seed: UInt64, stream: UInt64) {
        self.codebook = codebook
        generator = CounterGenerator(seed: seed, stream: stream)
        let inner = codebook.levels.dropFirst()
        // The K − 1 intervals as cells with the inner levels for thresholds: valid because levels ascend.
        let cells = try? Codebook(levels: Array(inner), thresholds: Array(inner.dropLast()))
        intervals = cells.map(Encoder.init)
    }

    /// The code of x as entry `index`: u where draw·(u − l) < x − l, else that of l. NaN gets 0. Cost: a few steps.
    @inline(__always)
    public func encode(_ x: Double, at index: Int) -> UInt8 {
        let levels = codebook.levels
        guard let intervals else { return 0 }
        let below = Int(intervals.encode(x))
        let width = levels[below + 1] - levels[below]
        return UInt8(truncatingIfNeeded: below + (generator.half(at: index) * width < x - levels[below] ? 1 : 0))
    }

    /// The codes of a block of values, the first of which is entry `first`. Cost: a few steps each.
    public func encode(_ values: [Double], from first: Int) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: values.count)
        for i in values.indices { codes[i] = encode(values[i], at: first + i) }
        return codes
    }

    /// Writes the codes of a block, the first of which is entry `first`. `codes` has to be as long as `values`.
    public func encode(_ values: Span<Double>, from first: Int, into codes: inout MutableSpan<UInt8>) {
        precondition(values.count == codes.count, "There is one code for each value.")
        for i in values.indices { codes[i] = encode(values[i], at: first + i) }
    }

    /// E[(X̂ − x)² | x] = (x − l)(u − x) between levels; the squared distance beyond the ends.
    public func meanSquaredError(at x: Double) -> Double { codebook.roundingVariance(at: x) }
}

extension Codebook {
    /// The mean squared error of stochastic rounding at x: (x − l)(u − x) between neighbouring levels, the squared
    /// distance from the end level beyond the ends.
    public func roundingVariance(at x: Double) -> Double {
        let (first, last) = (levels[0], levels[count - 1])
        if x <= first { return (first - x) * (first - x) }
        if x >= last { return (x - last) * (x - last) }
        let below = lastIndex(levels, notAbove: x)
        return (x - levels[below]) * (levels[below + 1] - x)
    }

    /// The mean of `roundingVariance` over the finite values of a block; 0 for none. Cost: n log K.
    public func roundingVariance(of values: [Double]) -> Double {
        var (sum, count) = (0.0, 0)
        for value in values where value.isFinite {
            sum += roundingVariance(at: value)
            count += 1
        }
        return count > 0 ? sum / Double(count) : 0
    }
}
