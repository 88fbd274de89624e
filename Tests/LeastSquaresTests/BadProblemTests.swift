import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Bad input: a typed error, or a result that says what it is.
@Suite struct BadProblemTests {
    static func weights(_ w: [Double], kind: WeightKind = .analytic) throws -> WeightedTable {
        let x = [1.0, 2, 4, 3, 5], y = [2.0, 3, 5, 5, 7]
        return try WeightedTable(
            reading: ArrayTableSource(names: ["x", "y", "w"], columns: [x, y, w], missing: .keep), predictors: 1,
            kind: kind)
    }

    @Test(
        arguments: [
            ([1, 1, -1, 1, 1], WeightKind.analytic, 3), ([1, 1, 1, .nan, 1], .analytic, 4),
            ([1, 2, 1, 1, 0.5], .frequency, 5), ([-2, 2, 1, 1, 1], .frequency, 1),
        ] as [([Double], WeightKind, Int)])
    func badWeights(w: [Double], kind: WeightKind, row: Int) throws {
        let error = #expect(throws: RegressionError.self) { try Self.weights(w, kind: kind) }
        #expect(error?.description.contains("data row \(row), column \"w\"") == true, "\(String(describing: error))")
    }

    @Test func zeroWeights() throws {
        #expect(throws: RegressionError.self) { try Self.weights([0, 0, 0, 0, 0]) }
        let solution = try LeastSquaresProblem.full(.automatic).solve(Self.weights([1, 0, 1, 1, 2]))
        #expect(solution.observations == 4 && solution.weighting?.zeroRows == 1)
        #expect(solution.warnings.contains { $0.contains("weight 0") })
    }

    static let columns = [[1.0, 2, 4, 3, 5], [0, 0, 0, 0, 0], [2, 3, 5, 5, 7]]

    static func table() throws -> RegressionTable { try regressionTable(["x", "zero", "y"], columns) }

    /// Kinds that contradict the data.
    @Test func contradictions() throws {
        func fails(_ kind: ProblemKind, _ columns: ModelColumns = ModelColumns(), bits: Int? = nil) throws {
            var problem = ProblemKindTests.problem(kind, bits: bits)
            problem.columns = columns
            #expect(throws: RegressionError.self) { try problem.solve(Self.table()) }
        }
        for bits in [nil, 4] {
            try fails(.ridge(RidgePenalty([-1])), bits: bits)
            try fails(.ridge(RidgePenalty([.nan])), bits: bits)
            try fails(.bounded(CoefficientBounds(lower: ["x": 2], upper: ["x": 1])), bits: bits)
            try fails(.bounded(CoefficientBounds(lower: ["nothing": 2])), bits: bits)
            try fails(.bounded(CoefficientBounds(lower: ["x": .nan])), bits: bits)
            try fails(.ordinary, ModelColumns(predictors: ["nothing"]), bits: bits)
            try fails(.ordinary, ModelColumns(predictors: ["x", "y"]), bits: bits)
            try fails(.ordinary, ModelColumns(predictors: ["x", "x"]), bits: bits)
            try fails(.ordinary, ModelColumns(excluded: ["nothing"]), bits: bits)
            try fails(.ordinary, ModelColumns(responses: ["nothing"]), bits: bits)
            let twice = try LinearConstraints(
                names: ["x"], matrix: DenseMatrix(rows: 2, columns: 1, elements: [1, 2]), rightHandSide: [1, 1])
            try fails(.constrained(twice), bits: bits)
            let unknown = try LinearConstraints(
                names: ["k"], matrix: DenseMatrix(rows: 1, columns: 1, elements: [1]), rightHandSide: [1])
            try fails(.constrained(unknown), bits: bits)
        }
        #expect(throws: RegressionError.self) {
            try LinearConstraints(
                names: ["x"], matrix: DenseMatrix(rows: 1, columns: 1, elements: [.nan]), rightHandSide: [1])
        }
        #expect(throws: RegressionError.self) {
            try LinearConstraints(names: ["x"], matrix: DenseMatrix(rows: 1, columns: 2), rightHandSide: [1])
        }
    }

    /// A column of zeros: ordinary fits leave it out, penalised and bounded ones give it no coefficient.
    @Test func zeroColumn() throws {
        for kind in [ProblemKind.ordinary, .ridge(RidgePenalty([0.1])), .bounded(.nonnegative)] {
            var problem = ProblemKindTests.problem(kind)
            problem.columns = ModelColumns(responses: ["y"])
            let fit = try problem.solve(Self.table()).responses[0]
            #expect(fit.coefficients[2].estimate == 0)
            #expect(fit.coefficients[1].estimate > 0.5)
        }
    }

    /// Fewer rows than columns: ridge answers, and its fit is that of the dual.
    @Test func wide() throws {
        var random = RandomNumbers(seed: 9)
        let columns = (0..<8).map { _ in random.gaussians(5) }
        let table = try regressionTable((0..<8).map { "x\($0)" }, columns)
        let solution = try ProblemKindTests.problem(.ridge(RidgePenalty([0.5]))).solve(table)
        let slopes = solution.responses[0].coefficients.dropFirst().map(\.estimate)
        // XᵀX·β + λβ = Xᵀy about the means.
        let centered = columns.map { c in c.map { $0 - c.reduce(0, +) / 5 } }
        for j in 0..<7 {
            var left = 0.5 * slopes[j]
            for k in 0..<7 { left += centered[j].dot(centered[k]) * slopes[k] }
            #expect(abs(left - centered[j].dot(centered[7])) < 1e-12)
        }
    }

    @Test func emptyProblems() throws {
        #expect(throws: RegressionError.self) { try RegressionAccumulator(names: [], responses: 1) }
        #expect(throws: RegressionError.self) {
            try RegressionAccumulator(names: ["y"], responses: 1, intercept: false)
        }
        #expect(throws: RegressionError.self) { try RegressionAccumulator(names: ["x", "x"], responses: 1) }
        #expect(throws: RegressionError.self) { try RegressionAccumulator(names: ["x", "y"]).solve() }
        var accumulator = try RegressionAccumulator(names: ["x", "y"])
        #expect(throws: RegressionError.self) { try accumulator.append(DenseMatrix(rows: 2, columns: 3)) }
        for bad in [Double.nan, .infinity, 1e300, 1e-300] {
            let block = DenseMatrix(rows: 2, columns: 2, elements: [1, 2, 3, bad])
            let error = #expect(throws: RegressionError.self) { try accumulator.append(block) }
            #expect(error?.description.contains("Row 2 of a block, column \"y\"") == true)
        }
        #expect(throws: RegressionError.self) { try accumulator.remove(DenseMatrix(rows: 1, columns: 2)) }
        #expect(accumulator.rows == 0)
    }

    /// More columns than a dense regression can hold squared are refused before anything is allocated for them.
    @Test func tooManyColumns() throws {
        let count = RegressionTable.largestColumnCount + 1
        let source = try ArrayTableSource(
            names: (0..<count).map { "x\($0)" }, columns: [[Double]](repeating: [1, 2], count: count))
        #expect(throws: TableError.self) { try RegressionTable(reading: source, predictors: count - 1) }
    }
}
