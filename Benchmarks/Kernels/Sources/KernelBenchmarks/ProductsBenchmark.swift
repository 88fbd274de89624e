import CReferenceBLAS
import QuantizedKernels

/// Products of a packed matrix with a vector, against OpenBLAS `dgemv` on the decoded matrix, one thread each.
struct ProductsBenchmark {
    let kernels: Kernels
    let rows = 200_000
    let columns = 32

    func run() {
        print("Products, \(rows) × \(columns), 10⁹ entries a second")
        print("bits       A x      Aᵀ y     dgemv    dgemvᵀ")
        for bits in 1...8 { row(bits) }
    }

    private func row(_ bits: Int) {
        var generator = Generator(state: UInt64(bits))
        let stride = Kernels.packedByteCount(count: rows, bits: bits)
        let packed = (0..<stride * columns).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let levels = (0..<columns << bits).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        let x = (0..<columns).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        let y = (0..<rows).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        let matrix = decoded(packed, stride, bits, levels)
        var product = [Double](repeating: 0, count: rows), reference = product
        var transposed = [Double](repeating: 0, count: columns), transposedReference = transposed
        let work: [() -> Void] = [
            {
                for i in product.indices { product[i] = 0 }
                var output = product.mutableSpan
                kernels.multiply(
                    packed.span, rows: rows, columnStride: stride, count: columns, bits: bits, levels: levels.span,
                    by: x.span, into: &output)
            },
            {
                for j in transposed.indices { transposed[j] = 0 }
                var output = transposed.mutableSpan
                kernels.multiplyTransposed(
                    packed.span, rows: rows, columnStride: stride, count: columns, bits: bits, levels: levels.span,
                    by: y.span, into: &output)
            },
            { dgemv(CblasNoTrans, matrix, rows, columns, x, &reference) },
            { dgemv(CblasTrans, matrix, rows, columns, y, &transposedReference) },
        ]
        work.forEach { $0() }
        check(product == reference && transposed == transposedReference, "products")
        let speeds = fastest(rounds: 12, work).map { Double(rows * columns) / $0 * 1e-9 }
        print("  \(bits) " + speeds.map(cell).joined())
    }

    private func decoded(_ packed: [UInt8], _ stride: Int, _ bits: Int, _ levels: [Double]) -> [Double] {
        var matrix: [Double] = []
        for j in 0..<columns {
            var column = [Double](repeating: 0, count: rows)
            var output = column.mutableSpan
            Kernels.scalar.unpackAndDecode(
                packed.span.extracting(j * stride..<(j + 1) * stride), bits: bits,
                levels: levels.span.extracting(j << bits..<(j + 1) << bits), into: &output)
            matrix += column
        }
        return matrix
    }
}

private func dgemv(
    _ transposition: CBLAS_TRANSPOSE, _ a: [Double], _ rows: Int, _ columns: Int, _ x: [Double], _ y: inout [Double]
) {
    cblas_dgemv(
        CblasColMajor, transposition, blasint(rows), blasint(columns), 1, a, blasint(rows), x, 1, 0, &y, 1)
}
