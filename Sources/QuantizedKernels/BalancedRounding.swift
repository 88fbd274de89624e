internal import CQuantizedKernels

/// The running state of balanced rounding: codes chosen so that products of columns keep their sums over the rows.
///
/// With x the standardized numbers and r the levels chosen for them, D_jk = Σ_i (r_ij·r_ik − x_ij·x_ik) is the
/// discrepancy of the Gram matrix, k running over a constant 1 and all columns. Nearest rounding lets D_jk grow like m
/// (bias) and √m (noise). Here each entry takes, of its two neighbouring levels, the one that leaves Σ_{k≠j} D_jk²
/// smaller, a greedy vector balancing in the manner of sigma–delta modulation: D stays of the order of one rounding
/// step times √p, whatever m. The diagonal is left alone: exact sums of squares replace it.
///
/// The state is read row after row, so the result depends on the order of the rows, but not on how they are cut into
/// blocks or on the instruction set.
public struct BalancedRounding: Sendable {
    /// One column.
    public struct Column: Sendable {
        let center: Double
        let inverseScale: Double
        let levels: [Double]
        let isRefinement: Bool

        /// - Parameters:
        ///   - center: subtracted from values and levels; best the mean.
        ///   - scale: divides them; best the standard deviation. Positive.
        ///   - levels: ascending; none for a column that is not rounded but whose products with the others count.
        ///   - isRefinement: whether the levels refine bases that are given with the rows.
        public init(center: Double, scale: Double, levels: [Double], isRefinement: Bool = false) {
            precondition(scale > 0 && levels.count <= 256, "at most 256 levels, positive scale")
            self.center = center
            self.inverseScale = 1 / scale
            let inverse = 1 / scale
            self.levels = levels.map { ($0 - (isRefinement ? 0 : center)) * inverse }
            self.isRefinement = isRefinement
        }
    }

    let columns: [Column]
    let stride: Int
    private let levels: [Double]
    private let levelStarts: [Int]
    private var discrepancy: [Float]
    private var scratch: [Float]

    /// No rows yet. Memory: p·(p + 1) single-precision numbers.
    public init(_ columns: [Column]) {
        self.columns = columns
        stride = (columns.count + 1 + 15) / 16 * 16
        levels = columns.flatMap(\.levels)
        var starts: [Int] = [], next = 0
        for column in columns {
            starts.append(next)
            next += column.levels.count
        }
        levelStarts = starts
        discrepancy = [Float](repeating: 0, count: columns.count * stride)
        scratch = [Float](repeating: 0, count: 11 * stride)
    }

    /// Chooses the codes of `rows` rows given column by column (entry (i, j) at i + j·rows) and updates the state.
    ///
    /// `bases` holds, for the refinement columns one after the other, `rows` numbers that their levels are added to.
    /// - Complexity: about 3·rows·p² multiply–adds.
    public mutating func round(
        _ values: Span<Double>, bases: [Double] = [], rows: Int, into codes: inout MutableSpan<UInt8>,
        kernels: Kernels = .best
    ) {
        let refinements = columns.indices.filter { columns[$0].isRefinement }
        precondition(bases.count == Kernels.extent(rows, refinements.count), "one base per row and refinement")
        precondition(values.count >= Kernels.extent(rows, columns.count), "values is too short")
        precondition(codes.count >= Kernels.extent(rows, columns.count), "codes is too short")
        unsafe levels.withUnsafeBufferPointer { levels in
            unsafe bases.withUnsafeBufferPointer { bases in
                let described = unsafe columns.indices.map { j in
                    unsafe qk_balance_column(
                        center: columns[j].center, inverse_scale: columns[j].inverseScale,
                        levels: levels.baseAddress.map { unsafe $0 + levelStarts[j] },
                        level_count: columns[j].levels.count,
                        bases: refinements.firstIndex(of: j).flatMap { r in
                            unsafe bases.baseAddress.map { unsafe $0 + r * rows }
                        })
                }
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe codes.withUnsafeMutableBufferPointer { codes in
                        unsafe kernels.table.pointee.balance(
                            rows, described, columns.count, values.baseAddress, rows, codes.baseAddress, rows,
                            &discrepancy, stride, &scratch)
                    }
                }
            }
        }
    }

    /// D_jk for column j and partner k (0 is the constant, c + 1 is column c).
    public func discrepancy(_ j: Int, partner k: Int) -> Float { discrepancy[j * stride + k] }

    /// Adds what rows coded elsewhere leave: Σ_i e_ij·t_ik (p × p, row by row, see `Kernels.errorProducts`), and Σ_i e_ij
    /// in the columns' own units.
    public mutating func add(products: [Double], errorSums: [Double]) {
        let p = columns.count
        precondition(products.count == p * p && errorSums.count == p, "one product per pair of columns")
        for j in 0..<p {
            discrepancy[j * stride] += Float(errorSums[j] * columns[j].inverseScale)
            for k in 0..<p {
                discrepancy[j * stride + k + 1] += Float((products[j * p + k] + products[k * p + j]) / 2)
            }
        }
    }
}
