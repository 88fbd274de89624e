extension Codebook {
    /// The largest |integer| of a compact grid: products of such integers are the fastest that 8-bit kernels form
    /// without overflow of their 16-bit sums.
    public static let compactReach: Int64 = 63

    /// The largest share of the distortion that a compact grid may add.
    static let compactTolerance = 0.02

    /// This codebook with its levels on a grid of integers of magnitude at most 63, or nil where that would add more than
    /// 2 % to the distortion (`gridLoss`) or merge levels, as with outliers, and for more than 16 levels.
    ///
    /// The best of some hundred roundings (scales that use 70 to 100 % of the range, and 8 phases), each with the offset
    /// and scale that fit the levels best for its integers: least squares with the weights of `gridLoss`, 1/w².
    /// Cost: about 300·K.
    func compactGridded() -> GriddedCodebook? {
        guard (2...16).contains(count), levels[count - 1] - levels[0] < .greatestFiniteMagnitude / 256 else {
            return nil
        }
        let middle = Codebook.midpoint(levels[0], levels[count - 1]), half = levels[count - 1] - middle
        var best: (loss: Double, grid: IntegerGrid)?
        for steps in stride(from: 0.7 * Double(Codebook.compactReach), through: Double(Codebook.compactReach), by: 0.5)
        {
            for phase in 0..<8 {
                let integers = levels.map {
                    Int64((($0 - middle) / half * steps + Double(phase) / 8 - 0.5).rounded())
                }
                guard let grid = fitted(integers) else { continue }
                let loss = gridLoss(integers.indices.map { grid.value($0) })
                if loss < best?.loss ?? Codebook.compactTolerance { best = (loss, grid) }
            }
        }
        return best.flatMap { best in
            let result = onGrid(best.grid)
            return result.codebook.count == count ? result : nil
        }
    }

    /// The grid of these integers that fits the levels best, if they are distinct and small enough.
    private func fitted(_ integers: [Int64]) -> IntegerGrid? {
        guard zip(integers, integers.dropFirst()).allSatisfy({ $0 < $1 }),
            integers.allSatisfy({ $0.magnitude <= Codebook.compactReach.magnitude })
        else { return nil }
        let widths = cellWidths
        var (weight, meanInteger, meanLevel) = (0.0, 0.0, 0.0)
        for code in 0..<count {
            let w = (widths[0] / widths[code]) * (widths[0] / widths[code])
            weight += w
            meanInteger += w * Double(integers[code])
            meanLevel += w * (levels[code] - levels[0])
        }
        meanInteger /= weight
        meanLevel /= weight
        var (product, square) = (0.0, 0.0)
        for code in 0..<count {
            let w = (widths[0] / widths[code]) * (widths[0] / widths[code]), d = Double(integers[code]) - meanInteger
            product += w * d * (levels[code] - levels[0] - meanLevel)
            square += w * d * d
        }
        let scale = product / square, offset = levels[0] + meanLevel - scale * meanInteger
        guard scale > 0, scale.isFinite, offset.isFinite else { return nil }
        return IntegerGrid(offset: offset, scale: scale, integers: integers)
    }
}
