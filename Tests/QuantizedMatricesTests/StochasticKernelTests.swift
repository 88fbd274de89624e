import QuantizedKernels
import Quantizers
import Testing

/// `StochasticRounding` one value at a time and the kernel are one definition.
@Test(arguments: [1, 2, 3, 16, 17, 40, 256]) func theKernelDrawsAsStochasticRoundingDoes(levelCount: Int) throws {
    let book = try Codebook(levels: (0..<levelCount).map { Double($0 * $0) / 7 - 3 })
    let values = (0..<501).map { Double($0 * 7919 % 1009) / 1009 * (book.levels[levelCount - 1] + 5) - 4 } + [.nan]
    let rounding = StochasticRounding(book, seed: 5, stream: 8)
    for kernels in Kernels.available {
        var codes = [UInt8](repeating: 99, count: values.count)
        var output = codes.mutableSpan
        kernels.encodeStochastically(
            values.span, levels: book.levels.span, start: rounding.generator.start, first: 1_234_567, into: &output)
        #expect(codes == rounding.encode(values, from: 1_234_567))
    }
}
