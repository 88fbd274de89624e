/// Two operands known by a sample of pairs.
///
/// The density of each operand is a fine histogram; the conditional moments of the other, given it, are averages over
/// some hundred runs joined by lines, so that few pairs per level do not make thresholds follow the noise.
struct SampledProductProblem: ProductProblem {
    let exactSecondMoment: Double
    let mean: Double
    private let x: Operand
    private let y: Operand

    init(x: [Double], y: [Double], levels: Int) throws(QuantizerError) {
        guard x.count == y.count else { throw .lengthsDiffer(x.count, y.count) }
        guard !x.isEmpty, x.allSatisfy(\.isFinite), y.allSatisfy(\.isFinite) else { throw .noValues }
        var (second, first) = (0.0, 0.0)
        for i in x.indices {
            first += x[i] * y[i]
            second += x[i] * y[i] * x[i] * y[i]
        }
        mean = first / Double(x.count)
        exactSecondMoment = second / Double(x.count)
        self.x = try Operand(x, cells: max(512, 8 * levels))
        self.y = try Operand(y, cells: max(512, 8 * levels))
    }

    /// 32 pairs.
    var minimumProbability: Double { 32 / Double(x.values.count) }

    func partialMomentsOfX(given other: Codebook) -> PartialMoments { x.partialMoments(given: y.values, other) }
    func partialMomentsOfY(given other: Codebook) -> PartialMoments { y.partialMoments(given: x.values, other) }

    func moments(_ first: Codebook, _ second: Codebook) -> ProductMoments {
        ProductMoments(x: x.values, y: y.values, codedX: first, codedY: second)
    }

    /// One operand: its sample, its histogram, and its runs for conditional moments.
    private struct Operand {
        let values: [Double]
        let edges: [Double]
        let masses: [Double]
        let means: [Double]
        let runs: Runs

        init(_ values: [Double], cells: Int) throws(QuantizerError) {
            self.values = values
            let stride = max(1, values.count / ColumnHistogram.sampleSize)
            let sample = Swift.stride(from: 0, to: values.count, by: stride).map { values[$0] }
            let edges = try ColumnHistogram.edges(
                sample: sample, minimum: values.min(), maximum: values.max(), cells: cells)
            let locator = CellLocator(edges)
            var masses = [Double](repeating: 0, count: edges.count - 1)
            var sums = masses
            for value in values {
                let cell = locator.cell(of: value, edges)
                masses[cell] += 1 / Double(values.count)
                sums[cell] += value / Double(values.count)
            }
            self.edges = edges
            means = masses.indices.map { masses[$0] > 0 ? sums[$0] / masses[$0] : 0.5 * (edges[$0] + edges[$0 + 1]) }
            self.masses = masses
            runs = try Runs(values, count: 96, minimumPairs: max(1, min(128, values.count / 16)))
        }

        func partialMoments(given others: [Double], _ codebook: Codebook) -> PartialMoments {
            let codes = codebook.encode(others)
            var sums = [SIMD4<Double>](repeating: .zero, count: runs.positions.count)
            for i in others.indices {
                let level = codebook.levels[Int(codes[i])]
                sums[Int(runs.indices[i])] += SIMD4(level * level, others[i] * level, level, 1)
            }
            // Half a pair as if independent: a combination of cells that the sample lacks is not thought impossible.
            let overall = sums.reduce(SIMD4<Double>.zero, +) / Double(others.count)
            let averages = sums.map { ($0 + 0.5 * overall) / ($0.w + 0.5) }
            let moments = masses.indices.map { cell -> SIMD4<Double> in
                var value = average(means[cell], averages)
                value.y *= means[cell]
                return masses[cell] * value
            }
            return PartialMoments(edges: edges, sums: moments)
        }

        /// Interpolated conditional moments; the last line goes on beyond the ends as long as E[Ŷ²|x] stays positive.
        private func average(_ x: Double, _ averages: [SIMD4<Double>]) -> SIMD4<Double> {
            guard averages.count > 1 else { return averages[0] }
            let (i, share) = Runs.place(x, runs.positions)
            let line = averages[i] + share * (averages[i + 1] - averages[i])
            let end = share < 0 ? averages[i] : averages[i + 1]
            return share < 0 || share > 1 ? (line.x > 0.1 * end.x ? line : end) : line
        }
    }
}

extension PartialMoments {
    /// From sums over cells: densities at the edges are averages over the two cells to each side.
    fileprivate init(edges: [Double], sums: [SIMD4<Double>]) {
        var cumulative = [SIMD4<Double>.zero]
        for sum in sums { cumulative.append(cumulative[cumulative.count - 1] + sum) }
        let last = edges.count - 1
        let densities = edges.indices.map { i -> SIMD4<Double> in
            let (low, high) = (max(0, i - 2), min(last, i + 2))
            return (cumulative[high] - cumulative[low]) / (edges[high] - edges[low])
        }
        self.init(nodes: edges, cumulative: cumulative, densities: densities)
    }
}
