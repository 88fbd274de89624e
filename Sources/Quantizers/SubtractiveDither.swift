/// Uniform quantization with subtractive dither: code = nearest level of x + d, decoded value = level − d, with d uniform
/// in ±step/2 and known to both sides. The error is uniform in ±step/2 and independent of x, so codes are unbiased and
/// have the same variance step²/12 everywhere (Schuchman 1964).
///
/// Levels run from the minimum to the maximum. x + d reaches half a step beyond them, which still rounds to the end
/// level without overload.
public struct SubtractiveDither: Sendable {
    /// The uniform codebook.
    public let codebook: Codebook
    /// The distance of levels.
    public let step: Double
    private let generator: CounterGenerator

    /// A dithered quantizer for a range. Draws depend on the seed, the stream (one per column) and the index only.
    ///
    /// - Throws: `levelCount` unless K is in 2 … 256, `scale` unless minimum < maximum, both finite.
    public init(
        minimum: Double, maximum: Double, count: Int, seed: UInt64, stream: UInt64
    ) throws(QuantizerError) {
        guard (2...Codebook.maximumCount).contains(count) else { throw .levelCount(count) }
        guard minimum < maximum else { throw .scale(maximum - minimum) }
        codebook = try Codebook.uniform(minimum: minimum, maximum: maximum, count: count)
        step = (maximum - minimum) / Double(count - 1)
        generator = CounterGenerator(seed: seed, stream: stream)
    }

    /// The dither of entry `index`.
    public func dither(at index: Int) -> Double { (generator.uniform(at: index) - 0.5) * step }

    /// The code of x as entry `index`.
    public func encode(_ x: Double, at index: Int) -> UInt8 { codebook.encode(x + dither(at: index)) }

    /// The value that a code of entry `index` stands for.
    public func decode(_ code: UInt8, at index: Int) -> Double { codebook.decode(code) - dither(at: index) }
}
