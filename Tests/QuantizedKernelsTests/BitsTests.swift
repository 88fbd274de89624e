import QuantizedKernels
import Testing

/// Planes of bits: slicing, and counts of the bits that two planes share, by their definitions.
@Suite struct BitsTests {
    @Test func planesWrittenByHand() {
        for set in Grid.sets {
            let planes = guarded(5, start: 1, guardValue: 0xAA) {
                set.bitPlanes([1, 2, 3, -1, 0, 0, 0, 1, 2].span, count: 2, into: &$0, planeStride: 3)
            }
            // Bytes between the planes stay as they were: 0xAA.
            #expect(planes == [0b1000_1101, 0, 0xAA, 0b0000_1110, 1])
        }
    }

    @Test(arguments: 0...8) func planes(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        for set in Grid.sets {
            for rows in Grid.counts {
                for start in Grid.starts {
                    let values = (0..<start + rows).map { _ in Int8.random(in: .min ... .max, using: &random) }
                    let bytes = (rows + 7) / 8
                    var expected = [UInt8](repeating: 0, count: bytes * count)
                    for (i, value) in values[start...].enumerated() {
                        for b in 0..<count where value >> Int8(b) & 1 == 1 {
                            expected[b * bytes + i / 8] |= 1 << (i % 8)
                        }
                    }
                    let planes = guarded(bytes * count, start: start, guardValue: 0xAA) {
                        set.bitPlanes(values.span.extracting(start...), count: count, into: &$0, planeStride: bytes)
                    }
                    #expect(planes == expected, "\(set) \(count) planes, \(rows) rows from \(start)")
                }
            }
        }
    }

    @Test(arguments: [0, 1, 31, 32, 33, 127, 128, 129, 200, 4095, 9000]) func sharedBits(bytes: Int) {
        var random = SplitMix64(seed: UInt64(bytes))
        for set in Grid.sets {
            for count in bytes > 1000 ? [5] : [0, 1, 3, 4, 5, 9] {
                // The first plane is full: the largest counts that there are.
                let planes = (0..<(bytes + 3) * count).map {
                    $0 < bytes ? 255 : UInt8.random(in: 0...255, using: &random)
                }
                var expected = (0..<count * count).map { Int64(1000 + $0) }
                for k in 0..<count {
                    for j in k..<count {
                        for i in 0..<bytes {
                            let both = planes[j * (bytes + 3) + i] & planes[k * (bytes + 3) + i]
                            expected[j + k * count] += Int64(both.nonzeroBitCount)
                        }
                    }
                }
                let gram = guarded(count * count, start: 1, guardValue: Int64(-5)) { gram in
                    for index in gram.indices { gram[index] = Int64(1000 + index) }
                    set.gram(bits: planes.span, bytes: bytes, planeStride: bytes + 3, count: count, into: &gram)
                }
                #expect(gram == expected, "\(set) \(count) planes of \(bytes) bytes")
            }
        }
    }
}
