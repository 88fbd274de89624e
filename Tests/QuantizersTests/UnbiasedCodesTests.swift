import Foundation
import Quantizers
import Testing

/// ∑(x − l)(u − x) over all choices of K levels among the values, ends included.
private func bruteForceVariance(_ values: [Double], _ count: Int) -> Double {
    let x = Set(values).sorted()
    if x.count <= count { return 0 }
    var best = Double.infinity
    let inner = x.count - 2
    for choice in 0..<(1 << inner) where choice.nonzeroBitCount == count - 2 {
        var levels = [x[0]]
        for i in 0..<inner where choice >> i & 1 == 1 { levels.append(x[i + 1]) }
        levels.append(x[x.count - 1])
        var total = 0.0
        for value in values {
            let upper = levels.first { $0 >= value }!
            let lower = levels.last { $0 <= value }!
            total += (value - lower) * (upper - value)
        }
        best = min(best, total)
    }
    return best
}

@Suite struct CounterGeneratorTests {
    @Test func streamsAreReproducibleAndUniform() {
        let generator = CounterGenerator(seed: 1, stream: 2)
        let numbers = (0..<50_000).map { generator.uniform(at: $0) }
        #expect(numbers == (0..<50_000).map { CounterGenerator(seed: 1, stream: 2).uniform(at: $0) })
        let mean = numbers.reduce(0, +) / 50_000
        #expect(abs(mean - 0.5) < 4 * (1 / 12.0 / 50_000).squareRoot())
        // χ² over 64 classes; 63 degrees of freedom, standard deviation 11.2.
        var classes = [Double](repeating: 0, count: 64)
        for number in numbers { classes[Int(64 * number)] += 1 }
        let chi = classes.reduce(0) { $0 + ($1 - 781.25) * ($1 - 781.25) / 781.25 }
        #expect(chi > 25 && chi < 110)
        // Neighbouring entries and neighbouring streams are uncorrelated.
        let other = CounterGenerator(seed: 1, stream: 3)
        let others = (0..<50_000).map { other.uniform(at: $0) }
        let bound = 4 / 12.0 / 50_000.0.squareRoot()
        #expect(abs(covariance(numbers, Array(numbers.dropFirst()))) < bound)
        #expect(abs(covariance(numbers, others)) < bound)
    }

    private func covariance(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for (u, v) in zip(a, b) { sum += (u - 0.5) * (v - 0.5) }
        return sum / Double(min(a.count, b.count))
    }
}

@Suite struct StochasticRoundingTests {
    @Test(arguments: [1, 2, 3, 4])
    func codesAreUnbiased(bits: Int) throws {
        let values = Source.laplace.sample(500)
        let book = try Codebook.varianceOptimal(values: values, count: 1 << bits)
        let draws = 400
        var (bias, spread, expected) = (0.0, 0.0, 0.0)
        for stream in 0..<draws {
            let rounding = StochasticRounding(book, seed: 7, stream: UInt64(stream))
            for (i, code) in rounding.encode(values, from: 0).enumerated() {
                let error = book.decode(code) - values[i]
                bias += error
                spread += error * error
            }
        }
        for value in values { expected += book.roundingVariance(at: value) }
        let count = Double(draws * values.count)
        #expect(abs(bias / count) < 4 * (expected / 500 / count).squareRoot())
        #expect(abs(spread / count / (expected / 500) - 1) < 0.02)
        #expect(abs(book.roundingVariance(of: values) - expected / 500) < 1e-12)
    }

