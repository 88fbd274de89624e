import Foundation
import Matrices
import QuantizedKernels
import Quantizers

/// A sparse m × n matrix Â with the exact pattern of A and stored entries of a few bits each.
///
/// - Entries with few distinct values, in the whole matrix or in a column, are exact; where all are equal, as in a pattern
///   matrix, they take no bits at all.
/// - A column long enough to carry one has a codebook of its own. All others share one, for entries divided by a scale of
///   their column (near its root mean square, 2 bytes) where the scales lower the error by more than their bytes would as
///   further bits of the codes.
/// - Levels are globally optimal: for rounding to nearest they minimize Σ(x̂ − x)² (`Codebook.optimal`), for stochastic
///   rounding the variance (`Codebook.varianceOptimal`).
///
/// As a linear operator it gives the same bits as `sparse`, the decoded matrix in compressed columns.
public struct QuantizedSparseMatrix: Sendable {
    /// The number of rows, m.
    public let rows: Int
    /// The number of columns, n.
    public let columns: Int
    /// The most bits an entry may take, 1 to 8.
    public let bits: Int
    /// How an entry becomes one of the two levels around it: `nearest` or `stochastic`.
    public let rounding: Rounding
    /// Which entries are stored.
    let pattern: GapCodedPattern
    /// Successive columns with the same codebook, all columns in order.
    let runs: [CodedRun]
    /// Eighths of an octave, one for each column: its codes stand for the levels times 2^(k/8); empty where all are 1.
    let scales: [Int16]
    private let errors: [Double]
    /// Sixteenths of an octave of `errorRepeats`, one for each column; empty where every entry is exact.
    private let repeats: [UInt8]
    let kernels: Kernels

    /// Quantizes the stored entries of a matrix, all of them finite (a precondition).
    ///
    /// - Parameters:
    ///   - bits: per entry at most, 1 to 8.
    ///   - rounding: `nearest`, or `stochastic`, which is without bias; `balanced` is not defined here (a precondition).
    ///   - seed: of stochastic rounding; entry p, counted column by column, takes the p-th draw.
    /// - Throws: ``QuantizerError/levelCount(_:)`` for bits outside 1 to 8.
    /// - Complexity: sorting the entries, and a few passes over them.
    public init(
        _ matrix: SparseMatrix, bits: Int, rounding: Rounding = .nearest, seed: UInt64 = 0, kernels: Kernels = .best
    ) throws(QuantizerError) {
        guard (1...8).contains(bits) else { throw .levelCount(bits < 1 ? 0 : 1 << min(bits, 62)) }
        precondition(rounding != .balanced, "Sparse entries are rounded to nearest or stochastically.")
        precondition(!hasNonFiniteValue(matrix.values), "The stored entries are finite.")
        let design = try SparseDesign(matrix, bits: bits, rounding: rounding)
        let coded = design.coded(matrix, rounding: rounding, seed: seed, kernels: kernels)
        (rows, columns, self.bits, self.rounding) = (matrix.rows, matrix.columns, bits, rounding)
        (runs, errors) = coded
        repeats =
            coded.errors.isEmpty
            ? []
            : (0..<matrix.columns).map { j in
                let entries = matrix.columnPointers[j]..<matrix.columnPointers[j + 1]
                return rounding == .nearest ? design.repeats(matrix.values[entries], column: j) : 0
            }
        scales = design.scales
        pattern = GapCodedPattern(matrix)
        self.kernels = kernels
    }

    /// The number of stored entries.
    public var storedCount: Int { pattern.storedCount }

    /// Σ(x̂ − x)² over the stored entries of each column.
    public var squaredErrors: [Double] { errors.isEmpty ? [Double](repeating: 0, count: columns) : errors }

    /// How many entries of a column err alike, as equal or nearly equal numbers rounded to the same level do: with s_c the sum
    /// of the errors of the entries with the same code, Σs_c²/Σe², kept to 4%; at least 1, and 1 for stochastic codes.
    public var errorRepeats: [Double] {
        repeats.isEmpty ? [Double](repeating: 1, count: columns) : repeats.map { exp2(Double($0) / 16) }
    }

    /// Whether every entry is exact.
    public var isExact: Bool { errors.isEmpty }

    /// Bytes of the pattern.
    public var patternBytes: Int { pattern.bytes.count }

    /// Bytes of the codes of the entries.
    public var codeBytes: Int { runs.reduce(0) { $0 + $1.packed.count } }

    /// Bytes of codebooks (8 a level), scales (2 a column), errors (9 a column unless all are exact), and 16 for each run of
    /// columns with the same codebook.
    public var sideBytes: Int {
        let own = runs.filter { !$0.isShared }.reduce(0) { $0 + $1.levels.count }
        let shared = runs.first(where: \.isShared)?.levels.count ?? 0
        return 8 * (own + shared + errors.count) + repeats.count + 2 * scales.count + 16 * runs.count
    }

    /// The decoded matrix Â in compressed columns. Cost: the number of entries plus n.
    public var sparse: SparseMatrix {
        var pointers = [0], indices: [Int] = [], values: [Double] = []
        pointers.reserveCapacity(columns + 1)
        indices.reserveCapacity(storedCount)
        values.reserveCapacity(storedCount)
        forEachEntry { _, i, value in
            indices.append(i)
            values.append(value)
        } afterColumn: { _ in
            pointers.append(indices.count)
        }
        return SparseMatrix(
            rows: rows, columns: columns, columnPointers: pointers, rowIndices: indices, values: values)
    }
}

/// Successive columns whose entries have the same codebook, and the codes of these entries in order.
struct CodedRun: Sendable {
    /// The columns.
    let columns: Range<Int>
    /// Whether the codebook is the one that short columns share, and the columns' scales apply.
    let isShared: Bool
    /// What the codes stand for.
    let levels: [Double]
    /// Bits of a code; 0 for a single level.
    let bits: Int
    /// The number of entries.
    let count: Int
    /// The packed codes.
    let packed: [UInt8]
}
