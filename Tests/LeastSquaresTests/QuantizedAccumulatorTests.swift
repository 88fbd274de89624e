import QuantizedLeastSquares
import TestSupport
import Testing

/// Stores that join a regression and leave it again.
@Suite struct QuantizedAccumulatorTests {
    private static let names = ["x1", "x2", "x3", "x4", "y"]
    private static let columns = TableDesign.collinear.columns(rows: 2000, seed: 31)

    private static func table(_ rows: Range<Int>) throws -> RegressionTable {
        try regressionTable(names, columns.map { Array($0[rows]) })
    }

    /// Four stores of 500 rows under the codebooks of the first.
    private static func stores(bits: Int = 4, responseBits: Int? = 8) throws -> [QuantizedRegression] {
        var options = QuantizationOptions()
        (options.bits, options.responseBits) = (bits, responseBits)
        let first = try QuantizedRegression(quantizing: try table(0..<500), options: options)
        return try [first]
            + (1..<4).map {
                try QuantizedRegression.quantizing(table((500 * $0)..<(500 * $0 + 500)), like: first).regression
            }
    }

    private func numbers(_ solution: Solution) -> [Double] {
        var result: [Double] = []
        for r in solution.responses {
            result += [r.residualStandardDeviation, r.rSquared, r.predictedErrorRatio].compactMap(\.self)
            for c in r.coefficients {
                result += [c.estimate, c.standardError ?? 0, c.quantizationStandardDeviation ?? 0]
            }
        }
        return result
    }

    /// Whatever came and went in between: the same state, and every bit of the solution.
    @Test(arguments: [(4, 8), (1, 12)])
    func removalLeavesNoTrace(bits: Int, responseBits: Int) throws {
        let stores = try Self.stores(bits: bits, responseBits: responseBits)
        var plain = try QuantizedAccumulator(like: stores[0])
        let empty = plain
        try plain.append(stores[1])
        try plain.append(stores[3])
        var busy = empty
        for k in [3, 0, 2, 1, 0] { try busy.append(stores[k]) }
        #expect(busy.rows == 2500 && busy.stores == 5 && busy != plain)
        for k in [0, 2, 0] { try busy.remove(stores[k]) }
        #expect(busy == plain && busy.rows == 1000)
        #expect(numbers(try busy.solve()) == numbers(try plain.solve()))
        for k in [1, 3] { try busy.remove(stores[k]) }
        #expect(busy == empty && busy.rows == 0)
    }

    /// As the merged store, and as full precision within the predicted error.
    @Test func solutions() throws {
        let stores = try Self.stores()
        var sums = try QuantizedAccumulator(like: stores[2])
        for store in stores { try sums.append(store, threads: 2) }
        let solution = try sums.solve(),
            merged = try LeastSquaresProblem().solve(try stores[0].merging(Array(stores[1...])))
        let full = try LeastSquaresProblem.full(.qr).solve(try Self.table(0..<2000)).responses[0]
        let own = solution.responses[0]
        for (a, b) in zip(own.coefficients, merged.responses[0].coefficients) {
            #expect(abs(a.estimate - b.estimate) <= 1e-9 * abs(b.estimate))
        }
        for (a, b) in zip(own.coefficients, full.coefficients) {
            #expect(abs(a.estimate - b.estimate) <= 4 * (try #require(a.quantizationStandardDeviation)))
            #expect(abs((try #require(a.standardError)) / (try #require(b.standardError)) - 1) < 0.01)
        }
        #expect(try #require(own.predictedErrorRatio) < 0.05)
        var ridge = LeastSquaresProblem()
        ridge.kind = .ridge(RidgePenalty([1, 10, 100], criterion: .generalized))
        #expect(try sums.solve(ridge).responses[0].coefficients.count == 5)
    }

    @Test func tablesJoinToo() throws {
        let first = try Self.stores()[0]
        var sums = try QuantizedAccumulator(like: first)
        let store = try sums.append(try Self.table(700..<900))
        #expect(sums.rows == 200 && store.matrix.rows == 200)
        try sums.remove(store)
        #expect(sums.rows == 0)
    }

    @Test func whatIsRefused() throws {
        let stores = try Self.stores()
        var sums = try QuantizedAccumulator(like: stores[0])
        #expect(throws: RegressionError.self) { try sums.solve() }
        #expect(throws: RegressionError.self) { try sums.remove(stores[0]) }
        try sums.append(stores[0])
        let before = sums
        #expect(throws: RegressionError.self) { try sums.remove(stores[1]) }
        let other = try QuantizedRegression(quantizing: try Self.table(0..<500), intercept: false)
        #expect(throws: RegressionError.self) { try sums.append(other) }
        #expect(throws: RegressionError.self) { try sums.append(try stores[1].selecting(rows: [1, 2, 3])) }
        try sums.remove(stores[0])
        #expect(throws: RegressionError.self) { try sums.remove(stores[0]) }
        try sums.append(stores[0])
        #expect(sums == before)
        var leaveOneOut = LeastSquaresProblem()
        leaveOneOut.kind = .ridge(RidgePenalty([1, 10], criterion: .leaveOneOut))
        #expect(throws: RegressionError.self) { try sums.solve(leaveOneOut) }
        var iterated = LeastSquaresProblem()
        iterated.method = .lsqr
        #expect(throws: RegressionError.self) { try sums.solve(iterated) }
        var options = QuantizationOptions()
        options.quantizer = .optimal
        let nearest = try QuantizedRegression(quantizing: try Self.table(0..<500), options: options)
        #expect(throws: RegressionError.self) { try QuantizedAccumulator(like: nearest) }
    }
}
