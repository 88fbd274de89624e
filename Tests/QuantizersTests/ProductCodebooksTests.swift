import Foundation
import Quantizers
import TestSupport
import Testing

#if DEBUG
    private let isRelease = false
#else
    private let isRelease = true
#endif

/// Rows of `product_optimal.json`.
private struct ProductOptimal: Decodable {
    struct Row: Decodable {
        var rho: Double
        var levels: Int
        var mse: Double
        var mse_unbiased: Double
    }
    var rows: [Row]
}

@Suite struct ProductCodebooksTests {
    @Test func reachesTheReferenceFiguresOrBetter() throws {
        for row in try reference("product_optimal.json", as: ProductOptimal.self).rows {
            // The slow corner of strong correlation runs in release builds.
            if !isRelease, row.rho > 0.6 || row.levels > 8 { continue }
            let label: Comment = "ρ = \(row.rho), K = \(row.levels)"
            let plain = try ProductDesign().gaussian(correlation: row.rho, xCount: row.levels, yCount: row.levels)
            #expect(plain.moments.meanSquaredError < 1.0001 * row.mse, label)
            let unbiased = try ProductDesign(innerDimension: nil)
                .gaussian(correlation: row.rho, xCount: row.levels, yCount: row.levels)
            #expect(abs(unbiased.moments.meanError) < 1e-12, label)
            #expect(unbiased.moments.meanSquaredError < 1.0001 * row.mse_unbiased, label)
            #expect(unbiased.moments.meanSquaredError > 0.9999 * plain.moments.meanSquaredError, label)
        }
    }

    @Test func asymmetricPairsAreConfirmedBySimulation() throws {
        // At ρ = 0.9 and two levels no common symmetric codebook has less than 1.775.
        let pair = try ProductDesign().gaussian(correlation: 0.9, xCount: 2, yCount: 2)
        #expect(abs(pair.moments.meanSquaredError - 0.913) < 0.001)
        var generator = TestGenerator(seed: 17)
        let x = (0..<200_000).map { _ in generator.normal() }
        let y = x.map { 0.9 * $0 + 0.19.squareRoot() * generator.normal() }
        let sampled = ProductMoments(x: x, y: y, codedX: pair.x, codedY: pair.y)
        #expect(abs(sampled.meanSquaredError / pair.moments.meanSquaredError - 1) < 0.05)
        #expect(abs(sampled.codedMean - pair.moments.codedMean) < 0.02)
    }

    @Test(arguments: isRelease ? [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99] : [0, 0.5])
    func neverAboveTheOthersAndMonotone(rho: Double) throws {
        var design = ProductDesign()
        design.maximumAlternations = 60
        var unbiasedDesign = ProductDesign(innerDimension: nil)
        unbiasedDesign.maximumAlternations = 60
        let exact = try GaussianPairDistortion(correlation: rho)
        var last = Double.infinity
        for count in isRelease ? [2, 3, 4, 6, 8, 16, 64, 256] : [2, 3, 4] {
            let pair = try design.gaussian(correlation: rho, xCount: count, yCount: count)
            let error = pair.moments.meanSquaredError
            #expect(abs(error - exact.moments(pair.x, pair.y).meanSquaredError) < 1e-11)
            #expect(error < last)
            last = error
            let unbiased =
                count <= 16 ? try unbiasedDesign.gaussian(correlation: rho, xCount: count, yCount: count) : nil
            for other in [
                try Codebook.companding(GaussianPairDensity(correlation: rho), count: count),
                try Codebook.gaussianLloydMax(count: count),
                try Codebook.gaussianLloydMax(count: count, correlation: rho),
            ] {
                let moments = exact.moments(other, other)
                #expect(error <= moments.meanSquaredError * (1 + 1e-12), "ρ = \(rho), K = \(count)")
                if let unbiased {
                    #expect(unbiased.moments.meanSquaredError <= moments.meanSquaredErrorAfterGain * (1 + 1e-12))
                }
            }
        }
        if isRelease {
            // High resolution: E[D²] ≈ 2C(ρ)/K².
            let constant = try GaussianPairDensity(correlation: rho).constant
            #expect(abs(last * 65536 / (2 * constant) - 1) < 0.01)
        }
    }

