import CReferenceBLAS
import QuantizedLeastSquares

/// Gram matrices from packed codes, decoding included, against OpenBLAS `dsyrk` and `ssyrk` on the decoded numbers, one
/// thread each; and two threads against one.
struct CodedGramBenchmark {
    let kernels: Kernels
    static let shapes = [(1_000_000, 64), (200_000, 256), (50_000, 1000)]
    let rounds = 9

    func run() throws {
        print("Gram from codes, median milliseconds (one thread: processor time; two threads: by the clock) and ratios")
        print("bits       rows   columns     codes     dsyrk     ssyrk   × dsyrk   × ssyrk   2 threads × 1")
        for bits in [1, 4, 8] {
            for (rows, columns) in Self.shapes { try row(bits, rows, columns) }
        }
    }

    private func row(_ bits: Int, _ m: Int, _ n: Int) throws {
        let matrix = try codedMatrix(rows: m, columns: n, bits: bits)
        let doubles = matrix.decoded(first: 0, count: m).elements, floats = doubles.map { Float($0) }
        var exact = [Double](repeating: 0, count: n * n), single = [Float](repeating: 0, count: n * n)
        var gram = matrix.integerGram(kernels: kernels)
        dsyrk(doubles, m, n, &exact)
        checkGram(gram, matrix, exact)
        let lists = times(
            rounds: rounds,
            [
                { gram = matrix.integerGram(kernels: kernels) }, { dsyrk(doubles, m, n, &exact) },
                { ssyrk(floats, m, n, &single) },
            ])
        let both = wallTimes(
            rounds: rounds,
            [
                { gram = matrix.integerGram(threads: 1, kernels: kernels) },
                { gram = matrix.integerGram(threads: 2, kernels: kernels) },
            ])
        let milliseconds = lists.map { 1000 * median($0) }
        let ratios = [1, 2].map { k in median(zip(lists[k], lists[0]).map(/)) }
        let threads = median(zip(both[0], both[1]).map(/))
        print("  \(bits) ", ([Double(m), Double(n)] + milliseconds + ratios + [threads]).map(cell).joined())
    }

    /// The sums of products of the decoded numbers, from the integers and from `dsyrk`.
    private func checkGram(_ gram: IntegerGram, _ matrix: QuantizedMatrix, _ exact: [Double]) {
        let n = matrix.columns.count
        for k in 0..<n {
            for j in k..<n {
                let a = matrix.columns[j].grid, b = matrix.columns[k].grid
                let sum =
                    a.scale * b.scale * Double(gram.product(j, k)) + a.offset * b.scale * Double(gram.sum(k))
                    + b.offset * a.scale * Double(gram.sum(j)) + a.offset * b.offset * Double(gram.rows)
                let size = (exact[j + j * n] * exact[k + k * n]).squareRoot()
                check(abs(sum - exact[j + k * n]) < 1e-11 * size, "gram from codes")
            }
        }
    }
}
