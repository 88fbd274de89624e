import CReferenceBLAS
import QuantizedKernels

/// Products of a packed matrix with a vector, against OpenBLAS `dgemv` on the decoded matrix, one thread each: through
/// integers in fixed point (codes of at most 4 bits) and by look-up of levels. The codes lie in blocks of rows, as in a
/// quantized matrix; the matrix of 10⁷ × 32 is beyond every cache.
struct ProductsBenchmark {
    let kernels: Kernels
    let rows = 10_000_000
    let columns = 32
    let blockRows = 1 << 16

    func run() {
        print("Products, \(rows) × \(columns), median milliseconds of processor time and ratios to dgemv")
        print("bits  integers   look-up     dgemv   × dgemv   × dgemv   transposed:  the same")
        for bits in [1, 2, 3, 4, 8] { row(bits) }
    }

    /// One width: each list of times is (integers, look-up, dgemv), first for A x, then for Aᵀ y.
    private func row(_ bits: Int) {
        let codes = BlockedCodes(rows: rows, columns: columns, bits: bits, blockRows: blockRows)
        var generator = Generator(state: 7)
        let x = (0..<columns).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        let y = (0..<rows).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        let matrix = codes.decoded()
        var product = [Double](repeating: 0, count: rows), other = product, reference = product
        var transposed = [[Double]](repeating: [Double](repeating: 0, count: columns), count: 3)
        let work: [() -> Void] = [
            { codes.multiply(kernels, x, integers: true, &product) },
            { codes.multiply(kernels, x, integers: false, &other) },
            { dgemv(CblasNoTrans, matrix, rows, columns, x, &reference) },
            { codes.multiplyTransposed(kernels, y, integers: true, &transposed[0]) },
            { codes.multiplyTransposed(kernels, y, integers: false, &transposed[1]) },
            { dgemv(CblasTrans, matrix, rows, columns, y, &transposed[2]) },
        ]
        work.forEach { $0() }
        check(product == reference && other == reference, "products")
        check(transposed[0] == transposed[2] && transposed[1] == transposed[2], "transposed products")
        let lists = times(rounds: 9, work)
        let cells = [0, 3].map { first in
            lists[first..<first + 3].map { cell(1000 * median($0)) }.joined()
                + [0, 1].map { k in cell(median(zip(lists[first + 2], lists[first + k]).map(/))) }.joined()
        }
        print("  \(bits) " + cells.joined(separator: "   "))
    }
}

/// Random codes of a matrix in blocks of rows.
private struct BlockedCodes {
    let rows, columns, bits, blockRows: Int
    /// Small integers, 2^bits for each column.
    let levels: [Double]
    let packed: [UInt8]

    init(rows: Int, columns: Int, bits: Int, blockRows: Int) {
        (self.rows, self.columns, self.bits, self.blockRows) = (rows, columns, bits, blockRows)
        var generator = Generator(state: UInt64(bits))
        levels = (0..<columns << bits).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        let blocks = (rows + blockRows - 1) / blockRows
        var bytes = [UInt8](repeating: 0, count: blocks * columns * blockRows * bits / 8)
        for i in bytes.indices { bytes[i] = UInt8(truncatingIfNeeded: generator.next() >> 24) }
        packed = bytes
    }

    private var stride: Int { blockRows * bits / 8 }

    /// Calls `body` with the bytes and the rows of each block.
    private func forEachBlock(_ body: (Span<UInt8>, Range<Int>) -> Void) {
        for first in Swift.stride(from: 0, to: rows, by: blockRows) {
            let start = first / blockRows * columns * stride
            body(
                packed.span.extracting(start..<start + columns * stride), first..<min(rows, first + blockRows))
        }
    }

    private var integerColumns: [IntegerColumn] {
        (0..<columns).map { j in
            IntegerColumn(
                start: j * stride, bits: bits, levels: levels[j << bits..<(j + 1) << bits].map { Int8($0) })
        }
    }

    func multiply(_ kernels: Kernels, _ x: [Double], integers: Bool, _ y: inout [Double]) {
        let useIntegers = integers && bits <= 4, list = useIntegers ? integerColumns : []
        forEachBlock { bytes, range in
            y.withUnsafeMutableBufferPointer { $0[range].update(repeating: 0) }
            var whole = y.mutableSpan
            var output = whole._mutatingExtracting(range)
            if useIntegers {
                kernels.multiply(bytes, columns: list, rows: range.count, by: x.span, into: &output)
            } else {
                kernels.multiply(
                    bytes, rows: range.count, columnStride: stride, count: columns, bits: bits, levels: levels.span,
                    by: x.span, into: &output)
            }
        }
    }

    func multiplyTransposed(_ kernels: Kernels, _ y: [Double], integers: Bool, _ z: inout [Double]) {
        let useIntegers = integers && bits <= 4, list = useIntegers ? integerColumns : []
        for j in z.indices { z[j] = 0 }
        forEachBlock { bytes, range in
            var output = z.mutableSpan
            let all = y.span
            let part = all.extracting(range)
            if useIntegers {
                _ = kernels.multiplyTransposed(bytes, columns: list, rows: range.count, by: part, into: &output)
            } else {
                kernels.multiplyTransposed(
                    bytes, rows: range.count, columnStride: stride, count: columns, bits: bits, levels: levels.span,
                    by: part, into: &output)
            }
        }
    }

    /// All entries, column by column.
    func decoded() -> [Double] {
        var matrix = [Double](repeating: 0, count: rows * columns)
        forEachBlock { bytes, range in
            for j in 0..<columns {
                var whole = matrix.mutableSpan
                var output = whole._mutatingExtracting(j * rows + range.lowerBound..<j * rows + range.upperBound)
                Kernels.best.unpackAndDecode(
                    bytes.extracting(j * stride..<(j + 1) * stride), bits: bits,
                    levels: levels.span.extracting(j << bits..<(j + 1) << bits), into: &output)
            }
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
