/// The 64-bit generator SplitMix64 (Steele, Lea and Flood 2014): explicit state, the same numbers on every machine for a
/// seed. For numbers that are entered at any index see `CounterGenerator`.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that starts from a seed.
    public init(seed: UInt64) { state = seed }

    /// The generator after so many numbers. Cost: 1.
    public func advanced(by count: Int) -> SplitMix64 {
        SplitMix64(seed: state &+ UInt64(count) &* Self.step)
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= Self.step
        return CounterGenerator.mix(state)
    }
}
