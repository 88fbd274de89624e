extension ProductDesign {
    /// Codebooks for a standard normal pair with correlation ρ.
    ///
    /// Starts are companding, Lloyd–Max and weighted Lloyd–Max codebooks, so the result is never worse than any of
    /// them, and companding with the levels of X shifted against those of Y or along with them. |ρ| is taken as at most 0.999 in the
    /// search; moments are those of ρ itself, to about 12 digits. For other standard deviations scale the codebooks.
    ///
    /// - Throws: `correlation` or `levelCount`.
    /// - Complexity: some ten milliseconds for moderate ρ and few levels, to about a second for ρ > 0.9 or 256 levels.
    public func gaussian(
        correlation: Double, xCount: Int, yCount: Int
    ) throws(QuantizerError) -> ProductCodebooks {
        if correlation < 0 {
            let mirrored = try gaussian(correlation: -correlation, xCount: xCount, yCount: yCount)
            let y = try mirrored.y.mirrored()
            var moments = mirrored.moments
            moments.exactMean *= -1
            moments.codedMean *= -1
            return ProductCodebooks(x: mirrored.x, y: y, moments: moments)
        }
        let density = try GaussianPairDensity(correlation: correlation)
        var starts: [(x: Codebook, y: Codebook)] = []
        for shift in [0, 0.125, 0.25] {
            starts.append(
                (
                    try Codebook.companding(density, count: xCount, shift: shift),
                    try Codebook.companding(density, count: yCount, shift: -shift)
                ))
        }
        if min(xCount, yCount) == 2 {
            // Of two levels, one can be best for most values and the other for a tail, the same one in X and Y.
            let tail = try Codebook(levels: [0.7, 2.1], thresholds: [1.4])
            starts.append(
                (
                    xCount == 2 ? tail : try Codebook.companding(density, count: xCount, shift: 0.4),
                    yCount == 2 ? tail : try Codebook.companding(density, count: yCount, shift: 0.4)
                ))
        }
        for weight in [0, correlation] {
            starts.append(
                (
                    try Codebook.gaussianLloydMax(count: xCount, correlation: weight),
                    try Codebook.gaussianLloydMax(count: yCount, correlation: weight)
                ))
        }
        return try best(of: starts, for: try GaussianProductProblem(correlation: correlation))
    }

    /// The split of a budget of bits between the operands with the least J: codes of b_X and b_Y bits, 1 to 8 each, with
    /// n_X b_X + n_Y b_Y ≤ budget for operands of n_X and n_Y entries.
    ///
    /// For many levels J depends on the split like 1/K_X² + 1/K_Y², so operands of equal size get equal bits; with
    /// unequal sizes the smaller one gets more. nil if the budget is below one bit for each entry.
    public func gaussianSplit(
        correlation: Double, xEntries: Int, yEntries: Int, budget: Int
    ) throws(QuantizerError) -> (xBits: Int, yBits: Int, codebooks: ProductCodebooks)? {
        var best: (xBits: Int, yBits: Int, codebooks: ProductCodebooks)?
        for xBits in 1...8 {
            let rest = budget - xEntries * xBits
            let yBits = min(8, yEntries > 0 ? rest / yEntries : 8)
            guard rest >= 0, yBits >= 1 else { break }
            let pair = try gaussian(correlation: correlation, xCount: 1 << xBits, yCount: 1 << yBits)
            if best.map({ objective(pair.moments) < objective($0.codebooks.moments) }) ?? true {
                best = (xBits, yBits, pair)
            }
        }
        return best
    }
}

/// The standard normal pair.
private struct GaussianProductProblem: ProductProblem {
    let exact: GaussianPairDistortion
    /// ρ, kept away from 1 so that conditional moments stay smooth.
    let correlation: Double

    init(correlation: Double) throws(QuantizerError) {
        exact = try GaussianPairDistortion(correlation: correlation)
        self.correlation = min(0.999, correlation)
    }

    var exactSecondMoment: Double { 1 + 2 * correlation * correlation }
    var mean: Double { correlation }
    var minimumProbability: Double { 0 }

    func partialMomentsOfX(given y: Codebook) -> PartialMoments { PartialMoments(correlation: correlation, partner: y) }
    func partialMomentsOfY(given x: Codebook) -> PartialMoments { PartialMoments(correlation: correlation, partner: x) }
    func moments(_ x: Codebook, _ y: Codebook) -> ProductMoments { exact.moments(x, y) }
}

extension Codebook {
    /// The codebook of −X.
    func mirrored() throws(QuantizerError) -> Codebook {
        try Codebook(
            levels: levels.reversed().map { 0 - $0 }, thresholds: thresholds.reversed().map { 0 - $0 }, isExact: isExact
        )
    }
}
