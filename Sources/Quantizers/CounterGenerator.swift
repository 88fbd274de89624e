/// Random numbers that are a function of a seed, a stream and an index, so that what is drawn for one entry does not
/// depend on threads, blocks or the order of work: entry i of column j draws number i of stream j.
///
/// The numbers of a stream are those of SplitMix64 (Steele, Lea and Flood 2014), which can be entered at any index; the
/// state that a stream starts from is a hash of seed and stream.
public struct CounterGenerator: Sendable, Equatable {
    /// The state that the stream starts from.
    public let start: UInt64

    /// A stream, for instance a column, of a seed.
    public init(seed: UInt64, stream: UInt64) {
        start = CounterGenerator.mix(CounterGenerator.mix(seed) &+ 0x9E37_79B9_7F4A_7C15 &* (stream &+ 1))
    }

    /// Number `index` of the stream: 64 random bits.
    @inline(__always)
    public func bits(at index: Int) -> UInt64 {
        CounterGenerator.mix(start &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(bitPattern: Int64(index)) &+ 1))
    }

    /// Number `index` of the stream as a multiple of 2^−53 in [0, 1).
    @inline(__always)
    public func uniform(at index: Int) -> Double { Double(bits(at: index) >> 11) * 0x1p-53 }

    /// Half `index` mod 2 (the low one first) of number ⌊`index`/2⌋ of the stream, as a multiple of 2^−32 in [0, 1): two
    /// draws for the price of one, as the kernels of stochastic encoding take them.
    @inline(__always)
    public func half(at index: Int) -> Double {
        Double(UInt32(truncatingIfNeeded: bits(at: index >> 1) >> (32 * UInt64(index & 1)))) * 0x1p-32
    }

    /// SplitMix64's output function.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
