import Foundation
import Quantizers
import Testing

@testable import Experiments

@Suite struct LevelTests {
    static let tables: [[Double]] = [
        [0], [-1, 1], [3, -2, 3, 0.5], (0..<300).map { pow(1.1, Double($0)) }, SmallFloat(bits: 8).values,
        (0..<4096).map { sinh(Double($0 - 2048) / 300) },
    ]

    @Test(arguments: tables.indices) func tableFindsTheNearestLevel(_ index: Int) {
        let table = LevelTable(levels: Self.tables[index])
        var generator = NormalGenerator(seed: 1)
        let reach = table.levels.map(abs).max() ?? 1
        var probes = table.levels + table.thresholds + table.thresholds.map(\.nextUp) + table.thresholds.map(\.nextDown)
        for scale in [1e-3, 1, 100.0] {
            probes += (0..<500).map { _ in scale * generator.normal() * max(reach, 1) / 100 }
        }
        for x in probes + [.infinity, -.infinity, 1e300, -1e300] {
            #expect(table.encode(x) == table.thresholds.count { $0 < x })
        }
        #expect(table.levels == Set(Self.tables[index]).sorted())
        #expect(1 << table.bits >= table.count && (table.bits == 0 || 1 << (table.bits - 1) < table.count))
    }

    @Test func smallFloats() {
        #expect(SmallFloat(bits: 4).values.filter { $0 >= 0 } == [0, 0.5, 1, 1.5, 2, 3, 4, 6])
        let e4m3 = SmallFloat(bits: 8).values
        #expect(e4m3.count == 253)
        #expect(e4m3.last == 448)
        #expect(e4m3.first { $0 > 0 } == 0x1p-9)
        #expect(e4m3.contains(0x1p-6) && e4m3.contains(240) && !e4m3.contains(464))
        #expect(SmallFloat(bits: 2).values == [-2, 0, 2])
    }

    /// For a normal sample the family's mean squared error is that of Lloyd–Max (Max 1960) for few levels and
    /// Panter and Dite's for many.
    @Test func familyOfANormalSample() throws {
        var generator = NormalGenerator(seed: 2)
        let sample = (0..<40000).map { _ in generator.normal() }
        let probe = (0..<40000).map { _ in generator.normal() }
        let family = try LevelFamily(sample: sample)
        func distortion(_ table: LevelTable) -> Double {
            probe.reduce(0) { $0 + pow($1 - table.quantize($1), 2) } / Double(probe.count)
        }
        #expect(try abs(distortion(family.table(count: 1)) - 1) < 0.03)
        for (count, expected) in [(2, 0.3634), (4, 0.1175), (16, 0.009497)] {
            #expect(try abs(distortion(family.table(count: count)) / expected - 1) < 0.03)
        }
        for count in [256, 4096] {
            let expected = 0.5 * 3.0.squareRoot() * .pi / Double(count * count)
            #expect(try abs(distortion(family.table(count: count)) / expected - 1) < 0.08)
        }
        #expect(throws: QuantizerError.levelCount(0)) { try family.table(count: 0) }
        #expect(throws: QuantizerError.noValues) { try LevelFamily(sample: [.nan]) }
        #expect(try LevelFamily(sample: [2, 2]).table(count: 256).levels == [2])
    }

    @Test func allocationIsOptimal() {
        let d = BitAllocation.gaussianDistortion
        #expect(abs(d[1] - (1 - 2 / .pi)) < 1e-12)
        var generator = NormalGenerator(seed: 3)
        for _ in 0..<20 {
            let variances = (0..<3).map { _ in exp(4 * generator.normal()) }
            let budget = 7
            var best = Double.infinity
            for a in 0...budget {
                for b in 0...(budget - a) {
                    let c = budget - a - b
                    best = min(best, variances[0] * d[a] + variances[1] * d[b] + variances[2] * d[c])
                }
            }
            let bits = BitAllocation.bits(variances: variances, budget: budget)
            #expect(bits.reduce(0, +) == budget)
            let cost = zip(variances, bits).reduce(0) { $0 + $1.0 * d[$1.1] }
            #expect(abs(cost / best - 1) < 1e-12)
        }
        #expect(BitAllocation.bits(variances: [1, 1, 1, 1], budget: 16) == [4, 4, 4, 4])
        #expect(BitAllocation.bits(variances: [0, 0], budget: 8) == [0, 0])
        #expect(BitAllocation.bits(variances: [1], budget: 99) == [16])
    }
}
