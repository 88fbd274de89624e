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
        case .automatic, .balanced, .optimal:
            codebook = try .optimal(histogram, count: count)
        }
        return codebook.gridded(offset: center)
    }
}

/// Histogram and moments of a column as it will be quantized.
///
/// Of a long table only blocks spread evenly over it enter the histogram; of the others, values beyond the range seen
/// so far do, so that no outlier is missed.
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
    static let surveyedRows = 1 << 17

    /// Looks at a block; `whole` says whether all its values enter the histogram.
    func look(at values: ArraySlice<Double>, whole: Bool, kernels: Kernels) -> Block {
        let block = values.withSpan { kernels.moments($0, shift: moments.shift) }
        if whole { return Block(moments: block, values: Array(values)) }
        let low = histogram.minimum, high = histogram.maximum
        guard block.minimum < low || block.maximum > high else { return Block(moments: block, values: []) }
        return Block(moments: block, values: values.filter { $0 < low || $0 > high })
    }

    /// Adds what was learned of a block.
    mutating func add(_ block: Block) {
        moments.add(
            count: block.moments.count, minimum: block.moments.minimum, maximum: block.moments.maximum,
            shiftedSum: block.moments.sum, shiftedSumOfSquares: block.moments.sumOfSquares)
        if !block.values.isEmpty { histogram.add(block.values) }
    }
}

extension ArraySlice<Double> {
    fileprivate func withSpan<T>(_ body: (Span<Double>) -> T) -> T { body(span) }
}
