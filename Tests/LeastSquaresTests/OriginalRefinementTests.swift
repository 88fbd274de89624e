import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Refinement on the original rows from codes.
@Suite struct OriginalRefinementTests {
    private func refined(
        _ table: RegressionTable, bits: Int, quantizer: Quantizer = .automatic, transform: TransformChoice = .automatic,
        intercept: Bool = true
    ) throws -> (summary: RefinementSummary, measured: Double, solution: Solution) {
        var problem = LeastSquaresProblem.quantized(
            bits: bits, quantizer: quantizer, transform: transform, intercept: intercept)
        problem.refines = true
        let solution = try problem.solve(table)
        let measured = solution.responses.compactMap { $0.reference?.errorRatio }.max()
        return (try #require(solution.refinement), try #require(measured), solution)
    }

    @Test(arguments: [("diabetes", "target"), ("power_plant_ccpp", "PE")], [2, 4, 8])
    func dataSets(_ set: (file: String, response: String), bits: Int) throws {
        let (summary, measured, solution) = try refined(dataset(set.file, response: set.response), bits: bits)
        #expect(measured < 1e-10)
        #expect(summary.passes <= (bits == 8 ? 5 : bits == 4 ? 8 : 12))
        let told = try #require(summary.errorRatio)
        #expect(measured < 3 * told + 1e-12)
        #expect(solution.responses[0].predictedErrorRatio ?? 1 < 1e-9)
    }

    /// Designs with κ = 10⁴: neighbouring columns nearly alike.
    @Test(arguments: [4, 8], [TransformChoice.automatic, .none])
    func illConditioned(bits: Int, transform: TransformChoice) throws {
        var random = RandomNumbers(seed: 77)
        let m = 3000, n = 6
        let base = random.gaussians(m)
        var columns: [[Double]] = []
        for j in 0..<n {
            let own = random.gaussians(m), share = j == 0 ? 0 : 2e-3
            columns.append(zip(base, own).map { $0 + share * $1 })
        }
        let noise = random.gaussians(m)
        columns.append((0..<m).map { i in columns.reduce(noise[i]) { $0 + $1[i] } })
        let table = try regressionTable((0..<n).map { "x\($0)" } + ["y"], columns)
        let full = try LeastSquaresProblem.full(.qr).solve(table)
        #expect(full.conditionNumber > 2e3 && full.conditionNumber < 1e4)
        if transform == .none {
            // As they are, 4-bit codes cannot tell the columns apart; it says so and is not refined.
            var problem = LeastSquaresProblem.quantized(bits: bits, transform: .none)
            problem.refines = true
            let solution = try problem.solve(table)
            if solution.refinement == nil {
                #expect(solution.warnings.contains { $0.hasPrefix("Not refined") } && !solution.droppedColumns.isEmpty)
                return
            }
        }
        let (summary, measured, _) = try refined(table, bits: bits, transform: transform)
        if transform == .none {
            // Codes of the collinear columns themselves are a poor preconditioner; it says how far it came.
            #expect(
                measured < (bits == 4 ? 1e-3 : 1e-7) && measured < 3 * (summary.errorRatio ?? 0) + 1e-12,
                "\(summary), measured \(measured)")
            return
        }
        #expect(measured < 1e-8, "\(summary), measured \(measured)")
        #expect(summary.passes <= (bits == 4 ? 12 : 8), "\(summary), measured \(measured)")
    }

    @Test(arguments: [Quantizer.lloydMax, .uniform, .stochastic])
    func otherCodes(_ quantizer: Quantizer) throws {
        let (summary, measured, _) = try refined(
            dataset("diabetes", response: "target"), bits: 4, quantizer: quantizer, intercept: false)
        #expect(measured < 1e-8 && summary.passes <= 12, "\(summary), measured \(measured)")
    }

    /// A store has no rows to refine on: it is refused, not passed over.
    @Test func codesAloneAreNotRefined() throws {
        let table = try dataset("diabetes", response: "target")
        var problem = LeastSquaresProblem()
        problem.refines = true
        let data = try QuantizedRegression(quantizing: table)
        let error = #expect(throws: RegressionError.self) { try problem.solve(data) }
        #expect(error?.description.contains("original rows") == true)
    }
}
