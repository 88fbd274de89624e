import QuantizedLeastSquares
import TestSupport
import Testing

/// Columns that are named of a store.
@Suite struct StoreColumnsTests {
    /// To name all of them changes nothing, whatever the bits and the quantizer.
    @Test(arguments: [1, 2, 4], [Quantizer.automatic, .stochastic, .lloydMax])
    func namingAllChangesNothing(bits: Int, quantizer: Quantizer) throws {
        let table = try dataset("diabetes", response: "target")
        var options = QuantizationOptions()
        (options.bits, options.quantizer) = (bits, quantizer)
        let data = try QuantizedRegression(quantizing: table, options: options)
        let plain = try LeastSquaresProblem().solve(data)
        var named = LeastSquaresProblem()
        named.columns = ModelColumns(predictors: plain.predictorNames, responses: ["target"])
        let again = try named.solve(data)
        #expect(again.responses[0].coefficients.map(\.estimate) == plain.responses[0].coefficients.map(\.estimate))
        #expect(again.method == plain.method)
    }

    /// Without a column the answer is as good as predicted, or nothing is predicted; R² is never below 0.
    @Test(arguments: [1, 2, 4], [Quantizer.automatic, .stochastic, .lloydMax])
    func fewerColumns(bits: Int, quantizer: Quantizer) throws {
        for (name, response, left) in [("diabetes", "target", "bmi"), ("power_plant_ccpp", "PE", "V")] {
            let table = try dataset(name, response: response)
            var options = QuantizationOptions()
            (options.bits, options.quantizer) = (bits, quantizer)
            var problem = LeastSquaresProblem()
            problem.columns = ModelColumns(excluded: [left])
            let coded = try problem.solve(try QuantizedRegression(quantizing: table, options: options)).responses[0]
            problem.precision = .full
            let full = try problem.solve(table).responses[0]
            #expect(coded.rSquared.map { $0 >= 0 } ?? true)
            // 1 bit at random is all noise: there one run may differ from its root mean square by more than is tested here.
            guard let predicted = coded.predictedErrorRatio, bits > 1 || quantizer == .automatic else { continue }
            // Coefficients in standard errors stand for q: close to it where columns are nearly uncorrelated.
            let shares = zip(coded.coefficients, full.coefficients).map { c, f in
                (c.estimate - f.estimate) / (f.standardError ?? 1)
            }
            let rms = (shares.reduce(0) { $0 + $1 * $1 } / Double(shares.count)).squareRoot()
            #expect(rms < 5 * predicted, "\(name): \(rms), predicted \(predicted)")
        }
    }
}

extension Solution {
    fileprivate var predictorNames: [String] {
        responses[0].coefficients.map(\.name).filter { $0 != "(Intercept)" }
    }
}
