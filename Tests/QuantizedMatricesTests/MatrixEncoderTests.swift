import Matrices
import QuantizedKernels
import QuantizedMatrices
import Quantizers
import Testing

/// Codes and statistics of encoded matrices.
@Suite struct MatrixEncoderTests {
    static let kinds: [IntegerMatrix.Kind] = [.narrow, .decimal, .indicator, .wide, .constant]

    /// Neither codes nor exact statistics depend on how the rows came in blocks.
    @Test(arguments: Rounding.allCases)
    func blocksDoNotMatter(rounding: Rounding) throws {
        for bits in [1, 3, 4, 8] {
            let whole = try IntegerMatrix(
                rows: 501, kinds: Self.kinds, bits: bits, seed: 70, rounding: rounding, blocks: 501
            ).matrix
            for blocks in [1, 5, 8, 100] {
                let split = try IntegerMatrix(
                    rows: 501, kinds: Self.kinds, bits: bits, seed: 70, rounding: rounding, blocks: blocks
                ).matrix
                for j in whole.columns.indices {
                    let codes = [whole, split].map { $0.codes(column: j, first: 0, count: 501) }
                    #expect(codes[0] == codes[1], "\(bits) bits, blocks of \(blocks), \(whole.columns[j].name)")
                }
                for (a, b) in zip(whole.columns, split.columns) {
                    #expect(a.counts == b.counts)
                    #expect(abs(a.totalSquaredError - b.totalSquaredError) <= 1e-12 * a.totalSquaredError)
                    #expect(abs(a.moments.mean - b.moments.mean) <= 1e-14 * abs(a.moments.mean))
                }
            }
        }
    }

    @Test(arguments: 1...8)
    func sizes(bits: Int) throws {
        for rows in [0, 1, 7, 8, 13] {
            let matrix = try IntegerMatrix(rows: rows, kinds: Self.kinds, bits: bits, seed: 71).matrix
            for column in matrix.columns {
                #expect(column.counts.reduce(0, +) == rows)
                #expect(column.moments.count == rows)
            }
            #expect(matrix.codeBytes == 5 * ((rows * bits + 7) / 8))
        }
    }

    /// Exact columns decode to the numbers themselves and have no error; decoded entries are levels.
    @Test(arguments: Rounding.allCases)
    func decoding(rounding: Rounding) throws {
        let matrix = try IntegerMatrix(rows: 100, kinds: Self.kinds, bits: 3, seed: 72, rounding: rounding).matrix
        let decoded = matrix.decoded(first: 0, count: 100)
        for (j, column) in matrix.columns.enumerated() {
            for i in 0..<100 { #expect(column.codebook.levels.contains(decoded[i, j])) }
            let isExact = ![.narrow, .wide].contains(Self.kinds[j])
            #expect(column.isExact == isExact)
            if isExact { #expect(column.decodeGain == 1) }
            let tail = matrix.decoded(first: 96, count: 4)
            for i in 0..<4 { #expect(tail[i, j] == decoded[96 + i, j]) }
        }
    }

    /// Distortion and error sums are those of the decoded entries.
    @Test func statistics() throws {
        var random = RandomNumbers(seed: 73)
        let values = (0..<400).map { _ in random.gaussian() }
        let book = try Codebook(levels: [-1.5, -0.5, 0.5, 1.5]).gridded(offset: 0)
        let design = ColumnDesign(name: "x", gridded: book, bits: 2, mean: 0, standardDeviation: 1)
        for rounding in Rounding.allCases {
            var encoder = MatrixEncoder([design], responses: 0, transform: .identity(columns: 1), rounding: rounding)
            try encoder.append(values, rows: 400)
            let matrix = try encoder.finish(), column = matrix.columns[0]
            let decoded = matrix.decoded(first: 0, count: 400).column(0)
            let errors = zip(decoded, values).map { $0 - $1 }
            let square = errors.reduce(0) { $0 + $1 * $1 }
            #expect(abs(column.totalSquaredError - square) < 1e-10 * square)
            #expect(abs(column.errorSum - errors.reduce(0, +)) < 1e-10 * square)
            let mean = values.reduce(0, +) / 400, decodedMean = decoded.reduce(0, +) / 400
            let variation = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let product = zip(values, decoded).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - decodedMean) }
            #expect(abs(column.decodeGain - variation / product) < 1e-10)
        }
    }

    /// Nearest codes are the nearest levels, by brute force.
    @Test func nearestCodes() throws {
        let source = try IntegerMatrix(rows: 300, kinds: [.narrow], bits: 4, seed: 74)
        var random = RandomNumbers(seed: 74)
        let values = (0..<300).map { _ in 5 + 2 * random.gaussian() }
        let levels = source.matrix.columns[0].codebook.levels
        let decoded = source.matrix.decoded(first: 0, count: 300)
        for i in 0..<300 {
            let best = levels.map { abs($0 - values[i]) }.min()!
            #expect(abs(decoded[i, 0] - values[i]) <= best * (1 + 1e-12))
        }
    }

    /// Tables are looked up by the codes of the columns listed, in their order, across the ends of blocks.
    @Test func tablesByCode() throws {
        let matrix = try ExampleStore(rows: 203, rowsPerBlock: 64).matrix
        let squares: [Double] = (0..<256).map { Double($0 * $0) }, inverses: [Double] = (1...8).map { 1 / Double($0) }
        let tables: [[Double]] = [squares, [5, 7], inverses]
        let found = matrix.lookedUp(tables, columns: [2, 0, 1], first: 56, count: 100, kernels: .best)
        for (q, j) in [2, 0, 1].enumerated() {
            let codes = matrix.codes(column: j, first: 56, count: 100)
            #expect(found.column(q) == codes.map { tables[q][Int($0)] })
        }
    }
}
