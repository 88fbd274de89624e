extension ProductDesign {
    /// Codebooks for two operands known by a sample of the pairs that are multiplied.
    ///
    /// The conditional moments of one operand given the other are smoothed over neighbouring values. Starts are the optimal codebooks of the columns alone, with and without the other's second
    /// moment as weight, and a pair shifted against each other. Where the mean product is within three standard errors
    /// of zero there is no bias to speak of, and the unbiased design is the one for k = 1.
    ///
    /// - Parameters:
    ///   - x, y: the sample, n pairs, all finite. It should be large beside the number of levels.
    ///   - xCount, yCount: the numbers of levels.
    /// - Throws: `lengthsDiffer`, `noValues`, `levelCount`.
    /// - Complexity: a few passes over the sample per alternation.
    public func sampled(
        x: [Double], y: [Double], xCount: Int, yCount: Int
    ) throws(QuantizerError) -> ProductCodebooks {
        let problem = try SampledProductProblem(x: x, y: y, levels: max(xCount, yCount))
        if innerDimension == nil, problem.mean * problem.mean * Double(x.count) < 9 * problem.exactSecondMoment {
            var plainDesign = self
            plainDesign.innerDimension = 1
            return try plainDesign.sampled(x: x, y: y, xCount: xCount, yCount: yCount)
        }
        let xWeight = try ConditionalSecondMoment(of: y, given: x)
        let yWeight = try ConditionalSecondMoment(of: x, given: y)
        let (xHistogram, yHistogram) = (try ColumnHistogram(values: x), try ColumnHistogram(values: y))
        let plain = (
            x: try Codebook.optimal(xHistogram, count: xCount), y: try Codebook.optimal(yHistogram, count: yCount)
        )
        let weighted = (
            x: try Codebook.optimal(xHistogram, count: xCount, weight: xWeight.value),
            y: try Codebook.optimal(yHistogram, count: yCount, weight: yWeight.value)
        )
        let sign = problem.mean < 0 ? -1.0 : 1.0
        let shifted = (x: try weighted.x.shifted(by: 0.25), y: try weighted.y.shifted(by: -0.25 * sign))
        return try best(of: [plain, weighted, shifted], for: problem)
    }
}

extension ProductMoments {
    /// The moments of a sample of pairs under two codebooks. Cost: two passes over n pairs.
    public init(x: [Double], y: [Double], codedX: Codebook, codedY: Codebook) {
        precondition(x.count == y.count && !x.isEmpty, "A sample has one or more pairs.")
        let (xCodes, yCodes) = (codedX.encode(x), codedY.encode(y))
        self.init(exactSecondMoment: 0, crossMoment: 0, codedSecondMoment: 0, exactMean: 0, codedMean: 0)
        for i in x.indices {
            let exact = x[i] * y[i]
            let coded = codedX.levels[Int(xCodes[i])] * codedY.levels[Int(yCodes[i])]
            exactSecondMoment += exact * exact
            crossMoment += exact * coded
            codedSecondMoment += coded * coded
            exactMean += exact
            codedMean += coded
        }
        let count = Double(x.count)
        exactSecondMoment /= count
        crossMoment /= count
        codedSecondMoment /= count
        exactMean /= count
        codedMean /= count
    }
}

extension Codebook {
    /// Levels moved by a share of the distance to the next one up (or down, for a negative share), thresholds at
    /// midpoints.
    func shifted(by share: Double) throws(QuantizerError) -> Codebook {
        guard count > 1 else { return self }
        let moved = levels.indices.map { i -> Double in
            let other = share > 0 ? min(i, count - 2) : max(i, 1)
            let gap = share > 0 ? levels[other + 1] - levels[other] : levels[other] - levels[other - 1]
            return levels[i] + share * gap
        }
        return try Codebook(levels: moved)
    }
}
