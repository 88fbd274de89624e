import Matrices
import QuantizedKernels
import QuantizedMatrices
import Quantizers

/// Makes codebooks for columns from their histograms.
struct CodebookDesigner {
    let quantizer: Quantizer

    /// The codebook of a column with at most K = 2^bits levels; exact where the column has no more distinct values.
    ///
    /// `center` and `deviation` place the Gaussian compander and the integer grid.
    func codebook(
        _ histogram: ColumnHistogram, bits: Int, center: Double, deviation: Double
    ) throws(QuantizerError) -> GriddedCodebook {
        let count = 1 << bits
        if !histogram.distinct.overflowed, histogram.distinct.values.count <= count {
            return try Codebook.exact(values: histogram.distinct.values).gridded(offset: center)
        }
        let codebook: Codebook
        switch quantizer {
        case .uniform:
            codebook = try .uniform(minimum: histogram.minimum, maximum: histogram.maximum, count: count)
        case .companding:
            codebook = try Codebook.companding(GaussianPairDensity(correlation: 0), count: count)
                .scaled(by: deviation, offset: center)
        case .stochastic:
            codebook = try .varianceOptimal(histogram, count: count)
        case .lloydMax:
            codebook = try .lloydMax(histogram, count: count)
        case .automatic, .balanced:
            codebook = try .balanced(histogram, count: count)
        case .optimal:
            codebook = try .optimal(histogram, count: count)
        }
        return codebook.gridded(offset: center)
    }
}

/// Histogram and moments of a column as it will be quantized.
///
/// Of a long table only blocks spread evenly over it enter the histogram; of the others, values beyond the range seen
/// so far do, so that no outlier is missed. Where the column is one of the table as it stands, its extremes and its
/// distinct values, if these are few, are known from all rows.
struct ColumnSurvey: Sendable {
    private(set) var histogram: ColumnHistogram
    private(set) var moments: ColumnMoments

    /// What is learned of a column from a block of rows.
    struct Block: Sendable {
        let moments: BlockMoments
        /// The values that enter the histogram.
        let values: [Double]
    }

    /// Cells placed on a sample of the column; they reach 256 times its range to both sides.
    init(sample: [Double]) throws(QuantizerError) {
        let low = sample.min() ?? 0, high = sample.max() ?? 0
        let reach = 256 * (high - low)
        histogram = try ColumnHistogram(
            edges: ColumnHistogram.edges(sample: sample, minimum: low - reach, maximum: high + reach, cells: 2048))
        moments = ColumnMoments(shift: sample.reduce(0, +) / Double(max(1, sample.count)))
    }

    /// Rows that enter the histograms, about.
    static let surveyedRows = 1 << 15

    /// Of how many batches of a table one is looked at as a whole.
    static func step(rows: Int) -> Int { max(1, rows / surveyedRows) }

    /// What a block is looked at with: small, and without references for threads to count.
    struct Window: Sendable {
        let shift: Double
        /// Values from here to `high` don't enter the histogram, unless the block does as a whole.
        let low: Double
        let high: Double

        /// Looks at a block; `whole` says whether all its values enter the histogram.
        func look(at values: Span<Double>, whole: Bool, kernels: Kernels) -> Block {
            let block = kernels.moments(values, shift: shift)
            guard whole || block.minimum < low || block.maximum > high else { return Block(moments: block, values: []) }
            let taken = [Double](capacity: values.count) { output in
                for i in values.indices where whole || values[i] < low || values[i] > high { output.append(values[i]) }
            }
            return Block(moments: block, values: taken)
        }
    }

    /// The window for the next blocks.
    var window: Window { Window(shift: moments.shift, low: histogram.minimum, high: histogram.maximum) }

    /// Adds what was learned of some blocks.
    mutating func add(_ blocks: [Block]) {
        for block in blocks { moments.add(block.moments) }
        if blocks.contains(where: { !$0.values.isEmpty }) { histogram.add(blocks.flatMap(\.values)) }
    }

    /// Takes over the moments of all rows, of which only some were surveyed.
    mutating func complete(moments: ColumnMoments) {
        self.moments = moments
        add(extremes: [moments.minimum, moments.maximum])
    }

    /// Adds those of some values to the histogram that lie beyond its range.
    mutating func add(extremes: [Double]) {
        histogram.add(extremes.filter { $0 < histogram.minimum || $0 > histogram.maximum })
    }

    /// Adds the distinct values of a column that is not transformed, if they are few enough to be known.
    mutating func complete(distinct: DistinctValues) {
        guard !distinct.overflowed else { return }
        let seen = Set(histogram.distinct.values)
        histogram.add(distinct.values.filter { !seen.contains($0) })
    }
}
