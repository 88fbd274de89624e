import Foundation

/// A codebook together with the integer grid that its levels lie on.
public struct GriddedCodebook: Sendable, Equatable {
    /// The codebook. Unless it is exact, its levels are the grid's values to the last bit.
    public let codebook: Codebook
    /// The grid. For an exact codebook its values agree with the levels to about one unit in the last place.
    public let grid: IntegerGrid

    /// A codebook with the grid that it was made with, for instance a stored one.
    public init(codebook: Codebook, grid: IntegerGrid) {
        precondition(codebook.count == grid.integers.count, "a grid has one integer per level")
        self.codebook = codebook
        self.grid = grid
    }
}

extension Codebook {
    /// The largest share of the distortion that rounding the levels to an integer grid may add.
    public static let gridTolerance = 1e-3

    /// The grid widths tried for codebooks that are not exact, in order; integers of up to 15 bits fit one product
    /// of 16-bit kernels, wider ones are split into limbs.
    static let gridWidths = Array(12...15) + [20, 25, 30, 35, 40, 45]

    /// This codebook with its levels on an integer grid, as narrow as the distortion allows.
    ///
    /// An exact codebook keeps its levels and gets the decimal or binary grid they lie on, or else a grid of 45 bits.
    /// Another one of at most 16 levels gets a compact grid (see `compactGridded`) if there is one. Any other gets the
    /// narrowest grid of 12, 13, 14, 15 bits (then 20, 25, …, 45) that merges no levels and adds
    /// at most `tolerance` of the distortion, estimated by `gridLoss`.
    ///
    /// - Parameters:
    ///   - offset: where the grid has its zero, for instance the mean of the column; nil for the middle of the range. A
    ///     compact grid chooses its own.
    ///   - tolerance: largest relative increase of the distortion.
    public func gridded(offset: Double? = nil, tolerance: Double = gridTolerance) -> GriddedCodebook {
        if isExact, let grid = IntegerGrid.exact(levels, near: offset) {
            return GriddedCodebook(codebook: self, grid: grid)
        }
        if !isExact, tolerance >= Codebook.gridTolerance, let compact = compactGridded() { return compact }
        if !isExact {
            for width in Codebook.gridWidths.dropLast() {
                let result = gridded(bits: width, offset: offset)
                if result.codebook.count == count, gridLoss(result.codebook.levels) <= tolerance { return result }
            }
        }
        let widest = gridded(bits: 45, offset: offset)
        if isExact, widest.grid.integers.count == count { return GriddedCodebook(codebook: self, grid: widest.grid) }
        return widest
    }

    /// This codebook with its levels rounded to a grid of a given width: |integers| ≤ 2^(bits−1) − 1.
    ///
    /// The grid reaches just as far as the level farthest from the offset. Levels that fall on one grid point are
    /// merged with their cells. Thresholds become midpoints of the new levels where they were midpoints before.
    /// Cost: K.
    public func gridded(bits: Int, offset: Double? = nil) -> GriddedCodebook {
        precondition((2...54).contains(bits), "A grid has 2 to 54 bits, not \(bits).")
        let first = levels[0]
        let last = levels[count - 1]
        var origin = offset ?? Codebook.midpoint(first, last)
        var reach = max(last - origin, origin - first)
        if !reach.isFinite {
            origin = Codebook.midpoint(first, last)
            reach = max(last - origin, origin - first)
        }
        let largest = Double((Int64(1) << (bits - 1)) - 1)
        let scale = reach > 0 ? max(reach / largest, .leastNonzeroMagnitude) : 1
        var integers: [Int64] = []
        var kept: [Int] = []
        for (code, level) in levels.enumerated() {
            let integer = Int64(max(-largest, min(largest, ((level - origin) / scale).rounded())))
            if integers.last == integer {
                kept[kept.count - 1] = code
            } else {
                integers.append(integer)
                kept.append(code)
            }
        }
        return makeGridded(IntegerGrid(offset: origin, scale: scale, integers: integers), kept: kept)
    }

    /// This codebook on a grid with one integer for each level.
    func onGrid(_ grid: IntegerGrid) -> GriddedCodebook { makeGridded(grid, kept: Array(0..<count)) }

    /// Builds the codebook on a grid; `kept[i]` is the last old code that went into new code i.
    private func makeGridded(_ grid: IntegerGrid, kept: [Int]) -> GriddedCodebook {
        var newLevels = grid.integers.indices.map { grid.value($0) }
        var integers = grid.integers
        for i in newLevels.indices.dropFirst().reversed() where newLevels[i] <= newLevels[i - 1] {
            newLevels.remove(at: i)  // the grid is finer than Double at this offset
            integers.remove(at: i)
        }
        // To rounding: a codebook that was scaled has its thresholds scaled too.
        let middles = Codebook.midpoints(of: levels)
        let wereMidpoints = thresholds.indices.allSatisfy {
            abs(thresholds[$0] - middles[$0]) <= 1e-9 * (levels[$0 + 1] - levels[$0])
        }
        var boundaries: [Double]?
        if !wereMidpoints, newLevels.count == kept.count { boundaries = kept.dropLast().map { thresholds[$0] } }
        // Finite ascending levels with midpoints, or a subsequence of valid thresholds: cannot throw.
        guard let book = try? Codebook(levels: newLevels, thresholds: boundaries) else {
            preconditionFailure("Levels on a grid ascend.")
        }
        return GriddedCodebook(
            codebook: book, grid: IntegerGrid(offset: grid.offset, scale: grid.scale, integers: integers))
    }

    /// The share of the distortion that moving the levels adds: the mean over cells of 12·δ²/w², with δ the move of
    /// the level and w the width of its cell.
    ///
    /// An optimal codebook has the same distortion p·w²/12 in every cell (Panter and Dite), and moving a centroid by
    /// δ adds p·δ²; so every cell counts alike and its probability p cancels. Cells at the ends take the width of
    /// their neighbours.
    func gridLoss(_ moved: [Double]) -> Double {
        guard count > 1, moved.count == count else { return 0 }
        var sum = 0.0
        for (code, width) in cellWidths.enumerated() {
            let move = moved[code] - levels[code]
            sum += 12 * move * move / (width * width)
        }
        return sum / Double(count)
    }

    /// The widths of the cells of two or more levels, between the midpoints; at the ends the distance of the neighbour.
    var cellWidths: [Double] {
        (0..<count).map { code in
            let below = code > 0 ? levels[code] - levels[code - 1] : .infinity
            let above = code < count - 1 ? levels[code + 1] - levels[code] : .infinity
            return below.isFinite && above.isFinite ? 0.5 * (below + above) : min(below, above)
        }
    }
}
