import Foundation
import Matrices
import QuantizedMatrices
import Quantizers
import Testing

@Suite struct QuantizedSparseMatrixTests {
    /// An m × n matrix in which each place is stored with the given probability; `value` gives the entry of a column.
    static func sparse(
        _ m: Int, _ n: Int, share: Double, seed: UInt64, value: (Int, inout RandomNumbers) -> Double
    ) -> SparseMatrix {
        var random = RandomNumbers(seed: seed)
        var triplets: [(row: Int, column: Int, value: Double)] = []
        for j in 0..<n {
            for i in 0..<m where Double(random.next() >> 11) * 0x1p-53 < share {
                triplets.append((i, j, value(j, &random)))
            }
        }
        return SparseMatrix(rows: m, columns: n, triplets: triplets)
    }

    private static func squaredErrors(_ coded: QuantizedSparseMatrix, _ a: SparseMatrix) -> [Double] {
        let decoded = coded.sparse
        return (0..<a.columns).map { j in
            (a.columnPointers[j]..<a.columnPointers[j + 1]).reduce(0.0) {
                $0 + (decoded.values[$1] - a.values[$1]) * (decoded.values[$1] - a.values[$1])
            }
        }
    }

    @Test(arguments: [(0, 0), (0, 3), (3, 0), (1, 1), (7, 300), (300, 7), (5000, 3)], [Rounding.nearest, .stochastic])
    func productsAreThoseOfTheDecodedMatrix(shape: (Int, Int), rounding: Rounding) throws {
        for (bits, share) in [(1, 0.02), (3, 0.3), (4, 1), (8, 0.5)] {
            let a = Self.sparse(shape.0, shape.1, share: share, seed: UInt64(bits)) { $1.gaussian() * exp2(Double($0)) }
            let coded = try QuantizedSparseMatrix(a, bits: bits, rounding: rounding, seed: 3)
            let decoded = coded.sparse
            #expect(decoded.columnPointers == a.columnPointers && decoded.rowIndices == a.rowIndices)
            #expect(coded.storedCount == a.storedCount)
            var random = RandomNumbers(seed: 9)
            let x = (0..<a.columns).map { _ in random.gaussian() }, y = (0..<a.rows).map { _ in random.gaussian() }
            #expect(coded.multiply(x) == decoded.multiply(x))
            #expect(coded.multiplyTransposed(y) == decoded.multiplyTransposed(y))
            for (told, found) in zip(coded.squaredErrors, Self.squaredErrors(coded, a)) {
                #expect(abs(told - found) <= 1e-12 * found)
            }
        }
    }

    @Test func entriesThatAreAllEqualTakeNoBits() throws {
        let a = Self.sparse(400, 60, share: 0.1, seed: 1) { _, _ in 1 }
        let coded = try QuantizedSparseMatrix(a, bits: 4)
        #expect(coded.isExact && coded.codeBytes == 0 && coded.sparse == a)
        #expect(coded.sideBytes < 64)
        #expect(coded.patternBytes < 2 * a.storedCount + a.columns)
    }

    @Test func entriesWithFewValuesAreExact() throws {
        let signs = Self.sparse(400, 60, share: 0.1, seed: 1) { _, random in random.next() & 1 == 0 ? 1 : -1 }
        let codedSigns = try QuantizedSparseMatrix(signs, bits: 8, rounding: .stochastic)
        #expect(codedSigns.isExact && codedSigns.sparse == signs)
        #expect(codedSigns.codeBytes == (signs.storedCount + 7) / 8)
        // Neighbouring doubles, whose midpoint is one of them.
        let close = [1 + 2 * Double.ulpOfOne, 1 + Double.ulpOfOne, 1]
        let neighbours = Self.sparse(90, 20, share: 0.5, seed: 2) { _, random in close[Int(random.next() % 3)] }
        let codedNeighbours = try QuantizedSparseMatrix(neighbours, bits: 2)
        #expect(codedNeighbours.sparse == neighbours)
    }

