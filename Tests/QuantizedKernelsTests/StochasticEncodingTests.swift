import QuantizedKernels
import Testing

/// Draw d of a stream by the definition.
private func draw(_ d: Int, start: UInt64) -> Double {
    let z = SplitMix64.number(d / 2, from: start)
    return Double(UInt32(truncatingIfNeeded: d % 2 == 0 ? z : z >> 32)) / 0x1p32
}

/// The code of one value by the definition.
private func code(_ x: Double, _ levels: [Double], draw: Double) -> UInt8 {
    guard levels.count > 1 else { return 0 }
    let below = levels[1..<levels.count - 1].count { $0 < x }
    return UInt8(below + (draw * (levels[below + 1] - levels[below]) < x - levels[below] ? 1 : 0))
}

@Suite struct StochasticEncodingTests {
    private static let levelCounts = [1, 2, 3, 8, 15, 16, 17, 18, 19, 33, 34, 64, 129, 255, 256]

    @Test(arguments: levelCounts) func codesFollowTheDefinition(levelCount: Int) {
        var random = SplitMix64(seed: UInt64(levelCount))
        let levels = (0..<levelCount).map { _ in Double.random(in: -3...3, using: &random) }.sorted()
        let special = [Double.infinity, -.infinity, .nan, 0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        let x = (0..<1003).map { i in
            switch i % 5 {
            case 0: special[i / 5 % special.count]
            case 1: levels.randomElement(using: &random) ?? 0
            default: Double.random(in: -4...4, using: &random)
            }
        }
        for first in [0, 7, 1 << 40] {
            let start: UInt64 = 0xFEDC_BA98_7654_3210 &+ UInt64(first)
            let expected = x.indices.map { code(x[$0], levels, draw: draw(first + $0, start: start)) }
            for set in Grid.sets {
                for count in Grid.counts {
                    for offset in Grid.starts {
                        let codes = guarded(count, start: offset, guardValue: 77) {
                            set.encodeStochastically(
                                x.span.extracting(offset..<offset + count), levels: levels.span, start: start,
                                first: first + offset, into: &$0)
                        }
                        #expect(codes == Array(expected[offset..<offset + count]), "\(set) \(count) from \(offset)")
                    }
                }
            }
        }
    }

    @Test func levelsStayAndEndsAreKept() {
        let levels: [Double] = [-1, 0, 0.25, 8]
        let x: [Double] = [-5, -1, 0, 0.25, 8, 9, -.infinity, .infinity, .nan]
        for set in Grid.sets {
            for start in UInt64(0)..<50 {
                let codes = guarded(x.count, start: 0, guardValue: 77) {
                    set.encodeStochastically(x.span, levels: levels.span, start: start, first: 0, into: &$0)
                }
                #expect(codes == [0, 0, 1, 2, 3, 3, 0, 3, 0])
            }
        }
    }

    /// Of n draws a share (x − l)/(u − l) goes up, within four standard deviations.
    @Test(arguments: [0.001, 0.25, 0.5, 0.93]) func sharesAreProbabilities(share: Double) {
        let n = 200_000
        let x = [Double](repeating: -2 + 5 * share, count: n)
        for set in Grid.sets {
            var codes = [UInt8](repeating: 0, count: n)
            var output = codes.mutableSpan
            set.encodeStochastically(x.span, levels: [-2, 3, 4].span, start: 99, first: 0, into: &output)
            let up = codes.count { $0 == 1 }
            #expect(codes.allSatisfy { $0 < 2 })
            let deviation = (share * (1 - share) * Double(n)).squareRoot()
            #expect(abs(Double(up) - share * Double(n)) < 4 * deviation)
        }
    }
}
