import QuantizedLeastSquares
import TestSupport
import Testing

/// Plans reach what they promise, with fewer bytes than the same bits for all columns.
@Suite struct BitPlannerTests {
    @Test(arguments: [0.1, 0.02, 0.004]) func errorRatio(target: Double) throws {
        let table = try dataset("diabetes", response: "target")
        let planned = try BitPlanner(table, problem: .quantized(bits: 4)).plan(for: .errorRatio(target))
        #expect(planned.isMet && planned.errorRatio <= target)
        let uniform = try #require(planned.uniform)
        #expect(planned.plan.bitsPerRow < uniform.bitsPerRow)
        // Measured: the same options solved with the reference.
        var problem = LeastSquaresProblem.quantized(bits: 4)
        problem.precision = .quantized(planned.plan.options(QuantizationOptions()))
        let response = try problem.solve(table).responses[0]
        #expect(try #require(response.predictedErrorRatio) == planned.errorRatio)
        #expect(try #require(response.reference?.errorRatio) <= 1.7 * target)
        // The columns have the bits of the plan.
        for (column, wanted) in zip(planned.regression.matrix.columns, planned.plan.columns) {
            #expect(column.name == wanted.name && column.bits <= wanted.bits)
        }
    }

    @Test func fewerBitsForAnEasierGoal() throws {
        let planner = try BitPlanner(try dataset("diabetes", response: "target"), problem: .quantized(bits: 4))
        let bits = try [0.1, 0.01, 0.001].map { try planner.plan(for: .errorRatio($0)).plan.bitsPerRow }
        #expect(bits[0] < bits[1] && bits[1] < bits[2])
    }

    @Test func coefficientError() throws {
        let table = try dataset("diabetes", response: "target")
        let planned = try BitPlanner(table, problem: .quantized(bits: 4)).plan(for: .coefficientError(0.02))
        #expect(planned.isMet && planned.coefficientError <= 0.02)
    }

    @Test func bytes() throws {
        let table = try dataset("diabetes", response: "target")
        let planner = try BitPlanner(table, problem: .quantized(bits: 4))
        let planned = try planner.plan(for: .bytes(2000))
        #expect(planned.isMet && planned.regression.matrix.codeBytes <= 2000)
        // 2000 bytes are 36 bits per row: all of them are used.
        #expect(planned.plan.bitsPerRow == 36)
        #expect(throws: RegressionError.self) { try planner.plan(for: .bytes(500)) }
    }

    @Test func anUnreachableGoalIsNotMet() throws {
        let table = try dataset("diabetes", response: "target")
        let planned = try BitPlanner(table, problem: .quantized(bits: 4)).plan(for: .errorRatio(1e-12))
        #expect(!planned.isMet && planned.errorRatio > 1e-12)
    }
}
