import QuantizedLeastSquares
import TestSupport
import Testing

/// Rows chosen from codes are solved as those rows would be in full precision, within the predicted error.
@Suite struct RowSelectionTests {
    private static let names = ["x1", "x2", "x3", "x4", "y"]

    private func store(
        _ columns: [[Double]], _ quantizer: Quantizer = .balanced, bits: Int = 4, intercept: Bool = true
    ) throws -> QuantizedRegression {
        var options = QuantizationOptions()
        options.bits = bits
        options.quantizer = quantizer
        return try QuantizedRegression(
            quantizing: try regressionTable(Self.names, columns), options: options, intercept: intercept)
    }

    private func solve(_ data: QuantizedRegression, intercept: Bool = true) throws -> ResponseSolution {
        var problem = LeastSquaresProblem()
        problem.intercept = intercept
        return try problem.solve(data).responses[0]
    }

    private func rows(_ columns: [[Double]], _ rows: [Int]) -> [[Double]] { columns.map { c in rows.map { c[$0] } } }

    /// The rows of the matrix are those of the table that the order says.
    @Test(arguments: [300, 9000])
    func orderIsThatOfTheCodes(count: Int) throws {
        var columns = TableDesign.gaussian.columns(rows: count, seed: 3)
        columns[0] = columns[0].indices.map { Double($0 % 251) }
        columns[1] = columns[1].indices.map { Double($0 / 251) }
        var options = QuantizationOptions()
        options.bits = 8
        options.transform = .none
        let matrix = try QuantizedRegression(
            quantizing: try regressionTable(Self.names, columns), options: options
        ).matrix
        let decoded = matrix.decoded(first: 0, count: count)
        #expect(matrix.columns[0].isExact && matrix.columns[1].isExact)
        #expect((0..<count).map { Int(decoded[$0, 0]) + 251 * Int(decoded[$0, 1]) } == matrix.order.tableRows)
        #expect(matrix.order.tableRows != Array(0..<count))
    }

    /// Half and a tenth of the rows, chosen at random: errors are as large as predicted, and intervals hold.
    @Test(arguments: [Quantizer.balanced, .stochastic, .optimal], [0.5, 0.1])
    func predictedErrors(quantizer: Quantizer, share: Double) throws {
        var measured = 0.0, predicted = 0.0, held = 0, intervals = 0
        for seed in 1...24 {
            let columns = TableDesign.allCases[seed % 4].columns(rows: 1000, seed: UInt64(500 + seed))
            var random = RandomNumbers(seed: UInt64(seed))
            let chosen = Array(Array(0..<1000).shuffled(using: &random).prefix(Int(1000 * share)))
            let part = try store(columns, quantizer).selecting(rows: chosen)
            let table = try regressionTable(Self.names, rows(columns, chosen))
            var solution = try LeastSquaresProblem().solve(part)
            #expect(solution.observations == chosen.count && solution.chosenFrom == 1000)
            let reference = try ReferenceRegression(LeastSquaresProblem(), table)
            solution.responses[0].reference = reference.compare(solution)[0]
            let response = solution.responses[0]
            #expect(response.worstCaseErrorRatio == nil)
            let q = try #require(response.reference?.errorRatio), p = try #require(response.predictedErrorRatio)
            (measured, predicted) = (measured + q * q, predicted + p * p)
            let inside = response.heldIntervals
            (held, intervals) = (held + inside.count { $0 }, intervals + inside.count)
            let full = reference.solution.responses[0]
            let s = try #require(full.residualStandardDeviation), own = try #require(response.residualStandardDeviation)
            #expect(abs(own / s - 1) < 0.1)
            #expect(abs(try #require(response.rSquared) - (try #require(full.rSquared))) < 0.05)
        }
        let ratio = (predicted / measured).squareRoot()
        #expect((0.6...1.6).contains(ratio), "predicted/measured \(ratio)")
        #expect(Double(held) >= 0.85 * Double(intervals), "\(held) of \(intervals)")
    }

