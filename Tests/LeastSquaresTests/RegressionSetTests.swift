import QuantizedLeastSquares
import TestSupport
import Testing

/// Regressions on codes of real data, held against the full-precision solution.
@Suite struct RegressionSetTests {
    struct Set: Sendable, CustomStringConvertible {
        let file: String
        let response: String
        /// The error ratio at most allowed for 4 bits and for 8 bits.
        let limit4, limit8: Double
        /// By how much plain Lloyd–Max codes of 4 bits are worse at least.
        let gain: Double
        var description: String { file }
    }

    static let sets = [
        Set(file: "california_housing", response: "median_house_value", limit4: 0.0012, limit8: 0.0003, gain: 5),
        Set(file: "diabetes", response: "target", limit4: 0.01, limit8: 0.00022, gain: 5),
        Set(file: "power_plant_ccpp", response: "PE", limit4: 0.0016, limit8: 0.0003, gain: 5),
    ]

    private func solve(_ set: Set, _ problem: LeastSquaresProblem) throws -> (
        Solution, ResponseSolution, measured: Double
    ) {
        let solution = try problem.solve(dataset(set.file, response: set.response))
        let response = solution.responses[0]
        return (solution, response, try #require(response.reference?.errorRatio))
    }

    /// The ratio predicted from codes alone is within a factor of 2 of the measured one, and most of the 95% intervals
    /// hold the full-precision coefficient.
    @Test(arguments: [(0, 4), (0, 8), (1, 2), (1, 3), (1, 4), (1, 6), (1, 8), (2, 2), (2, 4), (2, 8)])
    func predictedErrorRatio(_ place: Int, bits: Int) throws {
        let set = Self.sets[place]
        let (solution, response, measured) = try solve(set, .quantized(bits: bits))
        let predicted = try #require(response.predictedErrorRatio)
        #expect(measured > 0)
        #expect(predicted <= 2 * measured && measured <= 2 * predicted, "predicted \(predicted), measured \(measured)")
        if let bound = response.worstCaseErrorRatio { #expect(bound >= measured) }
        let exact = try #require(response.reference).coefficients
        let covered = zip(response.coefficients, exact).filter {
            $0.quantizationInterval?.contains($1.estimate) ?? false
        }.count
        #expect(covered * 10 >= exact.count * 7, "\(covered) of \(exact.count) intervals hold")
        for (code, full) in zip(response.coefficients, exact) {
            let error = try #require(full.standardError)
            #expect(abs(try #require(code.standardError) - error) <= 0.1 * error, "\(full.name)")
        }
        if bits == 4 { #expect(measured <= set.limit4) }
        if bits == 8 { #expect(measured <= set.limit8) }
        #expect(solution.droppedColumns.isEmpty)
        #expect(solution.bytes < solution.fullPrecisionBytes)
    }

    @Test(arguments: sets)
    func beatsPlainLloydMax(_ set: Set) throws {
        let (_, _, plain) = try solve(set, .quantized(bits: 4, quantizer: .lloydMax, transform: .none))
        #expect(plain >= set.gain * set.limit4 / 1.5, "Lloyd–Max \(plain)")
    }

    /// Nothing outside `reference` depends on whether it was asked for.
    @Test func referenceChangesNothingElse() throws {
        let set = Self.sets[1]
        var problem = LeastSquaresProblem.quantized(bits: 3)
        let with = try problem.solve(dataset(set.file, response: set.response)).responses[0]
        problem.reference = false
        let without = try problem.solve(dataset(set.file, response: set.response)).responses[0]
        #expect(without.reference == nil)
        #expect(with.coefficients.map(\.estimate) == without.coefficients.map(\.estimate))
        #expect(
            with.coefficients.map(\.quantizationStandardDeviation)
                == without.coefficients.map(\.quantizationStandardDeviation))
        #expect(with.predictedErrorRatio == without.predictedErrorRatio)
        #expect(with.residualStandardDeviation == without.residualStandardDeviation)
    }
}
