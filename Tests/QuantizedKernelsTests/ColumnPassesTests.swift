import QuantizedKernels
import Testing

/// The passes over columns. On small integers every sum is exact in any order, so plain loops give the same numbers.
@Suite struct ColumnPassesTests {
    private func integers(_ count: Int, below bound: UInt64, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Double(random.next() % bound) - Double(bound / 2) }
    }

    private func reals(_ count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Double(random.next() >> 11) * 0x1p-52 - 1 }
    }

    @Test(arguments: Grid.counts, Grid.starts)
    func momentsAreThoseOfALoop(count: Int, start: Int) {
        let values = integers(start + count, below: 2001, seed: 5)
        let part = values[start...]
        for kernels in Grid.sets {
            let moments = kernels.moments(values.span.extracting(start..<values.count), shift: 3)
            #expect(moments.count == count)
            #expect(moments.sum == part.reduce(0) { $0 + ($1 - 3) })
            #expect(moments.sumOfSquares == part.reduce(0) { $0 + ($1 - 3) * ($1 - 3) })
            #expect(moments.minimum == part.min() ?? .infinity)
            #expect(moments.maximum == part.max() ?? -.infinity)
        }
    }

    @Test(arguments: Grid.counts)
    func allSetsAddInTheSameOrder(count: Int) {
        let values = reals(count, seed: 6), errors = reals(count, seed: 7)
        let first = Kernels.scalar.moments(values.span, shift: 0.1)
        for kernels in Grid.sets {
            let other = kernels.moments(values.span, shift: 0.1)
            #expect(first.sum.bitPattern == other.sum.bitPattern)
            #expect(first.sumOfSquares.bitPattern == other.sumOfSquares.bitPattern)
            #expect(products(kernels, values, errors) == products(.scalar, values, errors))
        }
    }

    @Test(arguments: Grid.counts)
    func rowSizesAddUp(count: Int) throws {
        let values = integers(count, below: 51, seed: 8)
        for kernels in Grid.sets {
            let sizes = try #require(
                guarded(count, start: 3, guardValue: 7.0) {
                    kernels.addRowSizes(values.span, center: 2, weight: 3, to: &$0)
                })
            #expect(sizes == values.map { 7 + 3 * ($0 - 2) * ($0 - 2) })
        }
    }

    /// Codes of 5 levels with bases, counted under other codes; then the discrepancy of three such columns.
    @Test(arguments: [0, 1, 8, 9, 63, 512])
    func codingErrorsAndDiscrepancyAreThoseOfLoops(count: Int) {
        let levels = [-8.0, -3, 0, 2, 11] + [Double](repeating: 0, count: 251), centers = [1.0, -2, 0]
        let values = (0..<3).map { integers(count, below: 41, seed: 20 + UInt64($0)) }
        let bases = integers(count, below: 5, seed: 30)
        let codes = (0..<3).map { j in integers(count, below: 5, seed: 40 + UInt64(j)).map { UInt8($0 + 2) } }
        let counted = integers(count, below: 3, seed: 50).map { UInt8($0 + 1) }
        for kernels in Grid.sets {
            var block = BlockErrors(rows: count, columns: 3), sums = CodingSums(starts: [0, 3, 6, 9])
            for j in 0..<3 {
                let base = j == 1 ? bases : [], own = values[j], code = codes[j]
                kernels.codingErrors(
                    own.span, bases: base.span, codes: code.span, counted: counted.span, levels: levels.span,
                    center: centers[j], scale: 2, kept: &block, sums: &sums, column: j)
                let errors = (0..<count).map { levels[Int(codes[j][$0])] + (j == 1 ? bases[$0] : 0) - values[j][$0] }
                for c in 0..<3 {
                    let own = (0..<count).filter { counted[$0] == UInt8(c) }
                    #expect(sums.counts[3 * j + c] == own.count)
                    #expect(sums.squaredErrors[3 * j + c] == own.reduce(0) { $0 + errors[$1] * errors[$1] })
                }
                #expect(sums.errorSums[j] == errors.reduce(0, +))
                let product = (0..<count).reduce(0) { $0 + errors[$1] * (values[j][$1] - centers[j]) }
                #expect(sums.errorProducts[j] == product)
            }
            let products = kernels.errorProducts(block, listed: [0, 1])
            for j in 0..<3 {
                for k in 0..<3 {
                    let expected = (0..<count).reduce(0.0) { sum, i in
                        let e = levels[Int(codes[j][i])] + (j == 1 ? bases[i] : 0) - values[j][i]
                        let f = levels[Int(codes[k][i])] + (k == 1 ? bases[i] : 0) - values[k][i]
                        return sum + e / 2 * ((values[k][i] - centers[k]) + f / 2)
                    }
                    #expect(products[j * 3 + k] == (j == 2 ? 0 : expected), "\(j), \(k)")
                }
            }
        }
    }

    /// Codes counted under themselves, few and many: sums are those of a loop in every set.
    @Test(arguments: [(1, 3), (7, 16), (8, 2), (9, 16), (61, 17), (512, 16), (515, 256)])
    func codesCountedUnderThemselves(count: Int, levelCount: Int) {
        let levels = (0..<256).map { Double($0 * 3 % 61) - 20 }, center = 3.0
        let values = integers(count, below: 41, seed: 60), bases = integers(count, below: 5, seed: 61)
        let codes = integers(count, below: UInt64(levelCount), seed: 62).map { UInt8($0 + Double(levelCount / 2)) }
        for kernels in Grid.sets {
            for base in [[], bases] {
                for isKept in [false, true] {
                    var block = BlockErrors(rows: count, columns: isKept ? 1 : 0)
                    var sums = CodingSums(starts: [0, levelCount])
                    kernels.codingErrors(
                        values.span, bases: base.span, codes: codes.span, counted: codes.span, levels: levels.span,
                        center: center, scale: 2, kept: &block, sums: &sums, column: 0)
                    let errors = codes.indices.map {
                        levels[Int(codes[$0])] + (base.isEmpty ? 0 : base[$0]) - values[$0]
                    }
                    for c in 0..<levelCount {
                        let own = codes.indices.filter { codes[$0] == UInt8(c) }
                        #expect(sums.counts[c] == own.count)
                        #expect(sums.squaredErrors[c] == own.reduce(0) { $0 + errors[$1] * errors[$1] })
                    }
                    #expect(sums.errorSums[0] == errors.reduce(0, +))
                    #expect(
                        sums.errorProducts[0] == codes.indices.reduce(0) { $0 + errors[$1] * (values[$1] - center) })
                    guard isKept else { continue }
                    let product = kernels.errorProducts(block, listed: [0])[0]
                    let expected = codes.indices.reduce(0.0) {
                        $0 + errors[$1] / 2 * ((values[$1] - center) + errors[$1] / 2)
                    }
                    #expect(product == expected)
                }
            }
        }
    }

    private func products(_ kernels: Kernels, _ values: [Double], _ levels: [Double]) -> [Double] {
        guard !values.isEmpty else { return [] }
        var block = BlockErrors(rows: values.count, columns: 2)
        let codes = values.indices.map { UInt8($0 % min(levels.count, 256)) }
        let bases: [Double] = [], first = Array((levels + [Double](repeating: 0, count: 256)).prefix(256))
        var sums = CodingSums(starts: [0, 256, 512])
        for j in 0..<2 {
            kernels.codingErrors(
                values.span, bases: bases.span, codes: codes.span, counted: codes.span, levels: first.span,
                center: Double(j), scale: 0.7, kept: &block, sums: &sums, column: j)
        }
        return kernels.errorProducts(block, listed: [0, 1])
    }
}
