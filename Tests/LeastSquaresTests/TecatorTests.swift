import QuantizedLeastSquares
import TestSupport
import Testing

/// 100 spectral channels with a condition number of 10⁴ and more: the transform decides.
@Suite struct TecatorTests {
    private func solve(_ problem: LeastSquaresProblem) throws -> (ResponseSolution, measured: Double) {
        let path = Checkout.datasets.appendingPathComponent("regression/tecator_meats.csv").path
        let source = try openTable(path: path)
        let predictors = source.columnNames.filter { $0.hasPrefix("x_") }
        try source.select(columns: predictors + ["fat"])
        let table = try RegressionTable(reading: source, predictors: predictors.count, sampleRows: 4096, seed: 1)
        let response = try problem.solve(table).responses[0]
        return (response, try #require(response.reference?.errorRatio))
    }

    @Test(arguments: [(2, 0.27), (4, 0.073), (8, 1e-6)])
    func predictedErrorRatio(bits: Int, limit: Double) throws {
        let (response, measured) = try solve(.quantized(bits: bits))
        let predicted = try #require(response.predictedErrorRatio)
        #expect(measured <= limit)
        if max(predicted, measured) < 1e-6 { return }  // 215 rows: exact at 8 bits, rounding only
        #expect(predicted <= 2 * measured && measured <= 2 * predicted, "predicted \(predicted), measured \(measured)")
    }

    /// The triangle of the rows preconditions: a condition number of 2·10⁶ takes no steps.
    @Test(arguments: [SolverMethod.lsqr, .lsmr])
    func iterationsReachQR(method: SolverMethod) throws {
        var problem = LeastSquaresProblem.full(method)
        problem.reference = true
        let (_, measured) = try solve(problem)
        #expect(measured < 1e-9)
    }

    @Test func beatsPlainLloydMax() throws {
        let plain = try solve(.quantized(bits: 4, quantizer: .lloydMax, transform: .none)).measured
        #expect(plain >= 5 * 0.073 / 1.5, "Lloyd–Max \(plain)")
    }
}
