import QuantizedKernels
import Testing

/// Values that hit thresholds exactly, lie beside them, and lie beyond all of them.
private func values(around thresholds: [Double], count: Int, using random: inout SplitMix64) -> [Double] {
    let special = [Double.infinity, -.infinity, .nan, 0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    return (0..<count).map { i in
        switch i % 4 {
        case 0: special[i / 4 % special.count]
        case 1 where !thresholds.isEmpty: thresholds.randomElement(using: &random) ?? 0
        case 2 where !thresholds.isEmpty: (thresholds.randomElement(using: &random) ?? 0).nextUp
        default: Double.random(in: -4...4, using: &random)
        }
    }
}

@Suite struct EncodingTests {
    private static let thresholdCounts = [0, 1, 2, 3, 7, 14, 15, 16, 17, 30, 31, 32, 63, 100, 127, 128, 200, 254, 255]

    @Test func aTieGoesDown() {
        for set in Grid.sets {
            let codes = guarded(6, start: 0, guardValue: 99) {
                set.encode([-2, -1, -0.5, 0, 1, 1.5].span, thresholds: [-1.0, 0, 1].span, into: &$0)
            }
            #expect(codes == [0, 0, 1, 1, 2, 3])
        }
    }

    @Test(arguments: thresholdCounts) func doublesAreCounted(thresholdCount: Int) {
        var random = SplitMix64(seed: UInt64(thresholdCount))
        var thresholds = (0..<thresholdCount).map { _ in Double.random(in: -3...3, using: &random) }.sorted()
        if thresholdCount > 6 { thresholds[3] = thresholds[4] }
        let x = values(around: thresholds, count: 1003, using: &random)
        let expected = x.map { x in UInt8(thresholds.count { $0 < x }) }
        for set in Grid.sets {
            for count in Grid.counts {
                for start in Grid.starts {
                    let codes = guarded(count, start: start, guardValue: 77) {
                        set.encode(x.span.extracting(start..<start + count), thresholds: thresholds.span, into: &$0)
                    }
                    #expect(codes == Array(expected[start..<start + count]), "\(set) \(count) from \(start)")
                }
            }
        }
    }

    @Test(arguments: thresholdCounts) func floatsAreCounted(thresholdCount: Int) {
        var random = SplitMix64(seed: UInt64(thresholdCount))
        var thresholds = (0..<thresholdCount).map { _ in Float.random(in: -3...3, using: &random) }.sorted()
        if thresholdCount > 6 { thresholds[3] = thresholds[4] }
        let x = values(around: thresholds.map { Double($0) }, count: 1003, using: &random).map { Float($0) }
        let expected = x.map { x in UInt8(thresholds.count { $0 < x }) }
        for set in Grid.sets {
            for count in Grid.counts {
                for start in Grid.starts {
                    let codes = guarded(count, start: start, guardValue: 77) {
                        set.encode(x.span.extracting(start..<start + count), thresholds: thresholds.span, into: &$0)
                    }
                    #expect(codes == Array(expected[start..<start + count]), "\(set) \(count) from \(start)")
                }
            }
        }
    }

    @Test func infiniteThresholdsAreOrdinary() {
        let thresholds: [Double] = [-.infinity, 0, .infinity]
        let x: [Double] = Array(repeating: [-.infinity, -1, 0, 1, .infinity, .nan], count: 20).flatMap(\.self)
        for set in Grid.sets {
            let codes = guarded(x.count, start: 1, guardValue: 77) {
                set.encode(x.span, thresholds: thresholds.span, into: &$0)
            }
            #expect(codes == x.map { x in UInt8(thresholds.count { $0 < x }) })
        }
    }
}
