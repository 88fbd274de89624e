import QuantizedKernels
import Testing

/// Maps of columns. On small integers every sum is exact, so plain loops give the same numbers; on other numbers all sets give
/// the same bits.
@Suite struct ColumnMapTests {
    private struct Example {
        let block: [Double]
        let map: ColumnMap
        let columns: [Int]
        let centers: [Double]
        let matrix: [Double]
        let offsets: [Double]
        let height: Int
    }

    /// Columns in the order 1, 2, …, 0.
    private func example(
        height: Int, columns p: Int, triangular: Bool, number: (inout SplitMix64) -> Double
    ) -> Example {
        var random = SplitMix64(seed: UInt64(height * 100 + p))
        let columns = (0..<p).map { ($0 + 1) % p }
        let block = (0..<(height * p)).map { _ in number(&random) }
        let centers = columns.map { _ in number(&random) }, offsets = columns.map { _ in number(&random) }
        let matrix = (0..<(p * p)).map { _ in number(&random) }
        return Example(
            block: block,
            map: ColumnMap(
                columns: columns, centers: centers, matrix: matrix, offsets: offsets, isTriangular: triangular),
            columns: columns, centers: centers, matrix: matrix, offsets: offsets, height: height)
    }

    private func mapped(_ example: Example, rows: [Int]?, by kernels: Kernels) -> [Double] {
        let p = example.columns.count, count = rows?.count ?? example.height
        // One number before and room behind that stay as they are.
        return [Double](capacity: 1 + count * p + 5) { output in
            output.append(-77)
            kernels.append(
                example.block.span, height: example.height, rows: rows, mappedBy: example.map, to: &output)
        }
    }

    @Test(arguments: [0, 1, 7, 8, 31, 32, 33, 64, 100], [1, 2, 3, 5, 6, 7, 12, 13, 40])
    func mapsAreThoseOfLoops(height: Int, columns p: Int) {
        let some = Array(stride(from: height - 1, through: 0, by: -3))
        for (triangular, rows) in [(true, nil), (false, some), (true, some), (false, nil)] {
            let e = example(height: height, columns: p, triangular: triangular) { Double($0.next() % 41) - 20 }
            let listed = rows ?? Array(0..<height)
            var expected = [Double](repeating: 0, count: listed.count * p)
            for (j, column) in e.columns.enumerated() {
                for (place, i) in listed.enumerated() {
                    var sum = e.offsets[j]
                    for k in 0..<p where !triangular || k <= j {
                        let source = e.columns[k]
                        sum += (e.block[source * height + i] - e.centers[source]) * e.matrix[k + j * p]
                    }
                    expected[column * listed.count + place] = sum
                }
            }
            for kernels in Grid.sets {
                #expect(mapped(e, rows: rows, by: kernels) == [-77] + expected, "\(kernels)")
            }
        }
    }

    @Test(arguments: [1, 9, 33, 65], [1, 4, 7, 20])
    func allSetsGiveTheSameBits(height: Int, columns: Int) {
        for triangular in [true, false] {
            let e = example(height: height, columns: columns, triangular: triangular) {
                Double($0.next() >> 11) * 0x1p-52 - 1
            }
            let first = mapped(e, rows: nil, by: .scalar)
            for kernels in Grid.sets {
                #expect(mapped(e, rows: nil, by: kernels).map(\.bitPattern) == first.map(\.bitPattern), "\(kernels)")
            }
        }
    }
}
