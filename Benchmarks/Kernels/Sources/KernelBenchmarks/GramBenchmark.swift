import CReferenceBLAS
import QuantizedKernels

/// Gram matrices: integer columns against OpenBLAS `dsyrk` and `ssyrk` on the same numbers, one thread each.
///
/// Operations are 2·m·n(n+1)/2 for all of them.
struct GramBenchmark {
    let kernels: Kernels
    let rows = 16_000
    static let magnitudes = [7, 15, 31, 63, 90, 127]

    func run() {
        print("Gram, \(rows) rows, Gop/s; i8 ≤ M: 8-bit entries of magnitude at most M; × dsyrk in brackets")
        print("columns      dsyrk     ssyrk       i16" + GramBenchmark.magnitudes.map { "   i8 ≤ \($0)" }.joined())
        for count in [8, 16, 32, 64, 128, 256] { row(count) }
    }

    private func row(_ n: Int) {
        var generator = Generator(state: UInt64(n))
        let bytes = (0..<rows * n).map { _ in Int8.random(in: -7...7, using: &generator) }
        let words = bytes.map { Int16($0) }, doubles = bytes.map { Double($0) }, floats = bytes.map { Float($0) }
        var exact = [Double](repeating: 0, count: n * n), single = [Float](repeating: 0, count: n * n)
        var sums = [[Int64]](repeating: [Int64](repeating: 0, count: n * n), count: GramBenchmark.magnitudes.count + 1)
        var work: [() -> Void] = [
            { dsyrk(doubles, rows, n, &exact) }, { ssyrk(floats, rows, n, &single) },
            { gram(kernels, words, rows, n, &sums[0]) },
        ]
        for (i, magnitude) in GramBenchmark.magnitudes.enumerated() {
            work.append { gram(kernels, bytes, rows, n, magnitude, &sums[i + 1]) }
        }
        work.forEach { $0() }
        for integer in sums { check(zip(integer, exact).allSatisfy { Double($0) == $1 }, "gram") }
        let rounds = max(5, 40_000_000 / (rows * n))
        let speeds = fastest(rounds: rounds, work).map { Double(rows * n * (n + 1)) / $0 * 1e-9 }
        let ratios = "(" + speeds[2...].map { "\(($0 / speeds[0] * 10).rounded() / 10)" }.joined(separator: " ") + ")"
        print(cell(Double(n)).dropFirst(3), speeds.map(cell).joined(), ratios)
    }
}

func dsyrk(_ a: [Double], _ rows: Int, _ n: Int, _ c: inout [Double]) {
    cblas_dsyrk(
        CblasColMajor, CblasLower, CblasTrans, blasint(n), blasint(rows), 1, a, blasint(rows), 0, &c, blasint(n))
}

func ssyrk(_ a: [Float], _ rows: Int, _ n: Int, _ c: inout [Float]) {
    cblas_ssyrk(
        CblasColMajor, CblasLower, CblasTrans, blasint(n), blasint(rows), 1, a, blasint(rows), 0, &c, blasint(n))
}

private func gram(_ kernels: Kernels, _ columns: [Int16], _ rows: Int, _ n: Int, _ sums: inout [Int64]) {
    for i in sums.indices { sums[i] = 0 }
    var output = sums.mutableSpan
    kernels.gram(columns.span, rows: rows, columnStride: rows, count: n, largestMagnitude: 7, into: &output)
}

private func gram(
    _ kernels: Kernels, _ columns: [Int8], _ rows: Int, _ n: Int, _ magnitude: Int, _ sums: inout [Int64]
) {
    for i in sums.indices { sums[i] = 0 }
    var output = sums.mutableSpan
    kernels.gram(columns.span, rows: rows, columnStride: rows, count: n, largestMagnitude: magnitude, into: &output)
}