    /// All rows are all rows; those left out are the others; what is exact stays so.
    @Test func partsOfTheWhole() throws {
        let columns = TableDesign.discrete.columns(rows: 900, seed: 5)
        let whole = try store(columns)
        let all = try solve(try whole.selecting(rows: Array(0..<900))), own = try solve(whole)
        #expect(all.coefficients.map(\.estimate) == own.coefficients.map(\.estimate))
        let first = try whole.selecting(rows: Array(0..<400)), rest = try whole.excluding(rows: Array(0..<400))
        #expect(first.matrix.rows == 400 && rest.matrix.rows == 500)
        var gram = first.matrix.integerGram()
        gram.merge(rest.matrix.integerGram())
        #expect(gram == whole.matrix.integerGram())
        for j in 0..<5 where whole.matrix.columns[j].isExact {
            let values = Array(columns[j][..<400]), mean = values.reduce(0, +) / 400
            #expect(abs(first.moments[j].mean - mean) < 1e-12 * (1 + abs(mean)))
            #expect(first.matrix.columns[j].moments.minimum == values.min())
        }
    }

    /// Without an intercept, and by other ways of solving.
    @Test func otherProblems() throws {
        let columns = TableDesign.collinear.columns(rows: 2000, seed: 6)
        let chosen = Array(stride(from: 0, to: 2000, by: 2))
        let table = try regressionTable(Self.names, rows(columns, chosen))
        let full = try LeastSquaresProblem.full(.qr, intercept: false).solve(table).responses[0]
        let part = try store(columns, intercept: false).selecting(rows: chosen)
        let response = try solve(part, intercept: false)
        for (a, b) in zip(response.coefficients, full.coefficients) {
            #expect(abs(a.estimate - b.estimate) < 4 * (a.quantizationStandardDeviation ?? 0))
        }
        for method in [SolverMethod.qr, .lsqr, .svd] {
            var problem = LeastSquaresProblem()
            problem.intercept = false
            problem.method = method
            let other = try problem.solve(part).responses[0]
            #expect(abs(other.coefficients[0].estimate - response.coefficients[0].estimate) < 1)
        }
        var ridge = LeastSquaresProblem()
        ridge.kind = .ridge(RidgePenalty([10]))
        let whole = try store(columns)
        let shrunk = try ridge.solve(try whole.selecting(rows: chosen)).responses[0]
        ridge.precision = .full
        let exact = try ridge.solve(table).responses[0]
        for (a, b) in zip(shrunk.coefficients, exact.coefficients) {
            #expect(abs(a.estimate - b.estimate) < 4 * (a.quantizationStandardDeviation ?? 0))
        }
    }

    /// An indicator that is 0 in all rows chosen is left out, as in full precision, and the error is predicted still.
    @Test func constantAmongTheRows() throws {
        var columns = TableDesign.gaussian.columns(rows: 1000, seed: 7)
        columns[1] = (0..<1000).map { $0 >= 700 && $0 % 5 == 0 ? 1 : 0 }
        for i in 0..<1000 { columns[0][i] += 2 * columns[1][i] }
        let chosen = Array(0..<600)
        let solution = try LeastSquaresProblem().solve(try store(columns).selecting(rows: chosen))
        #expect(solution.droppedColumns.map(\.name) == ["x2"] && solution.rank == 4)
        let response = solution.responses[0]
        let full = try LeastSquaresProblem.full(.qr).solve(try regressionTable(Self.names, rows(columns, chosen)))
        #expect(try #require(response.predictedErrorRatio) < 0.3)
        for (a, b) in zip(response.coefficients, full.responses[0].coefficients) {
            #expect(abs(a.estimate - b.estimate) <= 4 * (a.quantizationStandardDeviation ?? 0))
        }
    }

    @Test func whatIsRefused() throws {
        let columns = TableDesign.gaussian.columns(rows: 100, seed: 8)
        let whole = try store(columns)
        for rows in [[], [100], [-1], [3, 3]] {
            #expect(throws: RegressionError.self) { try whole.selecting(rows: rows) }
        }
        #expect(throws: RegressionError.self) { try whole.excluding(rows: Array(0..<100)) }
        let part = try whole.selecting(rows: [1, 2, 3])
        #expect(throws: RegressionError.self) { try part.selecting(rows: [0]) }
        #expect(throws: RegressionError.self) { try whole.merging([part]) }
        #expect(throws: StoreError.self) { try part.write(store: "/nowhere.qls") }
        // Fewer rows than coefficients: nothing is predicted.
        let solution = try LeastSquaresProblem().solve(part)
        #expect(solution.responses[0].predictedErrorRatio == nil)
        #expect(solution.warnings.contains { $0.contains("too few rows for so many") })
    }
}
