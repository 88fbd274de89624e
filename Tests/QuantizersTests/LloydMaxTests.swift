import Foundation
import Quantizers
import TestSupport
import Testing

@Suite struct LloydMaxTests {
    /// Distortion of the optimal quantizers of N(0,1), 1 to 8 bits (Max 1960 to the digits he gives).
    @Test(
        arguments: zip(1...8, [0.36338, 0.117482, 0.0345478, 0.00950101, 0.00250467, 6.4424e-4, 1.6348e-4, 4.1186e-5]))
    func gaussianDistortions(bits: Int, expected: Double) throws {
        let book = try Codebook.gaussianLloydMax(count: 1 << bits)
        let distortion = book.distortion(of: try GaussianPairMeasure(correlation: 0))
        #expect(digitsOfAgreement(distortion, expected) > 4.5)
        if bits == 1 { #expect(abs(distortion - (1 - 2 / Double.pi)) < 1e-15) }
    }

    @Test func levelsAgreeWithThirtyDigitArithmetic() throws {
        for row in try reference("lloyd_max.json", as: LloydMaxLevels.self).rows {
            let book = try Codebook.gaussianLloydMax(count: row.count, correlation: Double(row.rho)!)
            for (level, expected) in zip(book.levels.suffix(row.count / 2), row.levels) {
                #expect(digitsOfAgreement(level, Double(expected)!) > 12, "ρ = \(row.rho), K = \(row.count)")
            }
        }
    }

    @Test(arguments: [0, 0.5, 0.9, 0.99, 1])
    func everyLevelIsItsCentroid(rho: Double) throws {
        let measure = try GaussianPairMeasure(correlation: rho)
        for count in [1, 2, 3, 4, 5, 8, 33, 64, 256] {
            let book = try Codebook.gaussianLloydMax(count: count, correlation: rho)
            #expect(book.count == count)
            for code in 0..<count {
                let (a, b) = book.cell(code)
                let moments = measure.moments(from: a, to: b)
                if moments.mass > 1e-9 { #expect(abs(moments.first / moments.mass - book.levels[code]) < 1e-6) }
            }
        }
    }

    @Test(arguments: Source.allCases)
    func fromHistogramNearlyAsGoodAsFromData(source: Source) throws {
        let values = source.sample(30_000)
        let histogram = try ColumnHistogram(values: values)
        for count in [2, 4, 16, 256] {
            let book = try Codebook.lloydMax(histogram, count: count)
            let measured = book.distortion(of: values)
            let estimated = try book.distortion(of: histogram)
            #expect(abs(estimated / measured - 1) < 0.01, "\(source), K = \(count)")
            // Lloyd's iteration on the values themselves from these levels cannot find much.
            let refined = try lloyd(values, from: book.levels, iterations: 15)
            let after = try Codebook(levels: refined).distortion(of: values)
            #expect(measured / after - 1 < 0.005, "\(source), K = \(count): \(measured / after - 1)")
        }
    }

    @Test func gaussianSampleApproachesTheLimit() throws {
        let values = Source.normal.sample(400_000)
        let histogram = try ColumnHistogram(values: values)
        for (bits, expected) in zip([1, 2, 4, 6, 8], [0.36338, 0.117482, 0.00950101, 6.4424e-4, 4.1186e-5]) {
            let distortion = try Codebook.lloydMax(histogram, count: 1 << bits).distortion(of: values)
            // The outer cells hold a few values each, so at 8 bits a sample's own optimum is 2.4% lower.
            #expect(abs(distortion / expected - 1) < 0.03, "\(bits) bits: \(distortion)")
        }
    }

    private func lloyd(_ values: [Double], from start: [Double], iterations: Int) throws -> [Double] {
        var levels = start
        for _ in 0..<iterations {
            let book = try Codebook(levels: levels)
            var sums = [Double](repeating: 0, count: levels.count)
            var counts = sums
            for value in values {
                let code = Int(book.encode(value))
                sums[code] += value
                counts[code] += 1
            }
            for code in levels.indices where counts[code] > 0 { levels[code] = sums[code] / counts[code] }
        }
        return levels
    }
}

@Suite struct ColumnHistogramTests {
    @Test func mergingIsExactInAnyOrder() throws {
        let values = Source.lognormal.sample(30_000)
        let edges = try ColumnHistogram.edges(sample: Array(values.prefix(1000)), minimum: 0, maximum: values.max()!)
        var whole = try ColumnHistogram(edges: edges)
        whole.add(values)
        var parts = try [Array(values[20_000...]), Array(values[..<7]), Array(values[7..<20_000].reversed())].map {
            part in
            var histogram = try ColumnHistogram(edges: edges)
            histogram.add(part)
            return histogram
        }
        var merged = parts.removeFirst()
        for part in parts { try merged.merge(part) }
        #expect(merged == whole)
        #expect(throws: QuantizerError.edgesDiffer) { try merged.merge(ColumnHistogram(edges: [0, 1])) }
    }

    @Test func extremesMomentsAndInvalidValues() throws {
        var histogram = try ColumnHistogram(values: [1, 2, 3, .nan, 2, .infinity])
        #expect(histogram.count == 4 && histogram.invalidCount == 2)
        #expect(histogram.minimum == 1 && histogram.maximum == 3)
        #expect(histogram.distinct.values == [1, 2, 3] && histogram.distinct.counts == [1, 2, 1])
        histogram.add(100)
        #expect(histogram.maximum == 100)
        let book = try Codebook.lloydMax(histogram, count: 4)
        #expect(book.isExact && book.levels == [1, 2, 3, 100])
    }

    @Test func hardColumnsGetACodebook() throws {
        var generator = TestGenerator(seed: 5)
        let columns: [(String, [Double])] = [
            ("one value", [7]), ("constant", .init(repeating: -3, count: 1000)),
            ("two values", (0..<500).map { Double($0 % 2) }),
            ("cauchy", (0..<20_000).map { _ in tan(Double.pi * (generator.uniform() - 0.5)) }),
            ("one outlier", (0..<20_000).map { $0 == 77 ? 1e12 : generator.normal() }),
            ("mostly zero", (0..<20_000).map { _ in generator.uniform() < 0.97 ? 0 : generator.normal() }),
            ("large offset", (0..<20_000).map { _ in 1e9 + generator.normal() }),
            ("integers", (0..<20_000).map { _ in Double(Int.random(in: 0..<3000, using: &generator)) }),
            ("tiny", (0..<2000).map { _ in 1e-300 * generator.normal() }),
            ("huge", (0..<2000).map { _ in 1e150 * generator.normal() }),
        ]
        for (name, values) in columns {
            let histogram = try ColumnHistogram(values: values)
            for count in [1, 2, 16, 256] {
                let book = try Codebook.lloydMax(histogram, count: count)
                #expect(book.count <= count && book.levels.allSatisfy(\.isFinite), "\(name), K = \(count)")
                let uniform = try Codebook.uniform(minimum: values.min()!, maximum: values.max()!, count: count)
                let (optimal, plain) = (book.distortion(of: values), uniform.distortion(of: values))
                #expect(optimal <= 1.001 * plain, "\(name), K = \(count): \(optimal) \(plain)")
            }
        }
    }
}
