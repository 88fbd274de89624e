import CReferenceBLAS
import QuantizedKernels

/// Gram matrices: integer columns against OpenBLAS `dsyrk` and `ssyrk` on the same numbers, one thread each.
///
/// Operations are 2·m·n(n+1)/2 for all of them.
struct GramBenchmark {
    let kernels: Kernels
    let rows = 16_000

    func run() {
        print("Gram, \(rows) rows, Gop/s; × dsyrk in brackets")
        print("columns      dsyrk     ssyrk   16 bits    8 bits")
        for count in [8, 16, 32, 64, 128, 256] { row(count) }
    }

    private func row(_ n: Int) {
        var generator = Generator(state: UInt64(n))
        let bytes = (0..<rows * n).map { _ in Int8.random(in: -63...63, using: &generator) }
        let words = bytes.map { Int16($0) }, doubles = bytes.map { Double($0) }, floats = bytes.map { Float($0) }
        var exact = [Double](repeating: 0, count: n * n), single = [Float](repeating: 0, count: n * n)
        var wide: [Int64] = [], narrow: [Int64] = []
        let work: [() -> Void] = [
            { dsyrk(doubles, rows, n, &exact) }, { ssyrk(floats, rows, n, &single) },
            {
                wide = products(columns: n) { products, sums, scratch in
                    kernels.gram(
                        words.span, rows: rows, columnStride: rows, count: n, largestMagnitude: 63, into: &products,
                        sums: &sums, scratch: &scratch)
                }
            },
            {
                narrow = products(columns: n) { products, sums, scratch in
                    kernels.gram(
                        bytes.span, rows: rows, columnStride: rows, count: n, into: &products, sums: &sums,
                        scratch: &scratch)
                }
            },
        ]
        work.forEach { $0() }
        check(zip(wide, exact).allSatisfy { Double($0) == $1 }, "16-bit gram")
        check(zip(narrow, exact).allSatisfy { Double($0) == $1 }, "8-bit gram")
        let rounds = max(5, 40_000_000 / (rows * n))
        let speeds = fastest(rounds: rounds, work).map { Double(rows * n * (n + 1)) / $0 * 1e-9 }
        let ratios = "(" + speeds[2...].map { "\(($0 / speeds[0] * 10).rounded() / 10)" }.joined(separator: " ") + ")"
        print(cell(Double(n)).dropFirst(3), speeds.map(cell).joined(), ratios)
    }
}

/// The sums of products that a kernel adds to zeros.
private func products(
    columns n: Int, _ body: (inout MutableSpan<Int64>, inout MutableSpan<Int64>, inout MutableSpan<UInt8>) -> Void
) -> [Int64] {
    var products = [Int64](repeating: 0, count: n * n), sums = [Int64](repeating: 0, count: n)
    var scratch = [UInt8](repeating: 0, count: Kernels.gramScratchByteCount(columns: n))
    var productSpan = products.mutableSpan, sumSpan = sums.mutableSpan, scratchSpan = scratch.mutableSpan
    body(&productSpan, &sumSpan, &scratchSpan)
    return products
}

func dsyrk(_ a: [Double], _ rows: Int, _ n: Int, beta: Double = 0, _ c: inout [Double]) {
    cblas_dsyrk(
        CblasColMajor, CblasLower, CblasTrans, blasint(n), blasint(rows), 1, a, blasint(rows), beta, &c, blasint(n))
}

func ssyrk(_ a: [Float], _ rows: Int, _ n: Int, _ c: inout [Float]) {
    cblas_ssyrk(
        CblasColMajor, CblasLower, CblasTrans, blasint(n), blasint(rows), 1, a, blasint(rows), 0, &c, blasint(n))
}
