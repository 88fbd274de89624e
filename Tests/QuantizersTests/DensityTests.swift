import Foundation
import Quantizers
import TestSupport
import Testing

@Suite struct GaussianPairDensityTests {
    @Test func constantsAgreeWithThirtyDigitArithmetic() throws {
        for row in try reference("density_constants.json", as: DensityConstants.self).rows {
            let density = try GaussianPairDensity(correlation: Double(row.rho)!)
            for (computed, expected) in [
                (density.normalization, row.Z), (density.constant, row.C),
                (density.gainOverPanterDite, row.gain_over_panter_dite),
            ] {
                #expect(digitsOfAgreement(computed, Double(expected)!) > 14, "ρ = \(row.rho): \(computed), \(expected)")
            }
            // The correlation 1/√3 rounded to Double has its peak at about 1e-8.
            #expect(abs(density.peak - Double(row.peak)!) < (row.rho.hasPrefix("0.577") ? 1e-7 : 1e-14))
        }
    }

    @Test func phaseTransition() throws {
        let critical = 1 / 3.0.squareRoot()
        #expect(try GaussianPairDensity(correlation: critical - 1e-9).modes == [0])
        #expect(try GaussianPairDensity(correlation: critical + 1e-9).modes.count == 2)
        for rho in [0.6, 0.8, -0.9, 0.99, 1] {
            let density = try GaussianPairDensity(correlation: rho, mean: 2, standardDeviation: 3)
            for mode in density.modes {
                #expect(abs(density.derivative(at: mode)) < 1e-12)
                #expect(density.density(at: mode) > density.density(at: mode + 0.01))
                #expect(density.density(at: mode) > density.density(at: mode - 0.01))
            }
        }
    }

    @Test(arguments: [0, 0.3, 0.57, 0.7, -0.9, 0.99, 0.999999, 1])
    func cumulativeAndQuantileInvert(rho: Double) throws {
        let density = try GaussianPairDensity(correlation: rho, mean: -1, standardDeviation: 2)
        for i in 1..<200 {
            let p = Double(i) / 200
            #expect(abs(density.cumulative(density.quantile(p)) - p) < 1e-14)
        }
        #expect(density.quantile(0.5) == -1)
        #expect(abs(density.cumulative(-1 - 20 * 2)) < 1e-15 && density.cumulative(1e9) == 1)
        let h = 1e-5
        for x in [-5, -1.5, 0.3, 2.5] {
            let slope = (density.cumulative(x + h) - density.cumulative(x - h)) / (2 * h)
            #expect(abs(slope - density.density(at: x)) < 1e-9)
            let second = (density.density(at: x + h) - density.density(at: x - h)) / (2 * h)
            #expect(abs(second - density.derivative(at: x)) < 1e-7)
        }
    }

    @Test func impossibleCorrelationsAreRefused() {
        #expect(throws: QuantizerError.correlation(1.1)) { try GaussianPairDensity(correlation: 1.1) }
        #expect(throws: QuantizerError.self) { try GaussianPairDensity(correlation: .nan) }
        #expect(throws: QuantizerError.scale(0)) { try GaussianPairDensity(correlation: 0, standardDeviation: 0) }
    }

    @Test func compandingWorksForEveryCountAndCorrelation() throws {
        for rho in [-1, -0.5, 0, 0.58, 0.9, 1] {
            let density = try GaussianPairDensity(correlation: rho)
            for count in [1, 2, 3, 5, 16, 17, 255, 256] {
                let book = try Codebook.companding(density, count: count)
                #expect(book.count == count)
                for i in 0..<count { #expect(abs(book.levels[i] + book.levels[count - 1 - i]) < 1e-12) }
            }
        }
    }
}

@Suite struct GaussianPairTests {
    @Test func errorsAgreeWithTheReference() throws {
        for row in try reference("gaussian_pairs.json", as: GaussianPairs.self).rows {
            let pair = try GaussianPairDistortion(correlation: row.rho)
            var cases = [
                (try Codebook.companding(GaussianPairDensity(correlation: 0), count: row.levels), row.gauss, "gauss"),
                (
                    try Codebook.companding(GaussianPairDensity(correlation: row.rho), count: row.levels), row.paper,
                    "paper"
                ),
            ]
            // The file's Lloyd–Max levels were left after a finite number of rounds, so its own levels are taken.
            for (method, name) in [(row.lloyd, "lloyd"), (row.wlloyd, "wlloyd")] {
                guard let half = method.levels else { continue }
                cases.append((try Codebook(levels: half.reversed().map { -$0 } + half), method, name))
            }
            for (book, expected, name) in cases {
                let label: Comment = "ρ = \(row.rho), K = \(row.levels), \(name)"
                for (level, value) in zip(book.levels.suffix(row.levels / 2), expected.levels ?? []) {
                    #expect(digitsOfAgreement(level, value) > 8, label)
                }
                let moments = pair.moments(book, book)
                #expect(digitsOfAgreement(moments.meanSquaredError, expected.e2) > 6, label)
                #expect(abs(moments.meanError - expected.e1) < 1e-7, label)
                #expect(digitsOfAgreement(moments.decodeGain, expected.gain) > 6, label)
                #expect(digitsOfAgreement(moments.meanSquaredErrorAfterGain, expected.e2_gain) > 6, label)
            }
        }
    }

    @Test func dependentPairsHaveClosedForms() throws {
        // Y = X: E[(X² − X̂²)²] is a one-dimensional integral; at 1 bit with levels ±a it is 3 − 2a² + a⁴.
        let pair = try GaussianPairDistortion(correlation: 1)
        let book = try Codebook(levels: [-1.2, 1.2])
        #expect(abs(pair.moments(book, book).meanSquaredError - (3 - 2 * 1.44 + 1.44 * 1.44)) < 1e-13)
        let opposite = try GaussianPairDistortion(correlation: -1)
        #expect(abs(opposite.moments(book, book).meanError + 1 - 1.44) < 1e-13)
        // Continuity in ρ across the change of breakpoints and at ρ → 1.
        let eight = try Codebook.gaussianLloydMax(count: 8)
        for (near, far) in [(0.99979, 0.99981), (0.999999999, 1)] {
            let a = try GaussianPairDistortion(correlation: near).moments(eight, eight).meanSquaredError
            let b = try GaussianPairDistortion(correlation: far).moments(eight, eight).meanSquaredError
            #expect(abs(a - b) < 2e-3 * a)
        }
    }

    @Test func differentCodebooksCommute() throws {
        let pair = try GaussianPairDistortion(correlation: 0.63)
        let a = try Codebook.gaussianLloydMax(count: 5)
        let b = try Codebook.companding(GaussianPairDensity(correlation: 0.9), count: 16)
        let (ab, ba) = (pair.moments(a, b), pair.moments(b, a))
        #expect(abs(ab.meanSquaredError - ba.meanSquaredError) < 1e-12)
        #expect(abs(ab.codedMean - ba.codedMean) < 1e-12)
        #expect(
            abs(ab.errorPerTerm(innerDimension: 100) - (ab.meanSquaredError + 99 * ab.meanError * ab.meanError)) < 1e-14
        )
    }
}
