import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// A small version of Benchmarks/Calibration: predicted errors are those that occur, for every kind of code.
@Suite struct CalibrationTests {
    private static func designs() throws -> [CalibrationDesign] {
        let folder = Checkout.datasets.appendingPathComponent("regression")
        var designs = SyntheticDesign.allCases.map { CalibrationDesign($0) }
        for (name, response) in [("diabetes", "target"), ("power_plant_ccpp", "PE")] {
            designs.append(
                try CalibrationDesign(
                    name: name, path: folder.appendingPathComponent("\(name).csv").path, responses: [response]))
        }
        for d in designs.indices { designs[d].largestDraw = 400 }
        return designs
    }

    @Test(arguments: [Quantizer.balanced, .stochastic, .optimal]) func intervalsHold(quantizer: Quantizer) throws {
        var runs: [Calibration.Run] = []
        for design in try Self.designs() {
            for bits in [2, 4] {
                var options = QuantizationOptions()
                options.bits = bits
                options.quantizer = quantizer
                let calibration = Calibration(design, options: options)
                for draw in 1...4 { runs += try calibration.run(draw: draw) }
            }
        }
        let summary = CalibrationSummary(runs)
        #expect(summary.runs == 48 && summary.unpredicted == 0 && summary.boundsExceeded == 0)
        let coverage = try #require(summary.coverage), median = try #require(summary.medianRatio)
        #expect(coverage > 0.88 && coverage < 0.99, "coverage \(coverage)")
        #expect(median > 0.8 && median < 1.25, "median of predicted over measured \(median)")
        #expect(try #require(summary.withinFactorTwo) > 0.75)
        let ranges = try #require(summary.rangeCoverage)
        #expect(ranges > 0.85, "90% ranges hold in \(ranges)")
    }

    /// Columns of few values that depend on each other, where the errors of nearest codes are neither without bias nor
    /// independent: intervals hold for each coefficient.
    @Test func dependentColumns() throws {
        let path = Checkout.datasets.appendingPathComponent("regression/california_housing.csv").path
        var design = try CalibrationDesign(name: "california", path: path, responses: ["median_house_value"])
        design.largestDraw = 2048
        var options = QuantizationOptions()
        (options.bits, options.quantizer) = (2, .optimal)
        let calibration = Calibration(design, options: options)
        var runs: [Calibration.Run] = []
        for draw in 1...12 { runs += try calibration.run(draw: draw) }
        let coverage = try #require(CalibrationSummary(runs).coverage)
        #expect(coverage > 0.9 && coverage < 0.99, "coverage \(coverage)")
    }

    /// The summary counts what it says.
    @Test func summary() throws {
        func run(_ measured: Double, _ predicted: Double?, bound: Double?, covered: Int) -> Calibration.Run {
            Calibration.Run(
                measuredRatio: measured, predictedRatio: predicted,
                predictedRange: predicted.map { ($0 / 2)...($0 * 2) },
                worstCaseRatio: bound, covered: covered, intervals: 4)
        }
        let summary = CalibrationSummary([
            run(1, 1.5, bound: 3, covered: 4), run(2, 2, bound: 1, covered: 3), run(1, 4, bound: nil, covered: 1),
            run(1e-12, 1, bound: 2, covered: 4), run(3, nil, bound: nil, covered: 0),
        ])
        #expect(summary.runs == 5 && summary.negligible == 1 && summary.unpredicted == 1)
        #expect(summary.boundsExceeded == 1 && summary.coverage == 0.5)
        #expect(summary.medianRatio == 1.5 && summary.withinFactorTwo == 2.0 / 3 && summary.rangeCoverage == 2.0 / 3)
    }
}
