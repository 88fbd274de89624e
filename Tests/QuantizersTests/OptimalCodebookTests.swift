import Foundation
import Quantizers
import TestSupport
import Testing

#if DEBUG
    private let isRelease = false
#else
    private let isRelease = true
#endif

/// Processor seconds used by this thread.
private func threadSeconds() -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// ∑ w(x − x̂)² of a codebook on weighted values.
private func cost(_ book: Codebook, _ values: [Double], _ weights: [Double]) -> Double {
    zip(values, weights).reduce(0) { $0 + $1.1 * pow($1.0 - book.quantize($1.0), 2) }
}

/// The least cost of each number of runs 1 … K, by the O(Kn²) dynamic program on sorted values, with costs of runs
/// computed from their own mean.
private func plainOptimum(_ values: [Double], _ weights: [Double], _ count: Int) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    let (x, w) = (order.map { values[$0] }, order.map { weights[$0] })
    let n = x.count
    var runs = [[Double]](repeating: [Double](repeating: 0, count: n + 1), count: n + 1)
    for i in 0..<n {
        // Welford's update.
        var (mass, mean, sum) = (0.0, 0.0, 0.0)
        for j in i..<n {
            mass += w[j]
            let delta = x[j] - mean
            if mass > 0 { mean += delta * w[j] / mass }
            sum += w[j] * delta * (x[j] - mean)
            runs[i][j + 1] = sum
        }
    }
    var layer = runs[0]
    layer[0] = 0
    var best = [layer[n]]
    for _ in 1..<max(count, 2) {
        var next = layer
        for j in 1...n {
            for i in 0..<j { next[j] = min(next[j], layer[i] + runs[i][j]) }
        }
        layer = next
        best.append(layer[n])
    }
    return best
}

/// The least cost over all partitions into at most K runs, by trying all of them.
private func bruteForce(_ values: [Double], _ weights: [Double], _ count: Int) -> Double {
    let order = values.indices.sorted { values[$0] < values[$1] }
    let (x, w) = (order.map { values[$0] }, order.map { weights[$0] })
    var best = Double.infinity
    for cuts in 0..<(1 << (x.count - 1)) where cuts.nonzeroBitCount < count {
        var total = 0.0
        var start = 0
        for end in 1...x.count where end == x.count || cuts >> (end - 1) & 1 == 1 {
            let mass = w[start..<end].reduce(0, +)
            if mass > 0 {
                let mean = zip(x[start..<end], w[start..<end]).reduce(0) { $0 + $1.0 * $1.1 } / mass
                total += zip(x[start..<end], w[start..<end]).reduce(0) { $0 + $1.1 * pow($1.0 - mean, 2) }
            }
            start = end
        }
        best = min(best, total)
    }
    return best
}