    @Test func blocksDoNotMatterAndLevelsAreExact() throws {
        let values = Source.normal.sample(3000)
        let book = try Codebook.varianceOptimal(values: values, count: 16)
        let rounding = StochasticRounding(book, seed: 3, stream: 9)
        let whole = rounding.encode(values, from: 100)
        #expect(
            whole == rounding.encode(Array(values[..<777]), from: 100)
                + rounding.encode(Array(values[777...]), from: 877))
        #expect(whole != StochasticRounding(book, seed: 3, stream: 10).encode(values, from: 100))
        for (code, level) in book.levels.enumerated() {
            for index in 0..<20 { #expect(Int(rounding.encode(level, at: index)) == code) }
        }
        for (value, code) in zip(values, whole) {
            let level = book.decode(code)
            let nearest = book.levels.filter { $0 < value }.last ?? book.levels[0]
            #expect(level == nearest || level == book.levels.first { $0 >= value })
        }
        #expect(
            rounding.encode(-99, at: 0) == 0 && rounding.encode(99, at: 0) == 15 && rounding.encode(.nan, at: 0) == 0)
        let single = StochasticRounding(try Codebook(levels: [5]), seed: 1, stream: 1)
        #expect(single.encode(7, at: 0) == 0)
    }

    @Test(arguments: 2...12)
    func varianceOptimalEqualsBruteForce(size: Int) throws {
        var generator = TestGenerator(seed: UInt64(size))
        for round in 0..<10 {
            let values = (0..<size).map { _ in
                round % 2 == 0 ? generator.normal() : Double(Int.random(in: -5...5, using: &generator))
            }
            for count in 2...max(2, size) {
                let book = try Codebook.varianceOptimal(values: values, count: count)
                let found = values.reduce(0) { $0 + book.roundingVariance(at: $1) }
                #expect(abs(found - bruteForceVariance(values, count)) < 1e-12, "\(values), K = \(count)")
                #expect(book.levels.first == values.min() && book.levels.last == values.max())
            }
        }
    }

    @Test(arguments: Source.allCases)
    func varianceOptimalBeatsMovingAnyLevel(source: Source) throws {
        // Above 16,384 values the search starts from a coarse problem. Each level balances the distances on its sides.
        let values = source.sample(20_000, seed: 5)
        for count in [2, 5, 16] {
            let book = try Codebook.varianceOptimal(values: values, count: count)
            #expect(book.count == count)
            for i in book.levels.indices.dropFirst().dropLast() {
                let (a, t, b) = (book.levels[i - 1], book.levels[i], book.levels[i + 1])
                // The sum is convex and piecewise linear in t; its slope changes sign at the optimum.
                func slope(_ t: Double) -> Double {
                    values.reduce(0) { sum, v in
                        v > a && v < t ? sum + (v - a) : v > t && v < b ? sum - (b - v) : sum
                    }
                }
                let weight = (t - a) + (b - t)
                #expect(abs(slope(t)) <= weight * 1.01, "\(source), K = \(count)")
            }
            let histogram = try ColumnHistogram(values: values)
            let fast = try Codebook.varianceOptimal(histogram, count: count)
            #expect(fast.roundingVariance(of: values) <= 1.005 * book.roundingVariance(of: values))
        }
    }

    @Test func twiceTheVarianceOfNearestRounding() throws {
        let values = Source.laplace.sample(20_000)
        let stochastic = try Codebook.varianceOptimal(values: values, count: 64).roundingVariance(of: values)
        let nearest = try Codebook.optimal(values: values, count: 64).distortion(of: values)
        #expect(abs(stochastic / nearest / 2 - 1) < 0.1)
    }

    @Test func unusableInput() {
        #expect(throws: QuantizerError.levelCount(1)) { try Codebook.varianceOptimal(values: [1, 2], count: 1) }
        #expect(throws: QuantizerError.noValues) { try Codebook.varianceOptimal(values: [Double.nan], count: 4) }
        #expect(throws: QuantizerError.noValues) { try Codebook.varianceOptimal(values: [], count: 4) }
    }
}

@Suite struct SubtractiveDitherTests {
    @Test func errorIsUniformAndIndependent() throws {
        let dither = try SubtractiveDither(minimum: -3, maximum: 5, count: 9, seed: 2, stream: 4)
        #expect(dither.step == 1)
        for x in [-3, -2.7, 0, 1.25, 4.999, 5] {
            var (sum, square) = (0.0, 0.0)
            for i in 0..<20_000 {
                let error = dither.decode(dither.encode(x, at: i), at: i) - x
                #expect(abs(error) <= 0.5 + 1e-12)
                sum += error
                square += error * error
            }
            #expect(abs(sum / 20_000) < 4 * (1 / 12.0 / 20_000).squareRoot())
            #expect(abs(square / 20_000 * 12 - 1) < 0.04)
        }
        #expect(throws: QuantizerError.scale(0)) {
            try SubtractiveDither(minimum: 1, maximum: 1, count: 4, seed: 0, stream: 0)
        }
    }
}
