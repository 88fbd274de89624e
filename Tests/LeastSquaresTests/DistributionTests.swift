import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Tail probabilities and quantiles against 60-digit values (`Tests/References/distributions.py`).
@Suite struct DistributionTests {
    struct Values: Decodable {
        struct Student: Decodable {
            let t, nu: Double
            let p: String
        }
        struct Fisher: Decodable {
            let f, d1, d2: Double
            let p: String
        }
        struct Beta: Decodable {
            let x, a, b: Double
            let value: String
        }
        struct Quantile: Decodable {
            let confidence: Double
            let nu: Double?
            let t: String
        }
        let student: [Student]
        let fisher: [Fisher]
        let beta: [Beta]
        let quantiles: [Quantile]

        enum CodingKeys: String, CodingKey {
            case student = "student two-sided"
            case fisher = "fisher upper"
            case beta = "regularized beta"
            case quantiles = "student quantile"
        }
    }

    let values: Values

    init() throws {
        let url = Checkout.references.appendingPathComponent("distributions.json")
        values = try JSONDecoder().decode(Values.self, from: Data(contentsOf: url))
    }

    /// Digits required up to 10⁴ degrees of freedom, and beyond (the continued fraction cancels there).
    private func required(_ size: Double) -> Double { size <= 1e4 ? 12 : 10 }

    @Test func studentTails() {
        #expect(values.student.count > 100)
        for row in values.student {
            let p = Distributions.studentTwoSided(row.t, degreesOfFreedom: row.nu)
            #expect(digitsOfAgreement(p, Double(row.p)!) >= required(row.nu), "t \(row.t), ν \(row.nu): \(p)")
            #expect(p == Distributions.studentTwoSided(-row.t, degreesOfFreedom: row.nu))
        }
        #expect(Distributions.studentTwoSided(0, degreesOfFreedom: 5) == 1)
        #expect(Distributions.studentTwoSided(.infinity, degreesOfFreedom: 5) == 0)
    }

    @Test func fisherTails() {
        #expect(values.fisher.count > 90)
        for row in values.fisher {
            let p = Distributions.fisherUpper(row.f, row.d1, row.d2)
            let digits = digitsOfAgreement(p, Double(row.p)!)
            #expect(digits >= required(max(row.d1, row.d2)), "F \(row.f), \(row.d1), \(row.d2): \(p)")
        }
        #expect(Distributions.fisherUpper(0, 3, 4) == 1)
        #expect(Distributions.fisherUpper(.infinity, 3, 4) == 0)
    }

    @Test func incompleteBeta() {
        #expect(values.beta.count > 50)
        for row in values.beta {
            let value = Distributions.regularizedBeta(row.x, row.a, row.b)
            let digits = digitsOfAgreement(value, Double(row.value)!)
            #expect(digits >= required(max(row.a, row.b)), "x \(row.x), \(row.a), \(row.b): \(value)")
        }
        #expect(Distributions.regularizedBeta(0, 2, 3) == 0)
        #expect(Distributions.regularizedBeta(1, 2, 3) == 1)
    }

    @Test func studentQuantiles() {
        #expect(values.quantiles.count == 90)
        for row in values.quantiles {
            let nu = row.nu ?? .infinity
            let t = Distributions.studentQuantile(confidence: row.confidence, degreesOfFreedom: nu)
            #expect(digitsOfAgreement(t, Double(row.t)!) >= 11, "\(row.confidence), ν \(nu): \(t) for \(row.t)")
        }
    }
}
