import Foundation
import QuantizedKernels
import Testing

/// Balanced rounding: codes whose sums of products follow those of the numbers.
@Suite struct BalancedRoundingTests {
    /// Columns with their values, column-major.
    struct Problem {
        let columns: [BalancedRounding.Column]
        let levels: [[Double]]
        let centers: [Double]
        let scales: [Double]
        let rows: Int
        let values: [Double]

        /// `kinds`: the number of levels of each column, 0 for a partner that is not rounded.
        init(rows: Int, kinds: [Int], seed: UInt64, correlation: Double = 0) {
            var random = SplitMix64(seed: seed)
            func gaussian() -> Double {
                let u = (Double(random.next() >> 11) + 0.5) * 0x1p-53, v = Double(random.next() >> 11) * 0x1p-53
                return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
            }
            let common = (0..<rows).map { _ in gaussian() }
            let own = (1 - correlation * correlation).squareRoot()
            var values: [Double] = [], scales: [Double] = [], centers: [Double] = [], levels: [[Double]] = []
            for (j, count) in kinds.enumerated() {
                let scale = pow(10, Double(j % 5) - 2), center = Double(j) * 3.5 - 7
                for shared in common {
                    let standard: Double = correlation * shared + own * gaussian()
                    values.append(center + scale * standard)
                }
                var column: [Double] = []
                for c in 0..<count {
                    let place: Double = count == 1 ? 0.25 : -2.7 + 5.4 * Double(c) / Double(count - 1)
                    column.append(center + scale * place)
                }
                scales.append(scale)
                centers.append(center)
                levels.append(column)
            }
            self.scales = scales
            self.centers = centers
            self.levels = levels
            columns = kinds.indices.map {
                BalancedRounding.Column(center: centers[$0], scale: scales[$0], levels: levels[$0])
            }
            self.rows = rows
            self.values = values
        }

        /// The codes, chosen in blocks of the given sizes (the last one repeats).
        func codes(blocks: [Int], kernels: Kernels) -> (codes: [UInt8], state: BalancedRounding) {
            var state = BalancedRounding(columns)
            var result = [UInt8](repeating: 0, count: values.count)
            var first = 0, turn = 0
            while first < rows {
                let count = min(blocks[min(turn, blocks.count - 1)], rows - first)
                turn += 1
                var block: [Double] = []
                for j in columns.indices { block += values[(j * rows + first)..<(j * rows + first + count)] }
                var part = [UInt8](repeating: 0xAA, count: block.count)
                var target = part.mutableSpan
                state.round(block.span, rows: count, into: &target, kernels: kernels)
                for j in columns.indices where !levels[j].isEmpty {
                    result.replaceSubrange(
                        (j * rows + first)..<(j * rows + first + count), with: part[(j * count)..<((j + 1) * count)])
                }
                first += count
            }
            return (result, state)
        }

        /// The standardized value and the standardized number that stands for it.
        func pair(_ i: Int, _ j: Int, _ codes: [UInt8]) -> (x: Double, r: Double) {
            let x = (values[j * rows + i] - centers[j]) / scales[j]
            return levels[j].isEmpty ? (x, x) : (x, (levels[j][Int(codes[j * rows + i])] - centers[j]) / scales[j])
        }

        /// Σ_i (r_ij·r_ik − x_ij·x_ik) in double precision; k = 0 is the constant.
        func discrepancy(_ j: Int, partner k: Int, _ codes: [UInt8]) -> Double {
            var sum = 0.0
            for i in 0..<rows {
                let a = pair(i, j, codes), b = k == 0 ? (x: 1, r: 1) : pair(i, k - 1, codes)
                sum += a.r * b.r - a.x * b.x
            }
            return sum
        }

        /// The codes of the nearest levels.
        var nearest: [UInt8] {
            var result = [UInt8](repeating: 0, count: values.count)
            for j in columns.indices where !levels[j].isEmpty {
                for i in 0..<rows {
                    let x = values[j * rows + i]
                    let best = levels[j].indices.min { abs(levels[j][$0] - x) < abs(levels[j][$1] - x) }!
                    result[j * rows + i] = UInt8(best)
                }
            }
            return result
        }

