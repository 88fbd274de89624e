import Foundation
import Quantizers
import Testing

@Suite struct CodebookTests {
    @Test func tiesGoDown() throws {
        let book = try Codebook(levels: [-1, 0, 2])
        #expect(book.thresholds == [-0.5, 1])
        #expect(book.encode([-9, -0.5, -0.4, 1, 1.1, .infinity, -.infinity, .nan]) == [0, 0, 1, 1, 2, 2, 0, 0])
        #expect(book.decode(2) == 2)
        #expect(book.bits == 2)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 127, 128, 255, 256])
    func encodingCountsThresholds(count: Int) throws {
        var generator = TestGenerator(seed: UInt64(count))
        let levels = Set((0..<count).map { _ in generator.normal() }).sorted()
        let book = try Codebook(levels: levels)
        for _ in 0..<500 {
            let x = 2 * generator.normal()
            #expect(Int(book.encode(x)) == book.thresholds.filter { $0 < x }.count)
        }
        for threshold in book.thresholds {
            #expect(Int(book.encode(threshold)) == book.thresholds.filter { $0 < threshold }.count)
        }
        #expect(1 << book.bits >= count && (book.bits == 1 || 1 << (book.bits - 1) < count))
    }

    @Test func unusableLevelsAreRefused() {
        #expect(throws: QuantizerError.levelCount(0)) { try Codebook(levels: []) }
        #expect(throws: QuantizerError.levelCount(257)) { try Codebook(levels: (0..<257).map(Double.init)) }
        #expect(throws: QuantizerError.levelsNotAscending) { try Codebook(levels: [1, 1]) }
        #expect(throws: QuantizerError.levelsNotAscending) { try Codebook(levels: [1, .nan]) }
        #expect(throws: QuantizerError.levelsNotAscending) { try Codebook(levels: [1, .infinity]) }
        #expect(throws: QuantizerError.thresholdsNotAscending) { try Codebook(levels: [1, 2], thresholds: []) }
        #expect(throws: QuantizerError.thresholdsNotAscending) { try Codebook(levels: [1, 2, 3], thresholds: [2, 1]) }
    }

    @Test func exactCodebookLosesNothing() throws {
        let values = [3.5, -1, 0, -0.0, 3.5, 0.1, .nan]
        let book = try Codebook.exact(values: values)
        #expect(book.levels == [-1, 0, 0.1, 3.5])
        #expect(book.isExact)
        #expect(book.distortion(of: values) == 0)
        #expect(throws: QuantizerError.tooManyDistinctValues) { try Codebook.exact(values: (0..<257).map(Double.init)) }
        #expect(throws: QuantizerError.noValues) { try Codebook.exact(values: [Double.nan]) }
    }

    @Test func uniformCodebookUsesBothEnds() throws {
        let book = try Codebook.uniform(minimum: -1, maximum: 2, count: 16)
        #expect(book.levels.first == -1 && book.levels.last == 2 && book.count == 16)
        let steps = zip(book.levels, book.levels.dropFirst()).map { $1 - $0 }
        #expect(steps.allSatisfy { abs($0 - 0.2) < 1e-15 })
        #expect(try Codebook.uniform(minimum: 4, maximum: 4, count: 8).levels == [4])
        #expect(try Codebook.uniform(minimum: 4, maximum: 6, count: 1).levels == [5])
        #expect(throws: QuantizerError.scale(-1)) { try Codebook.uniform(minimum: 1, maximum: 0, count: 4) }
    }
}

@Suite struct IntegerGridTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func griddedLevelsLieOnTheGrid(bits: Int) throws {
        let book = try Codebook.gaussianLloydMax(count: 1 << bits, mean: 3, standardDeviation: 0.2)
        let result = book.gridded(offset: 3)
        #expect(result.codebook.count == book.count)
        #expect(result.grid.bits <= (bits <= 4 ? 7 : 15))
        #expect(bits <= 4 ? abs(result.grid.offset - 3) < 0.6 : result.grid.offset == 3)
        for code in 0..<book.count {
            #expect(result.codebook.levels[code] == result.grid.value(code))
            #expect(abs(result.codebook.levels[code] - book.levels[code]) <= 0.51 * result.grid.scale)
        }
        let standard = try GaussianPairMeasure(correlation: 0)
        let before = try book.scaled(by: 5, offset: -15).distortion(of: standard)
        let after = try result.codebook.scaled(by: 5, offset: -15).distortion(of: standard)
        #expect(after / before - 1 < (bits <= 4 ? 0.02 : 1e-3))
    }

