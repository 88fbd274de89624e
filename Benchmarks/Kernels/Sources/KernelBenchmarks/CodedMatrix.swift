import QuantizedLeastSquares

/// A quantized matrix of normally distributed columns with Lloyd–Max codes, as a regression keeps them.
func codedMatrix(rows: Int, columns: Int, bits: Int) throws -> QuantizedMatrix {
    var generator = Generator(state: 1)
    // Sums of 12 uniform numbers are near enough to normal ones, and fast.
    func normal() -> Double {
        var sum = -6.0
        for _ in 0..<4 {
            let word = generator.next()
            for part in [word, word >> 21, word >> 42] { sum += Double(part & 0x1F_FFFF) * 0x1p-21 }
        }
        return sum
    }
    let sample = (0..<20_000).map { _ in normal() }
    let gridded = try Codebook.lloydMax(ColumnHistogram(values: sample, cells: 512), count: 1 << bits)
        .gridded(offset: 0)
    let designs = (0..<columns).map {
        ColumnDesign(name: "x\($0)", gridded: gridded, bits: bits, mean: 0, standardDeviation: 1)
    }
    var encoder = MatrixEncoder(
        designs, responses: 0, transform: .identity(columns: columns), rounding: .nearest)
    for first in stride(from: 0, to: rows, by: 4096) {
        let count = min(4096, rows - first)
        try encoder.append((0..<count * columns).map { _ in normal() }, rows: count)
    }
    return try encoder.finish()
}
