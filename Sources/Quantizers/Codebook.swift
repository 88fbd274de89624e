/// A scalar quantizer with K levels: real numbers in, codes 0 … K−1 out, and back.
///
/// The code of x is the number of thresholds below x, so a value on a threshold takes the lower code; every finite
/// number has a code (the end cells reach to ±∞). Thresholds need not be the midpoints of the levels: the jointly
/// optimal codebooks of a product and codebooks scaled by a decode gain have others.
public struct Codebook: Sendable, Equatable {
    /// The most levels a codebook may have: a code is one byte.
    public static let maximumCount = 256

    /// The K decoded values, strictly ascending.
    public let levels: [Double]
    /// The K−1 cell boundaries, ascending; cell c is (thresholds[c−1], thresholds[c]].
    public let thresholds: [Double]
    /// Whether the levels are all the distinct values of the column, so that decoding is exact.
    public let isExact: Bool

    /// A codebook from its levels and thresholds.
    ///
    /// - Parameters:
    ///   - levels: 1 to 256 finite numbers, strictly ascending.
    ///   - thresholds: one fewer than the levels, ascending; nil for the midpoints, the nearest-level rule.
    ///   - isExact: whether the levels are all the values that will be encoded.
    /// - Throws: `levelCount`, `levelsNotAscending` or `thresholdsNotAscending`.
    public init(levels: [Double], thresholds: [Double]? = nil, isExact: Bool = false) throws(QuantizerError) {
        guard (1...Codebook.maximumCount).contains(levels.count) else { throw .levelCount(levels.count) }
        guard levels.allSatisfy(\.isFinite), zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .levelsNotAscending
        }
        let boundaries = thresholds ?? Codebook.midpoints(of: levels)
        guard boundaries.count == levels.count - 1, boundaries.allSatisfy({ !$0.isNaN }),
            zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw .thresholdsNotAscending }
        self.levels = levels
        self.thresholds = boundaries
        self.isExact = isExact
    }

    /// The codebook whose levels are the distinct values given: a column with at most 256 of them loses nothing.
    ///
    /// - Throws: `noValues` if none is finite, `tooManyDistinctValues` above 256. Cost: n log n.
    public static func exact(values: some Sequence<Double>) throws(QuantizerError) -> Codebook {
        var distinct = DistinctValues(limit: maximumCount)
        for value in values where value.isFinite { distinct.insert(value, count: 1) }
        guard !distinct.overflowed else { throw .tooManyDistinctValues }
        guard !distinct.values.isEmpty else { throw .noValues }
        return try Codebook(levels: distinct.values, isExact: true)
    }

    /// K, the number of levels.
    public var count: Int { levels.count }

    /// The width of a code: the smallest b with 2^b ≥ K, at least 1.
    public var bits: Int {
        var width = 1
        while 1 << width < levels.count { width += 1 }
        return width
    }

    /// The code of x: the number of thresholds below x. NaN has none and gets 0. Cost: log K.
    public func encode(_ x: Double) -> UInt8 {
        var low = 0
        var length = thresholds.count
        while length > 0 {
            let half = (length + 1) / 2
            low += thresholds[low + half - 1] < x ? half : 0
            length -= half
        }
        return UInt8(truncatingIfNeeded: low)
    }

    /// The level of a code. A code has to be below K.
    public func decode(_ code: UInt8) -> Double { levels[Int(code)] }

    /// The level that stands for x: decode(encode(x)).
    public func quantize(_ x: Double) -> Double { levels[Int(encode(x))] }

    /// The codes of a block of values. Cost: n log K, or a few steps per value for long blocks.
    public func encode(_ values: [Double]) -> [UInt8] {
        values.count < 8192 ? values.map { encode($0) } : Encoder(self).encode(values)
    }

    /// The codebook of the column σx + μ: levels and thresholds mapped alike. Levels that rounding makes equal become one.
    ///
    /// - Throws: `scale` unless σ is positive and finite.
    public func scaled(by standardDeviation: Double, offset mean: Double = 0) throws(QuantizerError) -> Codebook {
        guard standardDeviation > 0, standardDeviation.isFinite else { throw .scale(standardDeviation) }
        let mapped = levels.map { mean + standardDeviation * $0 },
            bounds = thresholds.map { mean + standardDeviation * $0 }
        let kept = mapped.indices.filter { $0 == 0 || mapped[$0] > mapped[$0 - 1] }
        return try Codebook(
            levels: kept.map { mapped[$0] }, thresholds: kept.dropFirst().map { bounds[$0 - 1] }, isExact: isExact)
    }

    /// The same cells with every level multiplied by a decode gain; the thresholds stay.
    ///
    /// - Throws: `scale` unless the gain is positive and finite.
    public func scalingLevels(by gain: Double) throws(QuantizerError) -> Codebook {
        guard gain > 0, gain.isFinite else { throw .scale(gain) }
        return try Codebook(levels: levels.map { gain * $0 }, thresholds: thresholds)
    }

    /// The K−1 midpoints of K ascending levels.
    static func midpoints(of levels: [Double]) -> [Double] {
        zip(levels, levels.dropFirst()).map { midpoint($0, $1) }
    }

    /// (a + b)/2 without overflow.
    static func midpoint(_ a: Double, _ b: Double) -> Double {
        let width = b - a
        return width.isFinite ? a + 0.5 * width : 0.5 * a + 0.5 * b
    }
}
