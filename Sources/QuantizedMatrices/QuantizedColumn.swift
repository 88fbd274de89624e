import Matrices
import Quantizers

/// One column of a quantized matrix: the codebook that decodes its b-bit codes, and what is known exactly about the
/// column they stand for. The codes themselves are kept with the matrix.
public struct QuantizedColumn: Sendable, Equatable {
    /// The column's name in the table.
    public let name: String
    /// Levels and thresholds.
    public let codebook: Codebook
    /// The integers L that stand for the levels: level[c] = offset + scale·L[c].
    public let grid: IntegerGrid
    /// Bits per code, 1 to 8.
    public let bits: Int
    /// How the codes were chosen.
    public let rounding: Rounding
    /// Exact sums of the numbers that were quantized (after the transform), about the grid's offset.
    public internal(set) var moments: ColumnMoments
    /// How often each code occurs.
    public internal(set) var counts: [Int]
    /// Σ(x̂ − x)² over the entries of each code.
    public internal(set) var squaredErrors: [Double]
    /// Σ(x̂ − x)(x − c) about the shift c of the moments: what the decode gain needs.
    public internal(set) var errorProduct: Double
    /// Σ(x̂ − x).
    public internal(set) var errorSum: Double
    /// Balanced codes: how large the discrepancies of this column's cross products are; nil for other codes.
    public internal(set) var discrepancy: DiscrepancyShare?

    /// An empty column.
    init(name: String, gridded: GriddedCodebook, bits: Int, rounding: Rounding, shift: Double) {
        self.name = name
        self.codebook = gridded.codebook
        self.grid = gridded.grid
        self.bits = bits
        self.rounding = rounding
        moments = ColumnMoments(shift: shift)
        counts = [Int](repeating: 0, count: gridded.codebook.count)
        squaredErrors = [Double](repeating: 0, count: gridded.codebook.count)
        errorProduct = 0
        errorSum = 0
        discrepancy = nil
    }

    /// The total distortion Σ(x̂ − x)².
    public var totalSquaredError: Double { squaredErrors.reduce(0, +) }

    /// The mean squared error within the cell of each code; 0 for codes that do not occur.
    public var errorVariances: [Double] {
        zip(squaredErrors, counts).map { $1 == 0 ? 0 : $0 / Double($1) }
    }

    /// Whether every entry is represented exactly.
    public var isExact: Bool { totalSquaredError == 0 }

    /// The factor that makes the cross products of decoded values with other columns unbiased for jointly Gaussian
    /// columns (Bussgang): Σ(x−x̄)² / Σ(x−x̄)(x̂−x̂̄). For centroid codes it equals E[X²]/E[X̂²], for unbiased codes 1.
    public var decodeGain: Double {
        guard moments.count > 0, !isExact else { return 1 }
        let m = Double(moments.count)
        let variation = moments.sumOfSquaredDeviations
        let product = variation + errorProduct - errorSum * moments.shiftedSum / m
        return product > 0 ? variation / product : 1
    }

    /// Bytes of everything but codes that a store keeps for this column: per level its integer on the grid (2 bytes, 8
    /// where 16 bits do not hold it; for exact codebooks the level too) and its mean squared error (4), and 155 bytes of
    /// sums, without the name.
    public var sideBytes: Int {
        let integer = grid.integers.allSatisfy { Int16(exactly: $0) != nil } ? 2 : 8
        return codebook.levels.count * (integer + 4 + (codebook.isExact ? 8 : 0)) + 155
    }
}

/// A further code of a column: its levels are added to what the codes before it stand for.
public struct Refinement: Sendable, Equatable {
    /// The column that is refined.
    public let base: Int
    /// Codes and codebook of the refinement; its statistics are kept with the base.
    public internal(set) var column: QuantizedColumn
}

/// How a value becomes one of the two levels around it.
public enum Rounding: String, Sendable, CaseIterable {
    /// The level whose cell holds the value.
    case nearest
    /// Up with probability (x − l)/(u − l), so that E[x̂ | x] = x (see `StochasticRounding`).
    case stochastic
    /// Up or down so that the sums over the rows of the products with all other columns stay those of the numbers
    /// themselves (see `BalancedRounding`).
    case balanced
}
