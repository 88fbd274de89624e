import QuantizedLeastSquares
import TestSupport
import Testing

@testable import LeastSquares

/// The correction of nearest codes by what a pilot shows.
@Suite struct PilotCorrectionTests {
    private static let codes = [Quantizer.uniform, .companding, .lloydMax]

    private func coded(_ table: RegressionTable, _ quantizer: Quantizer, bits: Int) throws -> QuantizedRegression {
        var options = QuantizationOptions()
        (options.bits, options.quantizer, options.transform) = (bits, quantizer, TransformChoice.none)
        return try QuantizedRegression(quantizing: table, options: options)
    }

    /// A pilot of all rows knows the products themselves: the corrected moments are the exact ones.
    @Test(arguments: codes) func pilotOfAllRows(quantizer: Quantizer) throws {
        let columns = TableDesign.collinear.columns(rows: 3000, seed: 4)
        let names = (1..<columns.count).map { "x\($0)" } + ["y"]
        let table = try regressionTable(names, columns)
        let data = try coded(table, quantizer, bits: 3)
        let numbers = DenseMatrix(rows: 3000, columns: columns.count, elements: columns.flatMap(\.self))
        var matrix = data.matrix
        matrix.pilot = PilotDifferences(numbers, columns: matrix.columns, intercept: true)
        let whole = QuantizedRegression(matrix: matrix, description: data.description)
        let equations = try NormalEquations(whole, threads: 1, kernels: .best).withPilot(whole, kernels: .best)
        let corrected = equations.corrected(.pilot), means = columns.map { $0.reduce(0, +) / 3000 }
        for j in columns.indices {
            for k in columns.indices {
                let exact = zip(columns[j], columns[k]).reduce(0) { $0 + ($1.0 - means[j]) * ($1.1 - means[k]) }
                let unit = (equations.exactSquares[j] * equations.exactSquares[k]).squareRoot()
                #expect(abs(corrected[j, k] - exact) < 1e-6 * unit, "\(j), \(k)")
            }
        }
    }

    private func ratio(_ columns: [[Double]], _ quantizer: Quantizer) throws -> (ratio: Double, choice: SolverChoice) {
        let table = try regressionTable((1..<columns.count).map { "x\($0)" } + ["y"], columns)
        let problem = LeastSquaresProblem.quantized(bits: 3, quantizer: quantizer, transform: .none)
        var decoded = problem
        decoded.method = .qr
        let solution = try problem.solve(table), plain = try decoded.solve(table)
        let q = try #require(solution.responses[0].reference?.errorRatio)
        return (q / (try #require(plain.responses[0].reference?.errorRatio)), try #require(solution.choice))
    }

    /// A long table of columns that depend on each other, but are not jointly normal: decode gains do not remove the bias.
    private func dependent(seed: Int) -> [[Double]] {
        var random = RandomNumbers(seed: UInt64(seed)), columns = [[Double]](repeating: [], count: 6)
        for _ in 0..<12000 {
            let a = random.gaussian(), b = random.gaussian()
            let x = [a, abs(a) + 0.2 * random.gaussian(), b, max(a, b), a * b + 0.3 * random.gaussian()]
            for (j, value) in x.enumerated() { columns[j].append(value) }
            columns[5].append(x[0] - x[1] + 0.5 * x[2] + x[3] + x[4] + random.gaussian())
        }
        return columns
    }

    @Test(arguments: 2...3) func bias(seed: Int) throws {
        let (ratio, choice) = try ratio(dependent(seed: seed), .uniform)
        #expect(choice.candidates.first(where: \.isChosen)?.correction == .pilot)
        #expect(ratio < 0.5, "\(ratio)")
    }

    /// Independent columns, where there is no bias between them: what chance shows in a pilot does no harm.
    @Test(arguments: codes) func chance(quantizer: Quantizer) throws {
        for seed in 1...4 {
            let (ratio, _) = try ratio(TableDesign.heavyTailed.columns(rows: 4000, seed: UInt64(seed)), quantizer)
            #expect(ratio <= 1.05, "seed \(seed): \(ratio)")
        }
    }

    /// Compressed regressions have the correction where the pilot shows a bias; balanced codes have no pilot.
    @Test func compressed() throws {
        let table = try regressionTable((1...5).map { "x\($0)" } + ["y"], dependent(seed: 2))
        let compressed = try CompressedRegression(coded(table, .uniform, bits: 3))
        #expect(compressed.variants.map(\.correction).contains(.pilot))
        let balanced = try CompressedRegression(coded(table, .balanced, bits: 3))
        #expect(balanced.variants.map(\.correction) == [.none, .exactDiagonal])
    }
}
