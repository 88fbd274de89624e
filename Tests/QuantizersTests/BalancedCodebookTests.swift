import Foundation
import Quantizers
import Testing

@Suite struct BalancedCodebookTests {
    /// Means of a Gaussian over 20,000 intervals of equal probability, to 10⁻⁴ as good as the density.
    private static let gaussian: [Double] = {
        let count = 20_000
        let edges = (1..<count).map { quantile(Double($0) / Double(count)) }
        let densities = [0] + edges.map { exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() } + [0]
        return (0..<count).map { Double(count) * (densities[$0] - densities[$0 + 1]) }
    }()

    /// Where the Gaussian distribution function is p, by bisection.
    private static func quantile(_ p: Double) -> Double {
        var (low, high) = (-9.0, 9.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < p { low = middle } else { high = middle }
        }
        return low
    }

    private func histogram(_ values: [Double]) throws -> ColumnHistogram {
        var histogram = try ColumnHistogram(
            edges: ColumnHistogram.edges(sample: values, minimum: values.min()!, maximum: values.max()!, cells: 2048))
        histogram.add(values)
        return histogram
    }

    /// A Gaussian at 1 bit: ±√(π/2); at 2 bits Max's ±0.45280 and ±1.51042 over his 1 − 0.117482 (IRE Trans. Inf. Theory 6, 1960).
    @Test func gaussianLevels() throws {
        let values = try histogram(Self.gaussian)
        let one = try Codebook.balanced(values, count: 2).levels
        #expect(abs(one[1] - 1.2533141) < 1e-3 && abs(one[0] + one[1]) < 1e-6)
        let two = try Codebook.balanced(values, count: 4).levels
        #expect(abs(two[3] - 1.51042 / 0.882518) < 2e-3 && abs(two[2] - 0.45280 / 0.882518) < 2e-3)
    }

    /// The codes of the optimal cells keep the sum of squares: of skewed columns far from 0 too.
    @Test(arguments: [2, 3, 4, 16]) func squaresAreKept(count: Int) throws {
        let values = Self.gaussian.map { 1e3 + exp($0) }
        let codebook = try Codebook.balanced(try histogram(values), count: count)
        let mean = values.reduce(0, +) / Double(values.count)
        var kept = 0.0, square = 0.0
        let optimal = try Codebook.optimal(values: values, count: count)
        for x in values {
            kept += codebook.levels[Int(optimal.encode(x))] * (x - mean)
            square += (x - mean) * (x - mean)
        }
        #expect(abs(kept / square - 1) < 2e-3)
    }

    /// Few distinct values stay as they are.
    @Test func exactColumns() throws {
        let codebook = try Codebook.balanced(try histogram([1, 2, 7, 7, 2, 1, 1]), count: 4)
        #expect(codebook.isExact && codebook.levels == [1, 2, 7])
    }
}