        /// Root mean square over all pairs j ≠ k of rounded columns j.
        func rms(_ codes: [UInt8]) -> Double {
            var sum = 0.0, count = 0.0
            for j in columns.indices where !levels[j].isEmpty {
                for k in 0...columns.count where k != j + 1 {
                    let d = discrepancy(j, partner: k, codes)
                    sum += d * d
                    count += 1
                }
            }
            return (sum / count).squareRoot()
        }
    }

    static let mixes: [[Int]] = [
        [16], [16, 16], [2, 4, 16, 256, 1, 0, 8], [0, 0, 3], [1], Array(repeating: 16, count: 15),
        Array(repeating: 4, count: 16), Array(repeating: 8, count: 17), (0..<40).map { $0 % 9 },
    ]

    @Test(arguments: mixes)
    func instructionSetsAgree(kinds: [Int]) {
        for rows in [0, 1, 2, 7, 100] {
            let problem = Problem(rows: rows, kinds: kinds, seed: 5, correlation: 0.6)
            let expected = problem.codes(blocks: [max(1, rows)], kernels: .scalar)
            for kernels in Grid.sets {
                let found = problem.codes(blocks: [max(1, rows)], kernels: kernels)
                #expect(found.codes == expected.codes, "\(kernels), \(rows) rows")
                for j in kinds.indices {
                    for k in 0...kinds.count {
                        let a = found.state.discrepancy(j, partner: k), b = expected.state.discrepancy(j, partner: k)
                        #expect(a == b, "\(kernels): D[\(j)][\(k)]")
                    }
                }
            }
        }
    }

    @Test(arguments: Grid.sets.indices)
    func blocksDoNotMatter(set: Int) {
        let problem = Problem(rows: 500, kinds: [16, 4, 2, 0, 8], seed: 6, correlation: 0.8)
        let whole = problem.codes(blocks: [500], kernels: Grid.sets[set])
        for blocks in [[1], [7], [64], [1, 498, 1], [499], [3, 0, 100]] {
            let split = problem.codes(blocks: blocks.filter { $0 > 0 }, kernels: Grid.sets[set])
            #expect(split.codes == whole.codes, "blocks of \(blocks)")
            for j in 0..<5 {
                for k in 0...5 where k != j + 1 {
                    #expect(split.state.discrepancy(j, partner: k) == whole.state.discrepancy(j, partner: k))
                }
            }
        }
    }

