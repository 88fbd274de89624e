/// Codebooks for the two operands of a product, designed together, and the moments of their product.
public struct ProductCodebooks: Sendable, Equatable {
    /// The codebook of X. Its thresholds are not the midpoints of its levels.
    public let x: Codebook
    /// The codebook of Y.
    public let y: Codebook
    /// The moments of XY and X̂Ŷ, from which errors follow.
    public let moments: ProductMoments
}

/// Jointly optimal codebooks for products: alternating minimization of the error per term of a sum of k products,
///
///     J = E[(XY − X̂Ŷ)²] + (k−1)(E[XY − X̂Ŷ])²,
///
/// over the levels and thresholds of both operands. Each step lowers J for one operand with the other's codebook fixed
/// (`OperandDesign`). A decode gain needs no variable of its own: it is the common scale of the levels.
///
/// J has several local minima. For strongly correlated operands and few levels the best one is not symmetric: the
/// thresholds of X lie between those of Y, so that the pair of codes tells more than one of them (at ρ = 0.9 and two
/// levels E[D²] = 0.913, against 1.775 for the best common symmetric codebook).
public struct ProductDesign: Sendable {
    /// k, the number of products that are summed; nil for the limit of many, in which the mean error is zero.
    public var innerDimension: Int?
    /// The largest number of alternations.
    public var maximumAlternations = 400
    /// Alternation stops when J falls by less than this share of itself.
    public var tolerance = 1e-8

    /// A design for sums of k products; nil for codebooks without mean error.
    public init(innerDimension: Int? = 1) { self.innerDimension = innerDimension }

    /// 1/(k−1).
    private var biasTolerance: Double { innerDimension.map { 1 / Double(max(0, $0 - 1)) } ?? 0 }

    /// J for given moments; in the unbiased limit the error itself, with a large price on any mean error.
    public func objective(_ moments: ProductMoments) -> Double {
        if let k = innerDimension { return moments.errorPerTerm(innerDimension: k) }
        return moments.meanSquaredError + 1e6 * moments.meanError * moments.meanError
    }

    /// The best pair found from several starts: a few rounds from each, then the two best until J stands still.
    ///
    /// Starts count as candidates themselves, so the result is never worse than any of them.
    func best(
        of starts: [(x: Codebook, y: Codebook)], for problem: some ProductProblem
    ) throws(QuantizerError) -> ProductCodebooks {
        var candidates = starts.map { scaled($0.x, $0.y, problem.moments($0.x, $0.y)) }
        candidates.sort { objective($0.moments) < objective($1.moments) }
        guard let first = candidates.first else { throw .noValues }
        var result = first
        let isLarge = first.x.count * first.y.count > 1024
        var refined = candidates.prefix(isLarge ? 1 : candidates.count).map {
            alternated($0, problem, rounds: 20, tolerance: max(tolerance, 1e-5))
        }
        refined.sort { objective($0.moments) < objective($1.moments) }
        for candidate in refined.prefix(2) {
            let final = alternated(candidate, problem, rounds: maximumAlternations, tolerance: tolerance)
            for pair in [candidate, final] where objective(pair.moments) < objective(result.moments) { result = pair }
        }
        return result
    }

    /// Alternates between the operands until J falls by less than the tolerance.
    private func alternated(
        _ start: ProductCodebooks, _ problem: some ProductProblem, rounds: Int, tolerance: Double
    ) -> ProductCodebooks {
        var (x, y) = (start.x, start.y)
        var last = Double.infinity
        for round in 0..<rounds {
            guard let newX = improve(x, problem.partialMomentsOfX(given: y), problem)?.codebook,
                let nextY = improve(y, problem.partialMomentsOfY(given: newX), problem), let newY = nextY.codebook
            else { break }
            (x, y) = ProductDesign.balanced(newX, newY)
            let value = problem.exactSecondMoment + nextY.objective
            if round > 2, last - value < tolerance * value { break }
            last = value
        }
        return scaled(x, y, problem.moments(x, y))
    }

    private func improve(
        _ codebook: Codebook, _ partial: PartialMoments, _ problem: some ProductProblem
    ) -> OperandDesign.State? {
        var design = OperandDesign(partial: partial, mean: problem.mean, biasTolerance: biasTolerance)
        guard let start = design.state(codebook.thresholds) else { return nil }
        // No cell may shrink below the share of the data that is needed to know its level.
        let smallest = start.sums.map(\.w).min() ?? 0
        design.minimumProbability = min(problem.minimumProbability, smallest)
        return design.improved(start, iterations: 8)
    }

    /// The codebooks with the product of their levels scaled by the gain that is best for J, shared evenly.
    private func scaled(_ x: Codebook, _ y: Codebook, _ moments: ProductMoments) -> ProductCodebooks {
        let gain = bestGain(moments)
        guard gain > 0, let newX = try? x.scalingLevels(by: gain.squareRoot()),
            let newY = try? y.scalingLevels(by: gain.squareRoot())
        else { return ProductCodebooks(x: x, y: y, moments: moments) }
        var result = moments
        result.crossMoment *= gain
        result.codedSecondMoment *= gain * gain
        result.codedMean *= gain
        return ProductCodebooks(x: newX, y: newY, moments: result)
    }

    /// The gain g that minimizes E[(XY − gX̂Ŷ)²] + (k−1)(E[XY] − gE[X̂Ŷ])².
    private func bestGain(_ moments: ProductMoments) -> Double {
        guard let k = innerDimension else { return moments.decodeGain }
        let weight = Double(k - 1)
        let second = moments.codedSecondMoment + weight * moments.codedMean * moments.codedMean
        return second > 0 ? (moments.crossMoment + weight * moments.exactMean * moments.codedMean) / second : 1
    }

    /// The same product with levels of equal root mean square in both codebooks.
    private static func balanced(_ x: Codebook, _ y: Codebook) -> (Codebook, Codebook) {
        func size(_ book: Codebook) -> Double { book.levels.reduce(0) { $0 + $1 * $1 } / Double(book.count) }
        let factor = (size(y) / size(x)).squareRoot().squareRoot()
        guard let newX = try? x.scalingLevels(by: factor), let newY = try? y.scalingLevels(by: 1 / factor) else {
            return (x, y)
        }
        return (newX, newY)
    }
}

/// A joint distribution of two operands, seen by `ProductDesign`.
protocol ProductProblem {
    /// E[X²Y²].
    var exactSecondMoment: Double { get }
    /// E[XY].
    var mean: Double { get }
    /// The least probability that a cell needs for its level to be known; 0 for distributions.
    var minimumProbability: Double { get }
    func partialMomentsOfX(given y: Codebook) -> PartialMoments
    func partialMomentsOfY(given x: Codebook) -> PartialMoments
    func moments(_ x: Codebook, _ y: Codebook) -> ProductMoments
}

extension OperandDesign.State {
    /// The codebook of this state, nil if its levels do not ascend.
    var codebook: Codebook? { try? Codebook(levels: levels, thresholds: thresholds) }
}