    @Test func innerDimensionWeighsTheBias() throws {
        var last = 0.0
        for k in [1, 4, 64, 4096] {
            let pair = try ProductDesign(innerDimension: k).gaussian(correlation: 0.5, xCount: 4, yCount: 4)
            let value = pair.moments.errorPerTerm(innerDimension: k)
            #expect(value > last)
            last = value
            // No other design is better at this k.
            for other in [nil, 1, 4, 64, 4096] as [Int?] {
                let rival = try ProductDesign(innerDimension: other).gaussian(correlation: 0.5, xCount: 4, yCount: 4)
                #expect(value <= rival.moments.errorPerTerm(innerDimension: k) * (1 + 1e-7))
            }
        }
    }

    @Test func differentCountsAndNegativeCorrelation() throws {
        let wide = try ProductDesign().gaussian(correlation: 0.4, xCount: 16, yCount: 4)
        let tall = try ProductDesign().gaussian(correlation: 0.4, xCount: 4, yCount: 16)
        #expect(wide.x.count == 16 && wide.y.count == 4)
        #expect(abs(wide.moments.meanSquaredError / tall.moments.meanSquaredError - 1) < 1e-6)
        let negative = try ProductDesign().gaussian(correlation: -0.4, xCount: 16, yCount: 4)
        let exact = try GaussianPairDistortion(correlation: -0.4).moments(negative.x, negative.y)
        #expect(abs(negative.moments.meanSquaredError - exact.meanSquaredError) < 1e-11)
        #expect(abs(negative.moments.codedMean - exact.codedMean) < 1e-11)
        #expect(throws: QuantizerError.levelCount(0)) {
            try ProductDesign().gaussian(correlation: 0, xCount: 0, yCount: 3)
        }
        #expect(throws: QuantizerError.correlation(2)) {
            try ProductDesign().gaussian(correlation: 2, xCount: 2, yCount: 3)
        }
    }

    @Test func bitsGoToTheSmallerOperand() throws {
        let even = try #require(
            try ProductDesign().gaussianSplit(correlation: 0.3, xEntries: 100, yEntries: 100, budget: 600))
        #expect(even.xBits == 3 && even.yBits == 3)
        let uneven = try #require(
            try ProductDesign().gaussianSplit(correlation: 0.3, xEntries: 1000, yEntries: 100, budget: 3500))
        #expect(uneven.xBits == 3 && uneven.yBits == 5)
        #expect(try ProductDesign().gaussianSplit(correlation: 0.3, xEntries: 10, yEntries: 10, budget: 19) == nil)
    }

    @Test func samplesComeCloseToTheDistribution() throws {
        var generator = TestGenerator(seed: 23)
        let count = isRelease ? 200_000 : 20_000
        for rho in [0, 0.5, -0.8] {
            let x = (0..<count).map { _ in generator.normal() }
            let y = x.map { rho * $0 + (1 - rho * rho).squareRoot() * generator.normal() }
            let exact = try GaussianPairDistortion(correlation: rho)
            for levels in isRelease ? [4, 16] : [3] {
                let sampled = try ProductDesign().sampled(x: x, y: y, xCount: levels, yCount: levels)
                let known = try ProductDesign().gaussian(correlation: rho, xCount: levels, yCount: levels)
                let excess = exact.moments(sampled.x, sampled.y).meanSquaredError / known.moments.meanSquaredError - 1
                #expect(excess < (isRelease ? 0.03 : 0.06) && excess > -1e-6, "ρ = \(rho), K = \(levels): \(excess)")
                let plain = try Codebook.gaussianLloydMax(count: levels)
                let rival = ProductMoments(x: x, y: y, codedX: plain, codedY: plain).meanSquaredError
                #expect(sampled.moments.meanSquaredError < 1.001 * rival)
            }
        }
    }

    @Test func conditionalSecondMomentFollowsItsFormula() throws {
        var generator = TestGenerator(seed: 3)
        let x = (0..<100_000).map { _ in generator.normal() }
        let y = x.map { 0.8 * $0 + 0.6 * generator.normal() }
        let moment = try ConditionalSecondMoment(of: y, given: x)
        for u in [-2.5, -1, 0, 0.5, 2] {
            let expected = 0.36 + 0.64 * u * u
            #expect(abs(moment.value(u) / expected - 1) < 0.12, "\(u): \(moment.value(u))")
        }
        #expect(moment.value(50) > moment.value(3) && moment.value(-50) > 0)
        #expect(throws: QuantizerError.lengthsDiffer(2, 1)) { try ConditionalSecondMoment(of: [1], given: [1, 2]) }
        #expect(try ConditionalSecondMoment(of: [3], given: [1]).value(7) == 9)
    }
}
