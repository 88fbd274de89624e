import Matrices
import QuantizedKernels
import QuantizedMatrices
import Testing

@Suite struct MatrixProductsTests {
    /// Against the decoded columns, with columns multiplied as integers and by look-up in one product.
    @Test(arguments: [1, 2, 4, 5, 8]) func areThoseOfTheDecodedColumns(bits: Int) throws {
        let rows = 5003
        let matrix = try IntegerMatrix(
            rows: rows, kinds: [.narrow, .wide, .indicator, .narrow, .fine, .narrow, .constant], bits: bits, seed: 5
        ).matrix
        let list = [6, 0, 5, 1, 2, 4]
        var random = RandomNumbers(seed: 3)
        let x = list.map { _ in random.gaussian() }, y = (0..<rows).map { _ in random.gaussian() }
        let decoded = list.map { matrix.decoded(column: $0) }
        let product = matrix.multiply(columns: list, by: x)
        for i in 0..<rows {
            let terms = list.indices.map { decoded[$0][i] * x[$0] }
            let scale = terms.reduce(1) { $0 + abs($1) }
            #expect(abs(product[i] - terms.reduce(0, +)) < 1e-13 * scale)
        }
        let transposed = matrix.multiplyTransposed(columns: list, by: y)
        for q in list.indices {
            var sum = CompensatedSum()
            for (a, b) in zip(decoded[q], y) { sum.add(a * b) }
            let scale = zip(decoded[q], y).reduce(0) { $0 + abs($1.0 * $1.1) }
            #expect(abs(transposed[q] - sum.value) < 1e-13 * scale)
        }
    }

    /// Against sums over the decoded columns, with a refined column, about centers, for weights of both signs.
    @Test(arguments: [0, 77, 2100]) func weightedGram(rows: Int) throws {
        let matrix = try ExampleStore(rows: rows, rowsPerBlock: 1032).matrix
        var random = RandomNumbers(seed: 4)
        let weights = (0..<rows).map { _ in random.gaussian() }, centers = [1.2, 0.5, 50]
        let columns =
            [[Double](repeating: 1, count: rows)]
            + centers.indices.map { j in matrix.decoded(column: j).map { $0 - centers[j] } }
        for kernels in Kernels.available {
            let gram = matrix.weightedGram(weights, centers: centers, kernels: kernels)
            #expect(gram == matrix.weightedGram(weights, centers: centers, kernels: .scalar))
            for j in columns.indices {
                for k in columns.indices {
                    var sum = CompensatedSum(), size = 0.0
                    for i in 0..<rows {
                        let term = weights[i] * columns[j][i] * columns[k][i]
                        sum.add(term)
                        size += abs(term)
                    }
                    #expect(abs(gram[j, k] - sum.value) <= 1e-14 * size, "\(j), \(k)")
                }
            }
        }
    }
}
