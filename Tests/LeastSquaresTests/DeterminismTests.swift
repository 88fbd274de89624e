import QuantizedLeastSquares
import TestSupport
import Testing

/// The result does not depend on threads, instruction sets or the way the rows arrive.
@Suite struct DeterminismTests {
    /// What has to be the same to the last bit.
    struct Fingerprint: Equatable {
        let estimates, standardErrors, deviations: [Double?]
        let bytes: Int

        init(_ solution: Solution) {
            let all = solution.responses.flatMap(\.coefficients)
            estimates = all.map(\.estimate)
            standardErrors = all.map(\.standardError)
            deviations = all.map(\.quantizationStandardDeviation)
            bytes = solution.bytes
        }
    }

    private func columns(rows: Int) -> [[Double]] {
        var random = RandomNumbers(seed: 91)
        let a = random.gaussians(rows), b = random.gaussians(rows)
        let c = zip(a, b).map { x, y -> Double in 0.9 * x + 0.2 * y }
        let d = (0..<rows).map { _ in Double(random.next() % 3) }
        let heavy = (0..<rows).map { _ in random.heavyTailed() }
        var y: [Double] = []
        for i in 0..<rows {
            let signal: Double = a[i] - 2 * c[i] + d[i] + 0.3 * heavy[i]
            y.append(signal + random.gaussian())
        }
        return [a, b, c, d, heavy, y]
    }

    private let names = ["a", "b", "c", "d", "heavy", "y"]

    @Test(arguments: [Quantizer.automatic, .lloydMax], [2, 8])
    func threadsAndKernelsDoNotMatter(quantizer: Quantizer, bits: Int) throws {
        let table = try regressionTable(names, columns(rows: 700))
        var problem = LeastSquaresProblem.quantized(bits: bits, quantizer: quantizer)
        problem.reference = false
        problem.kernels = .scalar
        let expected = Fingerprint(try problem.solve(table))
        for (threads, kernels) in [(2, Kernels.scalar), (1, .best), (8, .best)] {
            problem.threads = threads
            problem.kernels = kernels
            #expect(Fingerprint(try problem.solve(table)) == expected, "\(threads) threads, \(kernels)")
        }
    }

    /// A source that gives at most `limit` rows at a time, whatever it is asked for.
    private final class SlowSource: TableSource {
        let base: ArrayTableSource
        let limit: Int
        init(_ base: ArrayTableSource, limit: Int) {
            self.base = base
            self.limit = limit
        }
        var columnNames: [String] { base.columnNames }
        var rowCountHint: Int? { nil }
        var droppedRows: Int { base.droppedRows }
        var fractionRead: Double? { nil }
        func select(columns: [String]) throws(TableError) { try base.select(columns: columns) }
        func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
            try base.nextBlock(maximumRows: min(limit, maximumRows))
        }
    }

    /// The size of the reader's blocks leaves no trace.
    @Test(arguments: [1, 7, 100])
    func readerBlocksDoNotMatter(limit: Int) throws {
        let data = columns(rows: 700)
        var problem = LeastSquaresProblem.quantized(bits: 4)
        problem.reference = false
        let whole = Fingerprint(try problem.solve(try regressionTable(names, data)))
        let source = SlowSource(try ArrayTableSource(names: names, columns: data), limit: limit)
        let table = try RegressionTable(reading: source, predictors: 5, sampleRows: 4096, seed: 1)
        #expect(Fingerprint(try problem.solve(table)) == whole)
    }

    /// The sample is that of Vitter's algorithm R, one row after the other, whatever the number of threads.
    @Test(arguments: [1, 3]) func reservoir(threads: Int) throws {
        let rows = 600_000, size = 50
        var generator = SplitMix64(seed: 9), expected = (0..<size).map(Double.init)
        for row in size..<rows {
            let place = Int(generator.next() % UInt64(row + 1))
            if place < size { expected[place] = Double(row) }
        }
        let source = try ArrayTableSource(
            names: ["a", "y"], columns: [(0..<rows).map(Double.init), (0..<rows).map { Double($0 % 7) }])
        let table = try RegressionTable(reading: source, predictors: 1, sampleRows: size, seed: 9, threads: threads)
        #expect(table.sample.column(0) == expected)
        #expect(table.sample.column(1) == expected.map { $0.truncatingRemainder(dividingBy: 7) })
    }

    /// The same seed gives the same sample; another seed another sample, and both answers are good.
    @Test func seeds() throws {
        let data = columns(rows: 700)
        let problem = LeastSquaresProblem.quantized(bits: 4)
        let first = try problem.solve(regressionTable(names, data, sampleRows: 300, seed: 1))
        let again = try problem.solve(regressionTable(names, data, sampleRows: 300, seed: 1))
        let other = try problem.solve(regressionTable(names, data, sampleRows: 300, seed: 2))
        #expect(Fingerprint(first) == Fingerprint(again))
        #expect(Fingerprint(first) != Fingerprint(other))
        for solution in [first, other] {
            #expect(try #require(solution.responses[0].reference?.errorRatio) < 0.05)
        }
    }

    /// Several responses at once are the same as one after the other in full precision.
    @Test func severalResponses() throws {
        var data = columns(rows: 400)
        data.append(zip(data[0], data[5]).map { x, y -> Double in 3 * x - y })
        let both = try LeastSquaresProblem.full(.qr).solve(regressionTable(names + ["z"], data, responses: 2))
        for (r, name) in ["y", "z"].enumerated() {
            let alone = try LeastSquaresProblem.full(.qr).solve(
                regressionTable(Array(names[0..<5]) + [name], Array(data[0..<5]) + [data[5 + r]]))
            for (a, b) in zip(both.responses[r].coefficients, alone.responses[0].coefficients) {
                #expect(abs(a.estimate - b.estimate) <= 1e-12 * max(1, abs(b.estimate)))
            }
        }
        let coded = try LeastSquaresProblem.quantized(bits: 4).solve(regressionTable(names + ["z"], data, responses: 2))
        #expect(coded.responses.map(\.name) == ["y", "z"])
        for response in coded.responses {
            let predicted = try #require(response.predictedErrorRatio),
                measured = try #require(response.reference?.errorRatio)
            #expect(measured < 0.1 && predicted < 3 * measured && measured < 3 * predicted)
        }
    }
}
