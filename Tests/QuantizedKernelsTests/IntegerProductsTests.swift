import QuantizedKernels
import Testing

/// A packed matrix of integers whose columns have widths of their own.
private struct IntegerMatrix {
    let rows: Int
    let columns: [IntegerColumn]
    let packed: [UInt8]
    /// Entry (i, j).
    let entries: [[Int8]]

    init(rows: Int, widths: [Int], largest: Int8, using random: inout SplitMix64) {
        var packed: [UInt8] = [0xFF], columns: [IntegerColumn] = [], entries: [[Int8]] = []
        for bits in widths {
            let levels = (0..<1 << bits).map { _ in Int8.random(in: -largest...largest, using: &random) }
            let codes = (0..<rows).map { _ in UInt8.random(in: 0..<UInt8(levels.count), using: &random) }
            var bytes = [UInt8](repeating: 0, count: Kernels.packedByteCount(count: rows, bits: bits))
            var output = bytes.mutableSpan
            Kernels.scalar.pack(codes.span, bits: bits, into: &output)
            columns.append(IntegerColumn(start: packed.count, bits: bits, levels: levels))
            entries.append(codes.map { levels[Int($0)] })
            packed += bytes
        }
        (self.rows, self.columns, self.packed, self.entries) = (rows, columns, packed, entries)
    }

    func product(_ set: Kernels, _ x: [Double], addedTo y: [Double]) -> [Double]? {
        guarded(rows, start: 1, guardValue: -5.0) { output in
            for i in y.indices { output[i] = y[i] }
            set.multiply(packed.span, columns: columns, rows: rows, by: x.span, into: &output)
        }
    }

    func transposedProduct(_ set: Kernels, _ y: [Double], addedTo z: [Double]) -> (z: [Double]?, sum: Double) {
        var sum = 0.0
        let products = guarded(columns.count, start: 1, guardValue: -5.0) { output in
            for j in z.indices { output[j] = z[j] }
            sum = set.multiplyTransposed(packed.span, columns: columns, rows: rows, by: y.span, into: &output)
        }
        return (products, sum)
    }
}

/// The documented sum: numbers to integers of at most 46 bits, exact sums, one conversion, one fused multiply–add.
private struct FixedPoint {
    let unit: Double

    init(_ numbers: some Sequence<Double>) {
        let largest = numbers.map(\.magnitude).max() ?? 0
        unit = Double(
            sign: .plus, exponent: max(-900, largest == 0 ? -900 : Int(largest.exponent) + 1) - 46, significand: 1)
    }

    func integer(_ number: Double) -> Int128 { Int128((number / unit).rounded(.toNearestOrEven)) }

    /// `target` + unit·Σ factor·integer(number).
    func sum(_ terms: [(Int8, Double)], addedTo target: Double) -> Double {
        let exact = terms.reduce(Int128(0)) { $0 + Int128($1.0) * integer($1.1) }
        return target.addingProduct(Double(exact), unit)
    }
}

@Suite struct IntegerProductsTests {
    private static let rowCounts = [0, 1, 7, 63, 64, 65, 255, 256, 257, 300, 2047, 2048, 2049, 4200]

    private func numbers(_ count: Int, _ random: inout SplitMix64) -> [Double] {
        (0..<count).map { i in Double.random(in: -1...1, using: &random) * (i % 7 == 3 ? 1e-9 : 1) }
    }

    @Test(arguments: rowCounts) func areTheDocumentedSums(rows: Int) {
        var random = SplitMix64(seed: UInt64(rows))
        for widths in [[], [4], [4, 4, 1, 4, 2], (0..<37).map { $0 % 5 == 1 ? $0 % 4 + 1 : 4 }] {
            let a = IntegerMatrix(rows: rows, widths: widths, largest: 127, using: &random)
            let n = widths.count, x = numbers(n, &random), y = numbers(rows, &random)
            var product = y, transposed = x, sum = 0.0
            let point = FixedPoint(x)
            for i in 0..<rows {
                for group in stride(from: 0, to: n, by: 32) {
                    let terms = (group..<min(n, group + 32)).map { (a.entries[$0][i], x[$0]) }
                    product[i] = point.sum(terms, addedTo: product[i])
                }
            }
            for first in stride(from: 0, to: rows, by: 2048) {
                let block = first..<min(rows, first + 2048), point = FixedPoint(y[block])
                for j in 0..<n {
                    transposed[j] = point.sum(block.map { (a.entries[j][$0], y[$0]) }, addedTo: transposed[j])
                }
                sum = point.sum(block.map { (1, y[$0]) }, addedTo: sum)
            }
            for set in Grid.sets {
                #expect(a.product(set, x, addedTo: y) == product, "\(set) \(rows)×\(n)")
                let result = a.transposedProduct(set, y, addedTo: x)
                #expect(result.z == transposed && result.sum == sum, "\(set) \(rows)×\(n)")
            }
        }
    }

    /// All entries and digits at their ends, so that a sum that left its lane would show.
    @Test(arguments: [-128, 127] as [Int8]) func largestSums(level: Int8) {
        let rows = 2048, n = 32
        let columns = (0..<n).map { _ in IntegerColumn(start: 0, bits: 4, levels: [level]) }
        let packed = [UInt8](repeating: 0, count: rows / 2)
        // 2^46 − 1 − 2^31 − 2^15 has digits near their ends in all three places.
        let number = Double(1 << 46 - 1 - 1 << 31 - 1 << 15), x = [Double](repeating: number, count: n)
        let y = [Double](repeating: -number, count: rows)
        for set in Grid.sets {
            var product = [Double](repeating: 0, count: rows), transposed = [Double](repeating: 0, count: n)
            var output = product.mutableSpan
            set.multiply(packed.span, columns: columns, rows: rows, by: x.span, into: &output)
            #expect(product.allSatisfy { $0 == Double(level) * 32 * number })
            var second = transposed.mutableSpan
            let sum = set.multiplyTransposed(packed.span, columns: columns, rows: rows, by: y.span, into: &second)
            #expect(transposed.allSatisfy { $0 == Double(level) * -2048 * number } && sum == -2048 * number)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func numbersThatAreNotFinite(number: Double) {
        var random = SplitMix64(seed: 1)
        let a = IntegerMatrix(rows: 100, widths: [4, 3], largest: 9, using: &random)
        for set in Grid.sets {
            #expect(a.product(set, [1, number], addedTo: [])?.allSatisfy(\.isNaN) == true)
            let result = a.transposedProduct(set, [number] + numbers(99, &random), addedTo: [])
            #expect(result.z?.allSatisfy(\.isNaN) == true && result.sum.isNaN)
        }
    }
}
