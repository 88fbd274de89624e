import QuantizedKernels

/// Encoding, packing, unpacking and decoding of a column, at every width.
struct CodesBenchmark {
    let kernels: Kernels
    let count = 65_536

    func run() {
        print("Codes, \(count) values, nanoseconds a value; decoding starts from the packed stream")
        print("bits  encode f32  encode f64      pack    unpack    to i8    to i16    to f64")
        for bits in 1...8 { row(bits) }
    }

    private func row(_ bits: Int) {
        var generator = Generator(state: UInt64(bits))
        let levelCount = 1 << bits
        let x = (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }, floats = x.map { Float($0) }
        let t = (1..<levelCount).map { Double($0) / Double(levelCount) * 2 - 1 }, floatThresholds = t.map { Float($0) }
        let levels = (0..<levelCount).map { Double($0) }
        let words = (0..<levelCount).map { Int16($0) }, bytes = (0..<levelCount).map { Int8(truncatingIfNeeded: $0) }
        var codes = [UInt8](repeating: 0, count: count), floatCodes = codes, unpacked = codes
        var packed = [UInt8](repeating: 0, count: Kernels.packedByteCount(count: count, bits: bits))
        var toBytes = [Int8](repeating: 0, count: count), toWords = [Int16](repeating: 0, count: count)
        var toDoubles = [Double](repeating: 0, count: count)
        let work: [() -> Void] = [
            {
                var output = floatCodes.mutableSpan
                kernels.encode(floats.span, thresholds: floatThresholds.span, into: &output)
            },
            {
                var output = codes.mutableSpan
                kernels.encode(x.span, thresholds: t.span, into: &output)
            },
            {
                var output = packed.mutableSpan
                kernels.pack(codes.span, bits: bits, into: &output)
            },
            {
                var output = unpacked.mutableSpan
                kernels.unpack(packed.span, bits: bits, into: &output)
            },
            {
                var output = toBytes.mutableSpan
                kernels.unpackAndDecode(packed.span, bits: bits, integerLevels: bytes.span, into: &output)
            },
            {
                var output = toWords.mutableSpan
                kernels.unpackAndDecode(packed.span, bits: bits, integerLevels: words.span, into: &output)
            },
            {
                var output = toDoubles.mutableSpan
                kernels.unpackAndDecode(packed.span, bits: bits, levels: levels.span, into: &output)
            },
        ]
        work.forEach { $0() }
        check(codes == unpacked && zip(codes, toWords).allSatisfy { Int16($0) == $1 }, "codes")
        check(zip(codes, toDoubles).allSatisfy { Double($0) == $1 }, "levels")
        check(zip(x, codes).allSatisfy { x, code in Int(code) == t.count { $0 < x } }, "encode")
        print("  \(bits) " + fastest(rounds: 200, work).map { cell($0 / Double(count) * 1e9) }.joined())
    }
}
