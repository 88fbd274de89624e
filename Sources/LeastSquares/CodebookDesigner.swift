import Matrices
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
        case .automatic, .balanced, .lloydMax:
            codebook = try .lloydMax(histogram, count: count)
        }
        return codebook.gridded(offset: center)
    }
}

/// Histogram and moments of a column as it will be quantized.
struct ColumnSurvey {
    var histogram: ColumnHistogram
    var moments: ColumnMoments

    /// Cells placed on a sample of the column.
    init(sample: [Double]) throws(QuantizerError) {
        histogram = try ColumnHistogram(edges: ColumnHistogram.edges(sample: sample, cells: 2048))
        moments = ColumnMoments(shift: sample.reduce(0, +) / Double(max(1, sample.count)))
    }

    mutating func add(_ values: [Double]) {
        histogram.add(values)
        moments.add(values)
    }
}