    @Test func narrowGridCostsWhatTheoryNotesSay() throws {
        // Section 6 of the notes: 7 bits cost 0.4% at 16 levels and 11% at 64.
        let measure = try GaussianPairMeasure(correlation: 0)
        for (count, low, high) in [(16, 0.001, 0.008), (64, 0.05, 0.2)] {
            let book = try Codebook.gaussianLloydMax(count: count)
            let rounded = book.gridded(bits: 8).codebook
            let loss = rounded.distortion(of: measure) / book.distortion(of: measure) - 1
            #expect(loss > low && loss < high, "\(count) levels: \(loss)")
        }
    }

    /// A compact grid costs at most 2 %, and outliers do without one.
    @Test func compactGrids() throws {
        let measure = try GaussianPairMeasure(correlation: 0)
        for count in 2...16 {
            let book = try Codebook.gaussianLloydMax(count: count)
            let result = book.gridded()
            #expect(result.grid.integers.allSatisfy { $0.magnitude <= 63 })
            #expect(result.codebook.distortion(of: measure) / book.distortion(of: measure) - 1 < 0.02)
        }
        let heavy = try Codebook(levels: [-1000, -1, -0.5, 0, 0.5, 1, 2000])
        #expect(heavy.gridded(offset: 0).grid.bits >= 12)
        #expect(try Codebook.gaussianLloydMax(count: 17).gridded().grid.bits >= 12)
    }

    @Test func levelsOnOneGridPointMerge() throws {
        let book = try Codebook(levels: [0, 1e-9, 1])
        #expect(book.gridded(bits: 12).codebook.count == 2)
        let wide = book.gridded()
        #expect(wide.codebook.count == 3)
        #expect(wide.grid.bits > 15)
    }

    @Test func decimalsAreFound() throws {
        func grid(_ values: [Double]) throws -> IntegerGrid {
            try Codebook.exact(values: values).gridded(offset: values[0]).grid
        }
        #expect(try grid([0, 1]) == IntegerGrid(offset: 0, scale: 1, integers: [0, 1]))
        #expect(try grid([0, 1000, 5000]) == IntegerGrid(offset: 0, scale: 1000, integers: [0, 1, 5]))
        #expect(try grid([0.1, 0.2, 0.7]) == IntegerGrid(offset: 0.1, scale: 0.1, integers: [0, 1, 6]))
        #expect(try grid([-1.25, 3.5]).scale == 4.75)
        #expect(try grid([1e-7, 1.5e-7, 3]).scale == 0.5e-7)
        let binary = try grid([Double(Float(0.1)), Double(Float(1.0) / 3), 2])
        #expect(binary.value(1) == Double(Float(1.0) / 3) && binary.value(2) == 2)
        #expect(try grid([42]) == IntegerGrid(offset: 42, scale: 1, integers: [0]))
    }

    @Test func irrationalExactLevelsKeepTheirValues() throws {
        let values = [0, 2.0.squareRoot(), Double.pi * 100]
        let result = try Codebook.exact(values: values).gridded()
        #expect(result.codebook.levels == values)
        #expect(result.codebook.isExact)
        for code in 0..<3 { #expect(abs(result.grid.value(code) - values[code]) < 314 * 0x1p-44) }
        #expect(result.grid.integers.allSatisfy { $0.magnitude < 1 << 44 })
    }

    @Test func extremesStayFinite() throws {
        for values in [
            [-1e308, 1e308], [0, Double.leastNonzeroMagnitude], [1e300, 1.0000001e300], [1e15, 1e15 + 0.125, 1e15 + 1],
        ] {
            let result = try Codebook.exact(values: values).gridded()
            #expect(result.codebook.levels == values)
            for code in values.indices { #expect(result.grid.value(code).isFinite) }
        }
    }

    /// Levels that rounding makes equal become one, with the thresholds around it.
    @Test func scalingMergesLevels() throws {
        let codebook = try Codebook(levels: [-1, 0, 0x1p-60, 1])
        let scaled = try codebook.scaled(by: 1, offset: 16)
        #expect(scaled.levels == [15, 16, 17] && scaled.thresholds == [15.5, 16.5])
        #expect(try codebook.scaled(by: 2).levels == [-2, 0, 0x1p-59, 2])
    }
}
