import QuantizedKernels
import Testing

/// The stream by its definition, one bit at a time.
private func packedBits(_ codes: [UInt8], bits: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (codes.count * bits + 7) / 8)
    for (i, code) in codes.enumerated() {
        for b in 0..<bits where code >> UInt8(b) & 1 == 1 {
            bytes[(i * bits + b) / 8] |= 1 << UInt8((i * bits + b) % 8)
        }
    }
    return bytes
}

@Suite struct PackingTests {
    @Test func aStreamWrittenByHand() {
        // 5, 2, 7 in 3 bits: 101, 010, 111 from the low end: 11|010|101 and 1.
        for set in Grid.sets {
            let packed = guarded(2, start: 0, guardValue: 0xAA) { set.pack([5, 2, 7].span, bits: 3, into: &$0) }
            #expect(packed == [0b1101_0101, 0b1])
        }
    }

    @Test(arguments: Grid.widths) func packing(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        for set in Grid.sets {
            for count in Grid.counts {
                for start in Grid.starts {
                    // All eight bits are random: those above the width must not leak into the stream.
                    let codes = (0..<start + count).map { _ in UInt8.random(in: 0...255, using: &random) }
                    let masked = codes[start...].map { $0 & UInt8(1 << bits - 1) }
                    let expected = packedBits(masked, bits: bits)
                    let packed = guarded(expected.count, start: start, guardValue: 0xAA) {
                        set.pack(codes.span.extracting(start...), bits: bits, into: &$0)
                    }
                    #expect(packed == expected, "\(set) \(bits) bits, \(count) from \(start)")
                    let stream = [UInt8](repeating: 0xFF, count: start) + expected
                    let unpacked = guarded(count, start: start, guardValue: 0xAA) {
                        set.unpack(stream.span.extracting(start...), bits: bits, into: &$0)
                    }
                    #expect(unpacked == masked, "\(set) \(bits) bits, \(count) from \(start)")
                }
            }
        }
    }
}
