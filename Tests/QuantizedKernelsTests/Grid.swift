import QuantizedKernels

/// What every kernel test runs over: instruction sets, widths, lengths around the vector lengths, and starts.
enum Grid {
    /// The sets of this processor, or the one named by the environment variable `QLS_KERNELS`.
    static let sets: [Kernels] = forcedName.map { [Kernels(named: $0)].compactMap(\.self) } ?? Kernels.available
    static let widths = 1...8
    /// 0, 1, lanes ± 1 and 2·lanes + 1 for 8, 16, 32 and 64 lanes, and a long one.
    static let counts = [0, 1, 7, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129, 1000]
    /// Offsets of the first entry, so that no start is aligned by luck.
    static let starts = [0, 1, 3]
    /// Entries after the output, which must stay as they were.
    static let guardCount = 70
}

/// SplitMix64 (Steele, Lea, Flood 2014): a fixed seed gives the same tests everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        defer { state &+= SplitMix64.step }
        return SplitMix64.number(0, from: state)
    }
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    /// Number `index` after the state `start`.
    static func number(_ index: Int, from start: UInt64) -> UInt64 {
        var z = start &+ step &* (UInt64(index) &+ 1)
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Runs `body` on `count` entries that start at `start`, followed by guard entries; returns what was written, or `nil`
/// where an entry outside was touched.
func guarded<T: Equatable>(
    _ count: Int, start: Int, guardValue: T, _ body: (inout MutableSpan<T>) -> Void
) -> [T]? {
    var storage = [T](repeating: guardValue, count: start + count + Grid.guardCount)
    do {
        var all = storage.mutableSpan
        var output = all._mutatingExtracting(start..<start + count)
        body(&output)
    }
    let before = storage[..<start], after = storage[(start + count)...]
    guard before.allSatisfy({ $0 == guardValue }), after.allSatisfy({ $0 == guardValue }) else { return nil }
    return Array(storage[start..<start + count])
}