    /// The discrepancy that is kept in single precision is that of the codes.
    @Test(arguments: mixes)
    func discrepancyIsThatOfTheCodes(kinds: [Int]) {
        let problem = Problem(rows: 300, kinds: kinds, seed: 7, correlation: 0.3)
        let (codes, state) = problem.codes(blocks: [128], kernels: .best)
        for j in kinds.indices {
            for k in 0...kinds.count where k != j + 1 && (k == 0 || k - 1 != j) {
                let expected = problem.discrepancy(j, partner: k, codes)
                let found = Double(state.discrepancy(j, partner: k))
                #expect(
                    abs(found - expected) <= 2e-4 * max(1, abs(expected)), "D[\(j)][\(k)]: \(found), not \(expected)")
            }
        }
    }

    /// Every code is one of the two levels around its value, or that level itself.
    @Test func codesAreNeighbours() {
        let problem = Problem(rows: 400, kinds: [16, 256, 2, 5], seed: 8)
        let (codes, _) = problem.codes(blocks: [400], kernels: .best)
        for j in 0..<4 {
            let levels = problem.levels[j]
            for i in 0..<400 {
                let x = problem.values[j * 400 + i], code = Int(codes[j * 400 + i])
                let above = levels.firstIndex { $0 >= x } ?? levels.count
                let allowed = max(0, min(levels.count - 2, above - 1))
                #expect(code == allowed || code == allowed + 1, "\(x) became \(levels[code])")
            }
        }
    }

    /// 20,000 Gaussian rows, six columns, 16 levels: the discrepancies stay below one rounding step's square where
    /// nearest rounding lets them grow.
    @Test func discrepancyStaysBounded() {
        let long = Problem(rows: 20_000, kinds: Array(repeating: 16, count: 6), seed: 9)
        let balanced = long.rms(long.codes(blocks: [4096], kernels: .best).codes)
        let nearest = long.rms(long.nearest)
        #expect(balanced < 1, "balanced \(balanced)")
        #expect(nearest > 5, "nearest \(nearest)")
        let short = Problem(rows: 2_000, kinds: Array(repeating: 16, count: 6), seed: 9)
        let before = short.rms(short.codes(blocks: [4096], kernels: .best).codes)
        #expect(balanced < 3 * before, "10 times the rows: \(before) → \(balanced)")
    }

    /// A column whose values are all levels is never rounded away from them, whatever the others do.
    @Test func exactColumnsAreUntouched() {
        let rows = 300
        var random = SplitMix64(seed: 10)
        let marks = [-1.0, 0, 2, 5]
        let exact = (0..<rows).map { _ in marks[Int(random.next() % 4)] }
        let other = (0..<rows).map { _ in Double(random.next() % 1000) / 100 }
        let columns = [
            BalancedRounding.Column(center: 1.3, scale: 2.1, levels: marks),
            BalancedRounding.Column(center: 5, scale: 2.9, levels: [0, 2.5, 5, 7.5, 10]),
            BalancedRounding.Column(center: 3, scale: 1, levels: [3]),
        ]
        for kernels in Grid.sets {
            var state = BalancedRounding(columns)
            var codes = [UInt8](repeating: 0, count: 3 * rows)
            var target = codes.mutableSpan
            state.round(
                (exact + other + [Double](repeating: 3, count: rows)).span, rows: rows, into: &target, kernels: kernels)
            for i in 0..<rows { #expect(marks[Int(codes[i])] == exact[i]) }
            for i in 0..<rows { #expect(codes[2 * rows + i] == 0) }
            #expect(state.discrepancy(0, partner: 0) == 0)
            #expect(state.discrepancy(2, partner: 0) == 0)
            #expect(state.discrepancy(2, partner: 1) == 0)
        }
    }

    /// Values beyond the outermost levels take one of the two outermost.
    @Test func valuesBeyondTheLevels() {
        let columns = [BalancedRounding.Column(center: 0, scale: 1, levels: [-1, 0, 1])]
        for kernels in Grid.sets {
            var state = BalancedRounding(columns)
            let values = [50.0, -50, 1e300, -1e300, 1, -1]
            let codes = guarded(6, start: 3, guardValue: UInt8(0x5A)) { target in
                state.round(values.span, rows: 6, into: &target, kernels: kernels)
            }
            let found = try! #require(codes)
            #expect(found[0] >= 1 && found[1] <= 1 && found[4] == 2 && found[5] == 0, "\(found)")
        }
    }

    /// Nothing outside the codes is written, and columns without levels leave theirs alone.
    @Test(arguments: [0, 1, 8, 33])
    func guardBytes(rows: Int) throws {
        for kinds in Self.mixes {
            let problem = Problem(rows: rows, kinds: kinds, seed: 11)
            for kernels in Grid.sets {
                var state = BalancedRounding(problem.columns)
                let codes = guarded(problem.values.count, start: 1, guardValue: UInt8(0x5A)) { target in
                    state.round(problem.values.span, rows: rows, into: &target, kernels: kernels)
                }
                let found = try #require(codes, "\(kernels) wrote outside")
                for (j, count) in kinds.enumerated() {
                    for i in 0..<rows {
                        let code = found[j * rows + i]
                        #expect(count == 0 ? code == 0x5A : Int(code) < count)
                    }
                }
            }
        }
    }
}
