/// The 64-bit hash FNV-1a, taken over whole words: the same on every machine.
public struct FNVHash: Equatable, Sendable {
    /// The hash of what was added.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of nothing.
    public init() {}

    /// Adds a word.
    public mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 }
}
