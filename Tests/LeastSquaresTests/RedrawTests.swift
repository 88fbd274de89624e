import LeastSquares
import Quantizers
import Testing
import TestSupport

struct RedrawTests {
    /// Solutions of tables quantized again scatter as predicted from the codes of one.
    @Test(arguments: [Quantizer.balanced, .stochastic]) func scatterAsPredicted(_ quantizer: Quantizer) throws {
        var problem = LeastSquaresProblem.quantized(bits: 4, quantizer: quantizer)
        problem.redraws = 12
        let solution = try problem.solve(dataset("diabetes", response: "target"))
        let redraws = try #require(solution.redraws)
        #expect(redraws.count == 12 && redraws.errorRatios.count == 1)
        let scatter = try #require(redraws.errorRatios[0]),
            predicted = try #require(
                solution.responses[0].predictedErrorRatio)
        // χ² with some 12·11 degrees of freedom, and the prediction's own error.
        #expect(scatter > 0.5 * predicted && scatter < 2 * predicted, "\(scatter), predicted \(predicted)")
    }

    /// Nothing scatters where all columns are exact.
    @Test func exactCodes() throws {
        let table = try regressionTable(["a", "y"], [[0, 1, 0, 1, 1, 0, 1, 0], [1, 2, 2, 3, 2, 1, 3, 2]])
        var problem = LeastSquaresProblem.quantized(bits: 4)
        problem.redraws = 3
        #expect(try #require(problem.solve(table).redraws?.errorRatios[0]) < 1e-12)
    }

    @Test func refused() throws {
        let table = try dataset("diabetes", response: "target")
        for quantizer in [Quantizer.lloydMax, .optimal] {
            var problem = LeastSquaresProblem.quantized(bits: 4, quantizer: quantizer)
            problem.redraws = 2
            #expect(throws: RegressionError.self) { try problem.solve(table) }
        }
        var full = LeastSquaresProblem.full(.qr)
        full.redraws = 2
        #expect(throws: RegressionError.self) { try full.solve(table) }
    }
}