    @Test func columnsWithFewValuesOfTheirOwnAreExact() throws {
        let a = Self.sparse(600, 40, share: 0.2, seed: 5) { j, random in j < 20 ? Double(j) / 3 : random.gaussian() }
        let coded = try QuantizedSparseMatrix(a, bits: 4)
        for j in 0..<40 { #expect((coded.squaredErrors[j] == 0) == (j < 20), "column \(j)") }
        #expect(coded.codeBytes < a.storedCount / 4 + 100, "only half of the entries need codes of 4 bits")
    }

    /// Max, "Quantizing for minimum distortion" (1960): the least mean squared errors for N(0, 1).
    @Test(arguments: [(2, 0.1175), (4, 0.009497), (5, 0.002499)])
    func gaussianEntriesHaveTheLeastDistortion(bits: Int, least: Double) throws {
        // Short columns of very different sizes, which share a codebook, and one column with its own.
        let short = Self.sparse(1000, 200, share: 0.05, seed: 8) { $1.gaussian() * pow(10, Double($0 % 30 - 15)) }
        let long = Self.sparse(15_000, 1, share: 1, seed: 9) { _, random in 3 * random.gaussian() }
        for (a, room) in [(short, 0.06), (long, 0.03)] {
            let errors = try QuantizedSparseMatrix(a, bits: bits).squaredErrors
            var relative = 0.0
            for j in 0..<a.columns {
                let entries = a.values[a.columnPointers[j]..<a.columnPointers[j + 1]]
                let size = entries.reduce(0) { $0 + $1 * $1 } / Double(entries.count)
                relative += errors[j] / size / Double(a.storedCount)
            }
            #expect(relative < least * (1 + room) && relative > least * 0.85, "\(bits) bits: \(relative)")
        }
    }

    @Test func stochasticCodesAreUnbiased() throws {
        let a = Self.sparse(40, 10, share: 0.5, seed: 3) { _, random in random.gaussian() }
        var sum = [Double](repeating: 0, count: a.storedCount), squares = sum
        let draws = 100
        for seed in 0..<draws {
            let values = try QuantizedSparseMatrix(a, bits: 2, rounding: .stochastic, seed: UInt64(seed)).sparse.values
            for p in values.indices {
                sum[p] += values[p] - a.values[p]
                squares[p] += (values[p] - a.values[p]) * (values[p] - a.values[p])
            }
        }
        // Without bias the square of a sum of errors has the expectation of the sum of their squares.
        let mean = sum.reduce(0) { $0 + $1 * $1 } / squares.reduce(0, +)
        #expect(mean > 0.75 && mean < 1.25, "\(mean)")
    }

    @Test(arguments: [1, 4, 8])
    func sideInformationStaysSmall(bits: Int) throws {
        for (m, n, share) in [(20_000, 3, 0.9), (300, 400, 0.02), (5000, 60, 0.05)] {
            let a = Self.sparse(m, n, share: share, seed: 4) { $1.gaussian() * Double(1 + $0) }
            let coded = try QuantizedSparseMatrix(a, bits: bits)
            #expect(coded.codeBytes <= (a.storedCount * bits + 7) / 8 + n)
            #expect(coded.sideBytes <= coded.codeBytes / 10 + 4096 + 64 * n)
        }
    }

    @Test func numbersAndGapsOfAnySize() throws {
        let huge = 1 << 40
        let a = SparseMatrix(
            rows: huge, columns: 3, columnPointers: [0, 3, 6, 8],
            rowIndices: [0, 127, huge - 1, 128, 16_511, 16_640, huge - 2, huge - 1],
            values: [1e300, -1e-300, .leastNonzeroMagnitude, 1e308, 2, -3, 0, -7])
        for bits in 1...8 {
            for rounding in [Rounding.nearest, .stochastic] {
                let coded = try QuantizedSparseMatrix(a, bits: bits, rounding: rounding).sparse
                #expect(coded.columnPointers == a.columnPointers && coded.rowIndices == a.rowIndices)
                #expect(coded.values.allSatisfy { $0.isFinite })
                if bits >= 3 { #expect(coded.values == a.values) }
            }
        }
    }

    @Test(arguments: [-1, 0, 9, 64]) func otherBitsAreRefused(bits: Int) {
        let a = SparseMatrix(rows: 1, columns: 1, triplets: [(0, 0, 1)])
        #expect(throws: QuantizerError.self) { try QuantizedSparseMatrix(a, bits: bits) }
    }

    /// Three columns of 12 numbers: all equal, three of four each, all different; with 2 bits none is exact.
    @Test func repeats() throws {
        let columns = [
            (0..<12).map { _ in 0.3 }, (0..<12).map { [0.21, 1.7, -0.77][$0 % 3] },
            (0..<12).map { 0.1 + 0.37 * Double($0) },
        ]
        let matrix = SparseMatrix(
            rows: 12, columns: 3,
            triplets: columns.indices.flatMap { j in (0..<12).map { (row: $0, column: j, value: columns[j][$0]) } })
        let repeats = try QuantizedSparseMatrix(matrix, bits: 2).errorRepeats
        #expect(abs(repeats[1] / 4 - 1) < 0.05 && repeats[2] == 1)
        #expect(repeats[0] == 1 || abs(repeats[0] / 12 - 1) < 0.05)
        let stochastic = try QuantizedSparseMatrix(matrix, bits: 2, rounding: .stochastic, seed: 1)
        #expect(stochastic.errorRepeats == [1, 1, 1])
    }
}
