import QuantizedKernels
import Testing

@Suite struct DecodingTests {
    /// Full codebooks, and short ones, whose missing levels decode to 0.
    private static func levelCounts(bits: Int) -> [Int] { [1 << bits, (1 << bits) - 1, 0, 1 << bits - 1] }

    @Test(arguments: Grid.widths) func integerLevels(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        for set in Grid.sets {
            for levelCount in DecodingTests.levelCounts(bits: bits) {
                let levels = (0..<levelCount).map { _ in Int16.random(in: .min ... .max, using: &random) }
                for count in Grid.counts {
                    for start in Grid.starts {
                        let codes = (0..<count).map { _ in UInt8.random(in: 0...UInt8(1 << bits - 1), using: &random) }
                        let expected = codes.map { Int($0) < levelCount ? levels[Int($0)] : 0 }
                        let padded = [UInt8](repeating: 1, count: start) + codes
                        let decoded = guarded(count, start: start, guardValue: Int16(-7)) {
                            set.decode(padded.span.extracting(start...), integerLevels: levels.span, into: &$0)
                        }
                        #expect(decoded == expected, "\(set) \(levelCount) levels, \(count) from \(start)")
                        let packed = packed(codes, bits: bits, after: start)
                        let fused = guarded(count, start: start, guardValue: Int16(-7)) {
                            set.unpackAndDecode(
                                packed.span.extracting(start...), bits: bits, integerLevels: levels.span, into: &$0)
                        }
                        #expect(fused == expected, "\(set) \(levelCount) levels, \(count) from \(start)")
                    }
                }
            }
        }
    }

    @Test(arguments: Grid.widths) func smallIntegerLevels(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        for set in Grid.sets {
            for levelCount in DecodingTests.levelCounts(bits: bits) {
                let levels = (0..<levelCount).map { _ in Int8.random(in: .min ... .max, using: &random) }
                for count in Grid.counts {
                    for start in Grid.starts {
                        let codes = (0..<count).map { _ in UInt8.random(in: 0...UInt8(1 << bits - 1), using: &random) }
                        let expected = codes.map { Int($0) < levelCount ? levels[Int($0)] : 0 }
                        let padded = [UInt8](repeating: 1, count: start) + codes
                        let decoded = guarded(count, start: start, guardValue: Int8(-7)) {
                            set.decode(padded.span.extracting(start...), integerLevels: levels.span, into: &$0)
                        }
                        #expect(decoded == expected, "\(set) \(levelCount) levels, \(count) from \(start)")
                        let packed = packed(codes, bits: bits, after: start)
                        let fused = guarded(count, start: start, guardValue: Int8(-7)) {
                            set.unpackAndDecode(
                                packed.span.extracting(start...), bits: bits, integerLevels: levels.span, into: &$0)
                        }
                        #expect(fused == expected, "\(set) \(levelCount) levels, \(count) from \(start)")
                    }
                }
            }
        }
    }

    @Test(arguments: Grid.widths) func levels(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        for set in Grid.sets {
            for levelCount in DecodingTests.levelCounts(bits: bits) {
                let levels = (0..<levelCount).map { _ in Double.random(in: -1...1, using: &random) }
                for count in Grid.counts {
                    for start in Grid.starts {
                        let codes = (0..<count).map { _ in UInt8.random(in: 0...UInt8(1 << bits - 1), using: &random) }
                        let expected = codes.map { Int($0) < levelCount ? levels[Int($0)] : 0 }
                        let padded = [UInt8](repeating: 1, count: start) + codes
                        let decoded = guarded(count, start: start, guardValue: -7.0) {
                            set.decode(padded.span.extracting(start...), levels: levels.span, into: &$0)
                        }
                        #expect(decoded == expected, "\(set) \(levelCount) levels, \(count) from \(start)")
                        let packed = packed(codes, bits: bits, after: start)
                        let fused = guarded(count, start: start, guardValue: -7.0) {
                            set.unpackAndDecode(
                                packed.span.extracting(start...), bits: bits, levels: levels.span, into: &$0)
                        }
                        #expect(fused == expected, "\(set) \(levelCount) levels, \(count) from \(start)")
                    }
                }
            }
        }
    }

    /// Longer than the pieces in which the fused kernels work, at every width.
    @Test(arguments: Grid.widths) func longStreams(bits: Int) {
        var random = SplitMix64(seed: 5)
        let codes = (0..<5003).map { _ in UInt8.random(in: 0...UInt8(1 << bits - 1), using: &random) }
        let levels = (0..<256).map { Int16($0 * 100 - 12000) }
        let doubleLevels = levels.map { Double($0) }
        for set in Grid.sets {
            let packed = packed(codes, bits: bits, after: 0)
            let fused = guarded(codes.count, start: 0, guardValue: Int16(-7)) {
                set.unpackAndDecode(packed.span, bits: bits, integerLevels: levels.span, into: &$0)
            }
            #expect(fused == codes.map { Int16($0) * 100 - 12000 })
            let doubles = guarded(codes.count, start: 0, guardValue: -7.0) {
                set.unpackAndDecode(packed.span, bits: bits, levels: doubleLevels.span, into: &$0)
            }
            #expect(doubles == codes.map { Double($0) * 100 - 12000 })
        }
    }

    /// `start` bytes of 1s, then the stream.
    private func packed(_ codes: [UInt8], bits: Int, after start: Int) -> [UInt8] {
        var stream = [UInt8](repeating: 0, count: Kernels.packedByteCount(count: codes.count, bits: bits))
        var output = stream.mutableSpan
        Kernels.scalar.pack(codes.span, bits: bits, into: &output)
        return [UInt8](repeating: 0xFF, count: start) + stream
    }
}
