import Testing

@testable import Quantizers

/// Sorted as the standard library sorts: numbers that differ in their leading bits, and such as only differ in the last ones.
@Suite struct RadixSortTests {
    static let sets: [[Double]] = {
        let normal = Source.normal.sample(9000, seed: 31)
        let close = normal.map { 1e15 + ($0 * 1000).rounded() }  // equal in the leading 33 bits
        let ramps = (0..<200_000).map { 1e15 + Double($0 % 100_000) }  // one step down, and a long way
        let mixed = normal.enumerated().map { $0.offset % 40 == 0 ? 1 + Double($0.offset) * 0x1p-45 : $0.element }
        return [
            normal, close, mixed, ramps, close.map { -$0 }, normal.map { ($0 * 4).rounded() },
            Array(normal.sorted().reversed()),
            Array(normal.prefix(2048)), [3, -0.0, 0, -1], [], [Double](repeating: 7, count: 5000),
        ]
    }()

    @Test(arguments: sets.indices) func asTheStandardLibrary(set: Int) {
        let values = Self.sets[set]
        #expect(RadixSort.sorted(values) == values.sorted())
        let order = RadixSort.order(values).map { values[Int($0)] }
        #expect(order == values.sorted())
    }
}
