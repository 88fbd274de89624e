import QuantizedKernels
import Testing

@Suite struct ColumnsTests {
    @Test(arguments: [0, 1, 3, 4, 5, 8, 15, 16, 17, 35, 70], [0, 1, 2, 3, 4, 7, 8, 13]) func rowsBecomeColumns(
        m: Int, n: Int
    ) {
        var random = SplitMix64(seed: UInt64(m * 100 + n))
        let rowStride = n + 3, columnStride = m + 5
        let rows = (0..<m * rowStride).map { _ in Double.random(in: -9...9, using: &random) }
        let floats = rows.map { Float($0) }
        let centers = (0..<n).map { _ in Double.random(in: -9...9, using: &random) }
        let count = n == 0 ? 0 : (n - 1) * columnStride + m
        var expected = [Double](repeating: 77, count: count), expectedFromFloats = expected
        for j in 0..<n {
            for i in 0..<m {
                expected[i + j * columnStride] = rows[i * rowStride + j] - centers[j]
                expectedFromFloats[i + j * columnStride] = Double(floats[i * rowStride + j]) - centers[j]
            }
        }
        for set in Grid.sets {
            let columns = guarded(count, start: 1, guardValue: 77) {
                set.columns(
                    ofRows: rows.span, count: m, rowStride: rowStride, centers: centers.span, into: &$0,
                    columnStride: columnStride)
            }
            #expect(columns == expected, "\(set)")
            let fromFloats = guarded(count, start: 1, guardValue: 77) {
                set.columns(
                    ofRows: floats.span, count: m, rowStride: rowStride, centers: centers.span, into: &$0,
                    columnStride: columnStride)
            }
            #expect(fromFloats == expectedFromFloats, "\(set)")
        }
    }
}
