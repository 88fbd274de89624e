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

    /// The weighted Gram matrix from codes of 4 bits against decoding, scaling by the roots of the weights and `dsyrk`, in
    /// blocks of 4,096 rows, and against `dsyrk` alone on numbers that lie there scaled.
    func runWeighted() throws {
        print("Weighted Gram from codes of 4 bits, median milliseconds and ratios")
        print("      rows   columns     codes    decode + scale + dsyrk   dsyrk alone   ratios")
        for (m, n) in [(400_000, 64), (100_000, 256)] {
            let matrix = try codedMatrix(rows: m, columns: n, bits: 4)
            var generator = Generator(state: 7)
            let weights = (0..<m).map { _ in Double.random(in: 0.5...2, using: &generator) }
            let roots = weights.map { $0.squareRoot() }
            var scaled = matrix.decoded(first: 0, count: m).elements
            for j in 0..<n { for i in 0..<m { scaled[j * m + i] *= roots[i] } }
            var gram = matrix.weightedGram(weights, kernels: kernels)
            var sums = [Double](repeating: 0, count: n * n), exact = sums
            let lists = times(
                rounds: rounds,
                [
                    { gram = matrix.weightedGram(weights, kernels: kernels) },
                    {
                        sums = [Double](repeating: 0, count: n * n)
                        for first in stride(from: 0, to: m, by: 4096) {
                            var a = matrix.decoded(first: first, count: min(4096, m - first), kernels: kernels)
                            for j in 0..<n { for i in 0..<a.rows { a.elements[j * a.rows + i] *= roots[first + i] } }
                            dsyrk(a.elements, a.rows, n, beta: 1, &sums)
                        }
                    },
                    { dsyrk(scaled, m, n, &exact) },
                ])
            for k in 0..<n {
                for j in k..<n {
                    let size = (exact[j + j * n] * exact[k + k * n]).squareRoot()
                    check(abs(gram[j + 1, k + 1] - exact[j + k * n]) < 1e-11 * size, "weighted gram")
                    check(abs(sums[j + k * n] - exact[j + k * n]) < 1e-11 * size, "blocks")
                }
            }
            let ratios = [1, 2].map { k in median(zip(lists[k], lists[0]).map(/)) }
            print("  ", ([Double(m), Double(n)] + lists.map { 1000 * median($0) } + ratios).map(cell).joined())
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
