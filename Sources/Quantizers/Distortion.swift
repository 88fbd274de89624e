extension Codebook {
    /// The mean squared error ∑(x − x̂)²/n over the finite values of a block; 0 for none. Cost: n log K.
    public func distortion(of values: [Double]) -> Double {
        var sum = 0.0
        var count = 0
        for value in values where value.isFinite {
            let error = value - quantize(value)
            sum += error * error
            count += 1
        }
        return count > 0 ? sum / Double(count) : 0
    }

    /// The mean squared error on a column known by its histogram; cells that a threshold cuts are interpolated.
    ///
    /// - Throws: `noValues` for an empty histogram. Cost: cells + K.
    public func distortion(of histogram: ColumnHistogram) throws(QuantizerError) -> Double {
        let measure = try HistogramMeasure(histogram)
        let standardized = try scaled(toUnitsOf: measure)
        return standardized.distortion(of: measure) / measure.total * measure.scale * measure.scale
    }

    /// ∫ (x − x̂)² dμ, the weighted mean squared error for a measure. Cost: K moment evaluations.
    public func distortion(of measure: some CellMeasure) -> Double {
        var sum = 0.0
        for code in 0..<count {
            let (a, b) = cell(code)
            sum += measure.moments(from: a, to: b).distortion(levels[code])
        }
        return sum
    }

    /// This codebook in the standardized units of a histogram's measure.
    func scaled(toUnitsOf measure: HistogramMeasure) throws(QuantizerError) -> Codebook {
        try Codebook(
            levels: levels.map { ($0 - measure.centre) / measure.scale },
            thresholds: thresholds.map { ($0 - measure.centre) / measure.scale }, isExact: isExact)
    }
}
