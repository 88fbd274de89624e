import QuantizedKernels
import Testing

/// A packed matrix, its codes and levels.
private struct PackedMatrix {
    let rows, columns, bits, stride, start: Int
    var codes: [UInt8] = []
    var levels: [Double]
    var packed: [UInt8]

    init(
        rows: Int, columns: Int, bits: Int, start: Int, using random: inout SplitMix64,
        level: (inout SplitMix64) -> Double
    ) {
        (self.rows, self.columns, self.bits, self.start) = (rows, columns, bits, start)
        stride = Kernels.packedByteCount(count: rows, bits: bits) + 3
        levels = []
        for _ in 0..<columns << bits { levels.append(level(&random)) }
        packed = Array(repeating: 0xFF, count: start)
        for j in 0..<columns {
            let column = (0..<rows).map { _ in UInt8.random(in: 0...UInt8(1 << bits - 1), using: &random) }
            codes += column
            var bytes = [UInt8](repeating: 0, count: Kernels.packedByteCount(count: rows, bits: bits))
            var output = bytes.mutableSpan
            Kernels.scalar.pack(column.span, bits: bits, into: &output)
            packed += bytes + (j < columns - 1 ? [0xFF, 0xFF, 0xFF] : [])
        }
    }

    func entry(_ i: Int, _ j: Int) -> Double { j < columns ? levels[j << bits + Int(codes[j * rows + i])] : 0 }

    /// y + Â x in the documented order.
    func product(_ x: [Double], addedTo y: [Double]) -> [Double] {
        var y = y
        for i in 0..<rows {
            for j in stride(from: 0, to: columns, by: 4) {
                let p = (j..<j + 4).map { $0 < columns ? entry(i, $0) * x[$0] : 0 }
                y[i] += (p[0] + p[1]) + (p[2] + p[3])
            }
        }
        return y
    }

    /// z + Âᵀ y in the documented order.
    func transposedProduct(_ y: [Double], addedTo z: [Double]) -> [Double] {
        var z = z
        for block in stride(from: 0, to: rows, by: 32768) {
            for j in 0..<columns {
                var lanes = [Double](repeating: 0, count: 8)
                for i in block..<min(rows, block + 32768) { lanes[i % 8] += entry(i, j) * y[i] }
                let s = (0..<4).map { lanes[$0] + lanes[$0 + 4] }
                z[j] += (s[0] + s[2]) + (s[1] + s[3])
            }
        }
        return z
    }

    private func stride(from: Int, to: Int, by: Int) -> StrideTo<Int> { Swift.stride(from: from, to: to, by: by) }

    func product(_ set: Kernels, _ x: [Double], addedTo y: [Double]) -> [Double]? {
        guarded(rows, start: 1, guardValue: -5.0) { output in
            for i in y.indices { output[i] = y[i] }
            set.multiply(
                packed.span.extracting(start...), rows: rows, columnStride: stride, count: columns, bits: bits,
                levels: levels.span, by: x.span, into: &output)
        }
    }

    func transposedProduct(_ set: Kernels, _ y: [Double], addedTo z: [Double]) -> [Double]? {
        guarded(columns, start: 1, guardValue: -5.0) { output in
            for j in z.indices { output[j] = z[j] }
            set.multiplyTransposed(
                packed.span.extracting(start...), rows: rows, columnStride: stride, count: columns, bits: bits,
                levels: levels.span, by: y.span, into: &output)
        }
    }
}

@Suite struct ProductsTests {
    private static let columnCounts = [0, 1, 3, 4, 5, 9]

    /// Bit for bit, so a fused multiply–add or another order of the sum fails.
    @Test(arguments: Grid.widths) func areTheDocumentedSums(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        for rows in [0, 1, 7, 8, 9, 17, 63, 64, 65, 129, 1000] {
            for columns in ProductsTests.columnCounts {
                let a = PackedMatrix(
                    rows: rows, columns: columns, bits: bits, start: rows % 3, using: &random,
                    level: { Double.random(in: -1...1, using: &$0) })
                let x = (0..<columns).map { _ in Double.random(in: -1...1, using: &random) }
                let y = (0..<rows).map { _ in Double.random(in: -1...1, using: &random) }
                let product = a.product(x, addedTo: y), transposed = a.transposedProduct(y, addedTo: x)
                for set in Grid.sets {
                    #expect(a.product(set, x, addedTo: y) == product, "\(set) \(rows)×\(columns)")
                    #expect(a.transposedProduct(set, y, addedTo: x) == transposed, "\(set) \(rows)×\(columns)")
                }
            }
        }
    }

    /// Past the block of rows, at widths with and without pairs of codes in a byte.
    @Test(arguments: [3, 4]) func longColumns(bits: Int) {
        var random = SplitMix64(seed: 2)
        let a = PackedMatrix(
            rows: 33_003, columns: 5, bits: bits, start: 1, using: &random,
            level: { Double.random(in: -1...1, using: &$0) })
        let x = (0..<5).map { _ in Double.random(in: -1...1, using: &random) }
        let y = (0..<a.rows).map { _ in Double.random(in: -1...1, using: &random) }
        let product = a.product(x, addedTo: y), transposed = a.transposedProduct(y, addedTo: x)
        for set in Grid.sets {
            #expect(a.product(set, x, addedTo: y) == product, "\(set)")
            #expect(a.transposedProduct(set, y, addedTo: x) == transposed, "\(set)")
        }
    }

    /// With small integers every sum is exact, whatever its order: the value itself is checked.
    @Test(arguments: Grid.widths) func areExactOnIntegers(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        let a = PackedMatrix(
            rows: 301, columns: 7, bits: bits, start: 0, using: &random,
            level: { Double(Int.random(in: -9...9, using: &$0)) })
        let x = (0..<7).map { _ in Double(Int.random(in: -9...9, using: &random)) }
        let y = (0..<301).map { _ in Double(Int.random(in: -9...9, using: &random)) }
        let zeros = [Double](repeating: 0, count: 301)
        for set in Grid.sets {
            #expect(
                a.product(set, x, addedTo: zeros)
                    == (0..<301).map { i in (0..<7).reduce(0) { $0 + a.entry(i, $1) * x[$1] } })
            #expect(
                a.transposedProduct(set, y, addedTo: Array(zeros[..<7]))
                    == (0..<7).map { j in (0..<301).reduce(0) { $0 + a.entry($1, j) * y[$1] } })
        }
    }
}
