internal import CQuantizedKernels

/// What one pass over a coded column adds up: occurrences of each code and the errors e = x̂ − x.
public struct CodingSums: Sendable {
    /// How often each code occurs.
    public internal(set) var counts: [Int]
    /// Σe² over the entries of each code.
    public internal(set) var squaredErrors: [Double]
    /// Σe·(x − c).
    public internal(set) var errorProduct = 0.0
    /// Σe.
    public internal(set) var errorSum = 0.0
}

/// Count, sums and range of a block of values about a shift c.
public struct BlockMoments: Sendable {
    /// The number of values.
    public let count: Int
    /// Σ(x − c).
    public let sum: Double
    /// Σ(x − c)².
    public let sumOfSquares: Double
    /// The smallest value, +∞ where there is none.
    public let minimum: Double
    /// The largest value, −∞ where there is none.
    public let maximum: Double
}

/// The errors of a block of codes in units of the column's deviation, as single-precision numbers, column by column:
/// what the discrepancy of the block is computed from. Each column takes `stride` places, unused ones are 0.
public struct BlockErrors: Sendable {
    /// Rows of a column, a multiple of 8.
    public let stride: Int
    let columns: Int
    var errors: [Float]
    var totals: [Float]

    /// Room for a block of so many rows and columns, all of which have to be kept before anything is computed from them.
    public init(rows: Int, columns: Int) {
        stride = (rows + 7) / 8 * 8 + 16  // columns a multiple of 4096 bytes apart would share cache sets
        self.columns = columns
        errors = Self.room(rows: rows, stride: stride, columns: columns)
        totals = Self.room(rows: rows, stride: stride, columns: columns)
    }

    /// Calls `body` with the places of errors and totals from `start` on, none where it is nil.
    mutating func withPlaces(
        from start: Int?, _ body: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    ) {
        guard let start else { return body(nil, nil) }
        unsafe errors.withUnsafeMutableBufferPointer { errors in
            unsafe totals.withUnsafeMutableBufferPointer { totals in
                unsafe body(errors.baseAddress! + start, totals.baseAddress! + start)
            }
        }
    }

    /// Columns whose places behind the rows are 0 and the others not set.
    private static func room(rows: Int, stride: Int, columns: Int) -> [Float] {
        guard columns > 0 else { return [] }  // all empty arrays are one object, which is not to be written to
        return unsafe [Float](unsafeUninitializedCapacity: stride * columns) { numbers, count in
            count = stride * columns
            for j in 0..<columns { for i in rows..<stride { unsafe numbers[j * stride + i] = 0 } }
        }
    }
}

extension Kernels {
    /// Count, sums, smallest and largest of the values. Cost: `values.count`.
    public func moments(_ values: Span<Double>, shift: Double) -> BlockMoments {
        var sums: InlineArray<4, Double> = [0, 0, .infinity, -.infinity]
        var target = sums.mutableSpan
        unsafe values.withUnsafeBufferPointer { values in
            unsafe target.withUnsafeMutableBufferPointer { sums in
                unsafe table.pointee.moments(values.baseAddress, values.count, shift, sums.baseAddress)
            }
        }
        return BlockMoments(
            count: values.count, sum: sums[0], sumOfSquares: sums[1], minimum: sums[2], maximum: sums[3])
    }

    /// Adds w·(x_i − c)² to the size of each row i. Cost: `values.count`.
    public func addRowSizes(
        _ values: Span<Double>, center: Double, weight: Double, to sizes: inout MutableSpan<Double>
    ) {
        precondition(sizes.count >= values.count, "one size per value")
        unsafe values.withUnsafeBufferPointer { values in
            unsafe sizes.withUnsafeMutableBufferPointer { sizes in
                unsafe table.pointee.row_sizes(values.baseAddress, values.count, center, weight, sizes.baseAddress)
            }
        }
    }

    /// Adds up the errors e_i = level[code_i] + base_i − x_i of a column's codes, and keeps them for a discrepancy.
    ///
    /// - Parameters:
    ///   - values: the numbers x.
    ///   - bases: what the levels are added to; empty for none.
    ///   - codes: the codes of the levels.
    ///   - counted: the codes that occurrences and squares are counted under.
    ///   - countedLevels: how many of these there are.
    ///   - levels: 256, one for each code, whether it occurs or not.
    ///   - center: c in the sums of e·(x − c), and of the standardized numbers.
    ///   - scale: divides what is kept.
    ///   - kept: where errors and totals e + 2(x − c) of the column, both divided by the scale, are kept; without columns
    ///     nothing is.
    ///   - column: the place of the column there.
    /// - Complexity: O(n).
    public func codingErrors(
        _ values: Span<Double>, bases: Span<Double>, codes: Span<UInt8>, counted: Span<UInt8>, countedLevels: Int,
        levels: Span<Double>, center: Double, scale: Double, kept: inout BlockErrors, column: Int
    ) -> CodingSums {
        precondition(codes.count == values.count && counted.count == values.count, "one code per value")
        precondition(bases.isEmpty || bases.count == values.count, "one base per value")
        let isKept = kept.columns > 0
        precondition(!isKept || values.count <= kept.stride && column < kept.columns, "no place for the errors")
        // The kernel reads by code unchecked.
        precondition(levels.count == 256, "a level for every code")
        precondition((1...256).contains(countedLevels), "1 to 256 levels")
        var sums = CodingSums(
            counts: [Int](repeating: 0, count: countedLevels),
            squaredErrors: [Double](repeating: 0, count: countedLevels))
        var totals: InlineArray<2, Double> = [0, 0]
        var totalSpan = totals.mutableSpan
        let start = column * kept.stride
        unsafe values.withUnsafeBufferPointer { values in
            unsafe bases.withUnsafeBufferPointer { bases in
                unsafe codes.withUnsafeBufferPointer { codes in
                    unsafe counted.withUnsafeBufferPointer { counted in
                        unsafe levels.withUnsafeBufferPointer { levels in
                            unsafe kept.withPlaces(from: isKept ? start : nil) { errors, kept in
                                unsafe totalSpan.withUnsafeMutableBufferPointer { totals in
                                    unsafe table.pointee.coding_errors(
                                        values.baseAddress, bases.isEmpty ? nil : bases.baseAddress,
                                        codes.baseAddress, counted.baseAddress, values.count, levels.baseAddress,
                                        center, 1 / scale, countedLevels, &sums.counts, &sums.squaredErrors,
                                        totals.baseAddress, errors, kept)
                                }
                            }
                        }
                    }
                }
            }
        }
        sums.errorProduct = totals[0]
        sums.errorSum = totals[1]
        return sums
    }

    /// F_jk = Σ_i e_ij·t_ik over the rows of a block (p × p, row by row), for the listed columns j; 0 for others. With
    /// totals t = x + x̂, (F_jk + F_kj)/2 = Σ_i (x̂_ij·x̂_ik − x_ij·x_ik). Cost: about rows·p² multiply–adds.
    public func errorProducts(_ block: BlockErrors, listed: [Int]) -> [Double] {
        precondition(listed.allSatisfy { $0 >= 0 && $0 < block.columns }, "listed columns exist")
        var products = [Double](repeating: 0, count: block.columns * block.columns)
        unsafe table.pointee.discrepancy(
            block.stride, block.errors, block.totals, block.stride, listed, listed.count, block.columns, &products)
        return products
    }
}
