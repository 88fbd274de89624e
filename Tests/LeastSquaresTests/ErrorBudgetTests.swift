import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

/// Standard errors, covariances and linear combinations against statsmodels, and codes against full precision.
@Suite struct ErrorBudgetTests {
    /// statsmodels 0.14: `OLS(target, add_constant(rest)).fit(cov_type=…).bse` of the diabetes set (Tests/References/standard_errors.py).
    static let robust: [StandardErrors: [Double]] = [
        .hc0: [
            64.2370142237, 0.20597722803, 5.54160290525, 0.717200805209, 0.222056848368, 0.535128559056, 0.481788548833,
            0.728537169333, 5.73760538764, 14.5979542038, 0.25741418293,
        ],
        .hc1: [
            65.0515795065, 0.208589147358, 5.61187387585, 0.726295357373, 0.224872667279, 0.541914321926,
            0.487897927207, 0.737775473642, 5.81036179158, 14.7830653401, 0.260678354829,
        ],
        .hc2: [
            65.6565567546, 0.208722451852, 5.61278163424, 0.72809924856, 0.225230109781, 0.550113902865, 0.496088440623,
            0.747523479099, 5.86413005996, 14.911529031, 0.261012126001,
        ],
        .hc3: [
            67.141966722, 0.211521486685, 5.6855529435, 0.739279593554, 0.228473291783, 0.565940639272, 0.511227994174,
            0.767455412796, 5.99549970424, 15.2400573696, 0.264686070105,
        ],
    ]

    @Test(arguments: [StandardErrors.hc0, .hc1, .hc2, .hc3]) func robustStandardErrors(kind: StandardErrors) throws {
        var problem = LeastSquaresProblem.full(.qr)
        problem.standardErrors = kind
        let expected = try #require(Self.robust[kind])
        let full = try problem.solve(try dataset("diabetes", response: "target")).responses[0]
        for (coefficient, value) in zip(full.coefficients, expected) {
            #expect(abs(try #require(coefficient.standardError) / value - 1) < 1e-11, "\(coefficient.name)")
        }
        // From 8-bit codes the same, as the noise of residuals and entries is taken away.
        problem = .quantized(bits: 8)
        problem.standardErrors = kind
        let coded = try problem.solve(try dataset("diabetes", response: "target")).responses[0]
        for (coefficient, value) in zip(coded.coefficients, expected) {
            #expect(abs(try #require(coefficient.standardError) / value - 1) < 1e-3, "\(coefficient.name)")
        }
    }

    /// A prediction: statsmodels' `get_prediction(x).se_mean` and `conf_int`.
    @Test func prediction() throws {
        let solution = try LeastSquaresProblem.full(.qr).solve(try dataset("diabetes", response: "target"))
        let budget = try #require(solution.responses[0].budget)
        let at = [1, 59, 2.01, 32.12, 101.03, 157.04, 93.25, 38.06, 4.07, 4.9398, 87.09]
        let prediction = budget.combination(at)
        #expect(abs(prediction.estimate - 212.01091596) < 1e-8)
        #expect(abs(try #require(prediction.standardError) - 7.59652428192) < 1e-9)
        let interval = try #require(prediction.interval(confidence: 0.95))
        #expect(abs(interval.lowerBound - 197.080074191) < 1e-8 && abs(interval.upperBound - 226.941757729) < 1e-8)
        #expect(prediction.quantizationInterval(confidence: 0.95) == nil)
    }

    /// On codes, intervals of predictions hold the full-precision prediction as often as they say.
    @Test(arguments: [2, 4]) func predictionsFromCodes(bits: Int) throws {
        var covered = 0, count = 0
        for seed in 1...24 {
            var design = CalibrationDesign(SyntheticDesign.allCases[seed % 4])
            design.largestDraw = 400
            let table = try design.table(draw: seed)
            let solution = try LeastSquaresProblem.quantized(bits: bits).solve(table).responses[0]
            let budget = try #require(solution.budget), full = try #require(solution.reference).coefficients
            for i in stride(from: 0, to: 50, by: 5) {
                let at = [1] + (0..<4).map { table.sample[i, $0] }
                let interval = try #require(budget.combination(at).quantizationInterval(confidence: 0.95))
                let truth = zip(at, full).reduce(0) { $0 + $1.0 * $1.1.estimate }
                if interval.contains(truth) { covered += 1 }
                count += 1
            }
        }
        let share = Double(covered) / Double(count)
        #expect(share > 0.88 && share < 0.995, "\(covered) of \(count) intervals hold")
    }

    @Test func compressedProblemsHaveNoSandwich() throws {
        var problem = LeastSquaresProblem.quantized(bits: 4)
        problem.standardErrors = .hc3
        problem.kind = .ridge(RidgePenalty([1]))
        #expect(throws: RegressionError.self) { try problem.solve(try dataset("diabetes", response: "target")) }
    }

    /// The interval of q holds the measured one in about 90% of cases.
    @Test func errorRatioInterval() throws {
        var held = 0, count = 0
        for seed in 1...24 {
            var design = CalibrationDesign(SyntheticDesign.allCases[seed % 4])
            design.largestDraw = 400
            let table = try design.table(draw: 100 + seed)
            let response = try LeastSquaresProblem.quantized(bits: 3).solve(table).responses[0]
            let range = try #require(response.budget?.errorRatioInterval)
            #expect(range.contains(try #require(response.predictedErrorRatio)))
            if range.contains(try #require(response.reference?.errorRatio)) { held += 1 }
            count += 1
        }
        #expect(Double(held) >= 0.75 * Double(count), "\(held) of \(count)")
    }
}
