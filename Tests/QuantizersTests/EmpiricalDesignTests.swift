import Foundation
import Quantizers
import TestSupport
import Testing

@Suite struct EmpiricalDensityTests {
    @Test func functionsGiveTheClosedForm() throws {
        let normal = { (x: Double) in exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
        for rho in [0, 0.5, 0.9] {
            let weight = { (x: Double) in (1 - rho * rho) + rho * rho * x * x }
            let density = try EmpiricalDensity(density: normal, weight: weight, from: -12, to: 12)
            let exact = try GaussianPairDensity(correlation: rho)
            #expect(digitsOfAgreement(density.constant, exact.constant) > 4)
            for p in [0.01, 0.2, 0.5, 0.77, 0.999] {
                #expect(abs(density.quantile(p) - exact.quantile(p)) < 1e-3)
                #expect(abs(density.cumulative(density.quantile(p)) - p) < 1e-12)
                #expect(abs(density.density(at: exact.quantile(p)) - exact.density(at: exact.quantile(p))) < 2e-3)
            }
        }
        // Panter and Dite for the Laplace density e^{−|x|}/2: (∫f^{1/3})³/12 = 6³/2/12 = 9.
        let laplace = try EmpiricalDensity(density: { exp(-abs($0)) / 2 }, from: -60, to: 60, pieces: 60_000)
        #expect(digitsOfAgreement(laplace.constant, 9) > 4)
    }

    @Test(arguments: Source.allCases)
    func histogramCompandingIsNearTheOptimum(source: Source) throws {
        let values = source.sample(60_000, seed: 31)
        let density = try EmpiricalDensity(ColumnHistogram(values: values))
        let book = try Codebook.companding(density, count: 64)
        let best = try Codebook.optimal(values: values, count: 64)
        // High resolution is far off in a lognormal tail.
        let factor = source == .lognormal ? 1.5 : 1.15
        #expect(book.distortion(of: values) < factor * best.distortion(of: values), "\(source)")
    }

    @Test func unusableInput() {
        #expect(throws: QuantizerError.noValues) { try EmpiricalDensity(ColumnHistogram(values: [1, 1])) }
        #expect(throws: QuantizerError.weight(-1)) { try EmpiricalDensity(knots: [0, 1], masses: [-1]) }
        #expect(throws: QuantizerError.lengthsDiffer(2, 3)) { try EmpiricalDensity(knots: [0, 1], masses: [1, 2]) }
        #expect(throws: QuantizerError.levelsNotAscending) { try EmpiricalDensity(knots: [1, 1], masses: [1]) }
    }
}

@Suite struct OverloadScalingTests {
    @Test func heavyTailsAskForMore() throws {
        let normal = try OverloadScaling(ColumnHistogram(values: Source.normal.sample(40_000)), count: 256)
        #expect(normal.multiplier > 0.8 && normal.multiplier < 1.25)
        var generator = TestGenerator(seed: 6)
        // Activations with rare outliers far beyond 7σ.
        let tails = (0..<40_000).map { _ in (generator.uniform() < 0.002 ? 60 : 1) * generator.normal() }
        let histogram = try ColumnHistogram(values: tails)
        let scaled = try OverloadScaling(histogram, count: 256)
        let mean = tails.reduce(0, +) / 40_000
        let deviation = (tails.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000).squareRoot()
        let plain = try Codebook.companding(
            GaussianPairDensity(correlation: 0, mean: mean, standardDeviation: deviation), count: 256)
        #expect(scaled.multiplier > 1.5)
        let measured = scaled.codebook.distortion(of: tails)
        #expect(measured < 0.2 * plain.distortion(of: tails))
        #expect(abs(scaled.distortion / measured - 1) < 0.02)
        #expect(throws: QuantizerError.scale(0)) { try OverloadScaling(ColumnHistogram(values: [2, 2]), count: 4) }
    }
}

@Suite struct CodebookHealthTests {
    private let values = Source.normal.sample(40_000, seed: 12)

    @Test func goodCodebooksHaveNoShortfall() throws {
        let histogram = try ColumnHistogram(values: values)
        let health = try CodebookHealth(Codebook.optimal(histogram, count: 16), on: histogram)
        #expect(health.usedLevelCount == 16 && health.levelCount == 16)
        #expect(health.shortfall < 0.01)
        // Beyond the end level at 2.733 by half the step to 2.069: P(|X| > 3.064).
        #expect(abs(health.overloadRate - 0.00218) < 0.0008)
        #expect(abs(health.signalToNoise - 20.22) < 0.1)  // Max 1960: 20.22 dB at 16 levels.
        let exact = try ColumnHistogram(values: [1, 2, 2, 5])
        let perfect = try CodebookHealth(Codebook.exact(values: [1, 2, 5]), on: exact)
        #expect(perfect.distortion == 0 && perfect.signalToNoise == .infinity && perfect.shortfall == 0)
    }

    @Test func publicFailuresAreCaught() throws {
        let histogram = try ColumnHistogram(values: values)
        // Levels that no value reaches (4 of 16 codes used).
        let wide = try CodebookHealth(Codebook.uniform(minimum: -30, maximum: 30, count: 16), on: histogram)
        #expect(wide.usedLevelCount <= 5 && wide.shortfall > 10)
        // Clipping far inside the data.
        let clipped = try CodebookHealth(Codebook.uniform(minimum: -1, maximum: 1, count: 16), on: histogram)
        #expect(abs(clipped.overloadRate - 0.286) < 0.01)  // 2(1 − Φ(1 + 1/15))
        #expect(clipped.shortfall > 5)
        // Data that drifted away from the design.
        let drifted = try ColumnHistogram(values: values.map { $0 + 3 })
        #expect(try CodebookHealth(Codebook.optimal(histogram, count: 16), on: drifted).shortfall > 5)
    }
}

@Suite struct RateBoundsTests {
    @Test func agreesWithTheSource() {
        #expect(abs(RateBounds.criticalRate - 0.9063) < 5e-5)
        #expect(abs(RateBounds.matrixProductBound(rate: RateBounds.criticalRate) - 0.4883) < 5e-5)
        for (bits, expected) in [(1.0, 0.4375), (2, 0.1211), (3, 0.03101), (4, 0.007797), (6, 0.000488), (8, 3.052e-5)]
        {
            #expect(abs(RateBounds.matrixProductBound(rate: bits) / expected - 1) < 1e-3)
        }
        #expect(RateBounds.matrixProductBound(rate: 0) == 1)
        // Continuous and convex at the tangent point.
        let (below, above) = (RateBounds.criticalRate - 1e-6, RateBounds.criticalRate + 1e-6)
        let jump = RateBounds.matrixProductBound(rate: below) - RateBounds.matrixProductBound(rate: above)
        #expect(abs(jump - 2e-6 * 0.5646) < 1e-9)
    }

    @Test func scalarCodesStayAbove() throws {
        // Gaps of independent Lloyd–Max codes: 1.33 dB at 1 bit, 3.85 at 4, towards 4.35.
        let measure = try GaussianPairMeasure(correlation: 0)
        for (bits, expected) in [(1, 1.33), (2, 2.62), (3, 3.40), (4, 3.85), (6, 4.21), (8, 4.31)] {
            let distortion = try Codebook.gaussianLloydMax(count: 1 << bits).distortion(of: measure)
            let gap = RateBounds.gapDecibel(error: RateBounds.productError(distortion: distortion), rate: Double(bits))
            #expect(abs(gap - expected) < 0.006, "\(bits) bits: \(gap)")
            #expect(distortion > RateBounds.gaussianDistortionBound(rate: Double(bits)))
        }
    }
}