@Suite struct OptimalCodebookTests {
    @Test(arguments: 1...12)
    func equalsBruteForce(size: Int) throws {
        var generator = TestGenerator(seed: UInt64(size))
        for round in 0..<20 {
            let values = (0..<size).map { _ in
                round % 2 == 0 ? generator.normal() : Double(Int.random(in: -4...4, using: &generator))
            }
            let weights = (0..<size).map { _ in round % 3 == 0 ? 1 : generator.uniform() * 3 }
            for count in 1...size {
                let book = try Codebook.optimal(values: values, weights: weights, count: count)
                let expected = bruteForce(values, weights, count)
                #expect(
                    abs(cost(book, values, weights) - expected) <= 1e-12 * (1 + expected),
                    "\(values) \(weights) \(count)")
            }
        }
    }

    /// Columns whose optimal costs fall by equal amounts for many K in a row, so that no price gives most K.
    @Test(arguments: ["spaced", "pairs", "integers", "triangle", "normal", "geometric", "outliers"])
    func equalsPlainDynamicProgram(kind: String) throws {
        var generator = TestGenerator(seed: 11)
        let values = (0..<150).map { i -> Double in
            switch kind {
            case "spaced": Double(i)
            case "pairs": Double(i / 2 * 10 + i % 2)
            case "integers": Double(Int.random(in: 0..<90, using: &generator))
            case "triangle": Double(i * (i + 1) / 2)
            case "geometric": pow(1.3, Double(i))
            case "outliers": i % 10 == 0 ? 1e6 * generator.normal() : generator.normal()
            default: generator.normal()
            }
        }
        let distinct = Set(values).count
        let weights = [Double](repeating: 1, count: values.count)
        let expected = plainOptimum(values, weights, min(distinct, 150))
        for count in 1...min(distinct, 150) {
            let book = try Codebook.optimal(values: values, count: count)
            #expect(book.count == count)
            #expect(book.isExact == (count == distinct))
            let found = cost(book, values, weights)
            #expect(found <= expected[count - 1] * (1 + 1e-10) + 1e-12 * expected[0] * 1e-3, "\(kind), K = \(count)")
        }
    }

    @Test func largeColumnsEqualPlainDynamicProgram() throws {
        // Above 16,384 distinct values the price comes from groups and windows finish.
        for source in Source.allCases {
            let values = source.sample(20_000, seed: 3)
            for count in isRelease ? [2, 5, 17] : [2, 5] {
                let found = try Codebook.optimal(values: values, count: count).distortion(of: values) * 20_000
                let expected = dividedOptimum(values.sorted(), count)
                #expect(abs(found / expected - 1) < 1e-10, "\(source), K = \(count): \(found), \(expected)")
            }
        }
    }

    @Test(arguments: Source.allCases)
    func neverWorseThanLloydMaxFromRandomStarts(source: Source) throws {
        let values = source.sample(500, seed: 9)
        var generator = TestGenerator(seed: 4)
        for count in [4, 7] {
            let optimal = try Codebook.optimal(values: values, count: count).distortion(of: values)
            for _ in 0..<50 {
                var levels = (0..<count).map { _ in values.randomElement(using: &generator)! }
                for _ in 0..<(isRelease ? 40 : 12) {
                    let book = try Codebook(levels: Set(levels).sorted())
                    var sums = [Double](repeating: 0, count: book.count)
                    var counts = sums
                    for (value, code) in zip(values, book.encode(values)) {
                        sums[Int(code)] += value
                        counts[Int(code)] += 1
                    }
                    levels = book.levels.indices.map { counts[$0] > 0 ? sums[$0] / counts[$0] : book.levels[$0] }
                }
                let lloyd = try Codebook(levels: Set(levels).sorted()).distortion(of: values)
                #expect(optimal <= lloyd * (1 + 1e-12))
            }
        }
    }

    @Test(arguments: Source.allCases)
    func histogramModeCostsHalfAPercentAtMost(source: Source) throws {
        let values = source.sample(60_000, seed: 21)
        let histogram = try ColumnHistogram(values: values)
        for count in [2, 16, 256] {
            let exact = try Codebook.optimal(values: values, count: count).distortion(of: values)
            let fast = try Codebook.optimal(histogram, count: count).distortion(of: values)
            #expect(
                fast / exact - 1 < 0.005 && fast / exact - 1 > -1e-9, "\(source), K = \(count): \(fast / exact - 1)")
        }
    }

    @Test func weightsCountLikeRepetitions() throws {
        let values: [Double] = [0, 1, 1, 1, 5, 6, 9, 9]
        let once = try Codebook.optimal(values: [0, 1, 5, 6, 9, 77], weights: [1, 3, 1, 1, 2, 0], count: 3)
        #expect(try Codebook.optimal(values: values, count: 3).levels == once.levels)
    }

    @Test func hardColumns() throws {
        let columns: [[Double]] = [
            [1e300, -1e300, 0, 5, 6], [1e-290, 2e-290, 3e-290, 7], [1e15, 1e15 + 1, 1e15 + 2, 1e15 + 40],
        ]
        for values in columns {
            let book = try Codebook.optimal(values: values + [Double.nan, .infinity], count: 3)
            #expect(book.count == 3)
        }
        #expect(throws: QuantizerError.noValues) { try Codebook.optimal(values: [.nan], count: 3) }
        #expect(throws: QuantizerError.levelCount(300)) { try Codebook.optimal(values: [1], count: 300) }
        #expect(throws: QuantizerError.weight(-1)) { try Codebook.optimal(values: [1], weights: [-1], count: 3) }
        #expect(throws: QuantizerError.lengthsDiffer(1, 2)) {
            try Codebook.optimal(values: [1], weights: [1, 1], count: 3)
        }
    }

    @Test(.enabled(if: isRelease, "Times mean something in release builds."), arguments: [16, 256])
    func aMillionValuesInASecond(count: Int) throws {
        let values = Source.normal.sample(1_000_000)
        let histogram = try ColumnHistogram(values: values)
        // Processor time of this thread, since tests run side by side.
        var (exact, fast) = (Double.infinity, Double.infinity)
        for _ in 0..<4 where exact > 1 || fast > 0.02 {
            let start = threadSeconds()
            _ = try Codebook.optimal(values: values, count: count)
            let middle = threadSeconds()
            _ = try Codebook.optimal(histogram, count: count)
            exact = min(exact, middle - start)
            fast = min(fast, threadSeconds() - middle)
        }
        #expect(exact < 1, "\(exact) s")
        #expect(fast < 0.02, "\(fast) s")
    }

    /// The dynamic program by divide and conquer, O(Kn log n), with costs from prefix sums about the mean.
    private func dividedOptimum(_ x: [Double], _ count: Int) -> Double {
        let mean = x.reduce(0, +) / Double(x.count)
        var (s1, s2) = ([0.0], [0.0])
        for value in x {
            s1.append(s1.last! + (value - mean))
            s2.append(s2.last! + (value - mean) * (value - mean))
        }
        func run(_ i: Int, _ j: Int) -> Double {
            let first = s1[j] - s1[i]
            return s2[j] - s2[i] - first * first / Double(j - i)
        }
        var layer = [0.0] + (1...x.count).map { run(0, $0) }
        func fill(_ first: Int, _ last: Int, _ low: Int, _ high: Int, _ next: inout [Double]) {
            if first > last { return }
            let middle = (first + last) / 2
            var (best, place) = (Double.infinity, low)
            for i in low...max(low, min(high, middle - 1)) where i < middle {
                let value = layer[i] + run(i, middle)
                if value < best { (best, place) = (value, i) }
            }
            next[middle] = best
            fill(first, middle - 1, low, place, &next)
            fill(middle + 1, last, place, high, &next)
        }
        for _ in 1..<count {
            var next = layer
            fill(1, x.count, 0, x.count - 1, &next)
            layer = next
        }
        return layer[x.count]
    }
}

@Suite struct EncoderTests {
    @Test(arguments: [1, 2, 3, 16, 255, 256])
    func codesAreThoseOfTheCodebook(count: Int) throws {
        var generator = TestGenerator(seed: 8)
        for (scale, offset) in [(1.0, 0.0), (1e-12, 5), (1e100, 0), (1, -1e9), (Double.leastNormalMagnitude, 0)] {
            let levels = Set((0..<count).map { _ in offset + scale * exp(3 * generator.normal()) }).sorted()
            let book = try Codebook(levels: levels)
            let encoder = Encoder(book)
            var values = (0..<3000).map { _ in offset + scale * 10 * generator.normal() }
            for threshold in book.thresholds { values += [threshold, threshold.nextUp, threshold.nextDown] }
            values += levels + [0, -0.0, .infinity, -.infinity, .nan, 1e308, -1e308, Double.leastNonzeroMagnitude]
            #expect(encoder.encode(values) == values.map { book.encode($0) })
        }
    }
}
