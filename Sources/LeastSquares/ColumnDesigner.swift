import QuantizedMatrices
import Quantizers

/// Decides what a column is quantized with, from its survey.
struct ColumnDesigner: Sendable {
    let options: QuantizationOptions
    let intercept: Bool

    /// The design of a column; `sample` are its values in the sampled rows.
    func design(
        name: String, survey: ColumnSurvey, sample: [Double], isResponse: Bool
    ) throws(QuantizerError) -> ColumnDesign {
        let mean = survey.moments.mean, deviation = survey.moments.standardDeviation
        let bits = isResponse ? min(8, options.responseBits ?? 8) : options.bits(of: name)
        let gridded = try CodebookDesigner(quantizer: options.quantizer)
            .codebook(survey.histogram, bits: bits, center: mean, deviation: deviation)
        let refinements =
            isResponse && !gridded.codebook.isExact
            ? try self.refinements(of: gridded.codebook, survey: survey, sample: sample) : []
        let scale = intercept ? deviation : survey.moments.rootMeanSquare
        var distortion = 0.0
        if let last = refinements.last {
            distortion = last.codebook.levels.meanSquaredGap / 12
        } else if !gridded.codebook.isExact {
            distortion = try gridded.codebook.distortion(of: survey.histogram)
        }
        return ColumnDesign(
            name: name, gridded: gridded, bits: max(1, gridded.codebook.bits), refinements: refinements,
            mean: intercept ? mean : 0, standardDeviation: scale,
            errorDeviation: scale > 0 ? distortion.squareRoot() / scale : 0)
    }

    /// Codebooks for the bits of a response beyond the eighth: optimal levels for what the first codes leave on the
    /// sample; for full precision equally spaced ones, 8 bits at a time, until what is left is rounding.
    private func refinements(
        of first: Codebook, survey: ColumnSurvey, sample: [Double]
    ) throws(QuantizerError) -> [GriddedCodebook] {
        if let bits = options.responseBits, bits <= 8 { return [] }
        var reach = first.largestError(from: survey.histogram.minimum, to: survey.histogram.maximum)
        guard reach > 0 else { return [] }
        if let bits = options.responseBits {
            let rest = sample.map { $0 - first.quantize($0) }
            return [try Codebook.optimal(values: rest, count: 1 << (bits - 8)).gridded(offset: 0)]
        }
        var stages: [GriddedCodebook] = []
        let target = max(abs(survey.histogram.minimum), abs(survey.histogram.maximum)) * .ulpOfOne / 4
        while reach > target, stages.count < 8 {
            let codebook = try Codebook.uniform(minimum: -reach, maximum: reach, count: 256)
            stages.append(codebook.gridded(bits: 12, offset: 0))
            reach = stages[stages.count - 1].codebook.largestError(from: -reach, to: reach)
        }
        return stages
    }
}

extension Codebook {
    /// The largest |x − x̂| for x between two bounds.
    fileprivate func largestError(from low: Double, to high: Double) -> Double {
        var largest = max(levels[0] - low, high - levels[levels.count - 1], 0)
        for (threshold, (lower, upper)) in zip(thresholds, zip(levels, levels.dropFirst())) {
            largest = max(largest, threshold - lower, upper - threshold)
        }
        return largest
    }
}

extension [Double] {
    /// The mean of the squared differences of neighbours.
    fileprivate var meanSquaredGap: Double {
        guard count > 1 else { return 0 }
        return zip(self, dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) } / Double(count - 1)
    }
}
