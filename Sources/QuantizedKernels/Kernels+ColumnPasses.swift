internal import CQuantizedKernels

/// What passes over coded columns add up, each column by itself: occurrences of each code and the errors e = x̂ − x.
public struct CodingSums: Sendable {
    /// Where the codes of each column begin in `counts` and `squaredErrors`, and their end.
    private let starts: [Int]
    /// How often each code occurs, column after column.
    public internal(set) var counts: [Int]
    /// Σe² over the entries of each code, likewise.
    public internal(set) var squaredErrors: [Double]
    /// Σe·(x − c) of each column.
    public internal(set) var errorProducts: [Double]
    /// Σe of each column.
    public internal(set) var errorSums: [Double]

    /// Nothing added yet; `starts` says where the 1 to 256 codes of each column begin, and where those of the last end.
    public init(starts: [Int]) {
        precondition(zip(starts, starts.dropFirst()).allSatisfy { (1...256).contains($1 - $0) }, "1 to 256 codes each")
        self.starts = starts
        counts = [Int](repeating: 0, count: starts.last ?? 0)
        squaredErrors = [Double](repeating: 0, count: starts.last ?? 0)
        errorProducts = [Double](repeating: 0, count: max(0, starts.count - 1))
        errorSums = errorProducts
    }

    /// The places of a column's codes.
    public func codes(of column: Int) -> Range<Int> { starts[column]..<starts[column + 1] }
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

extension CodingSums {
    /// Calls `body` with the places of counts and squares of some codes.
    fileprivate mutating func withPlaces(
        of codes: Range<Int>, _ body: (UnsafeMutablePointer<Int>, UnsafeMutablePointer<Double>) -> Void
    ) {
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe squaredErrors.withUnsafeMutableBufferPointer { squares in
                unsafe body(counts.baseAddress! + codes.lowerBound, squares.baseAddress! + codes.lowerBound)
            }
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
    ///   - counted: the codes that occurrences and squares are counted under, each below the column's number of codes in
    ///     `sums`.
    ///   - levels: 256, one for each code, whether it occurs or not.
    ///   - center: c in the sums of e·(x − c), and of the standardized numbers.
    ///   - scale: divides what is kept.
    ///   - kept: where errors and totals e + 2(x − c) of the column, both divided by the scale, are kept; without columns
    ///     nothing is.
    ///   - sums: what the column's sums are added to.
    ///   - column: the place of the column in `kept` and `sums`.
    /// - Complexity: O(n).
    public func codingErrors(
        _ values: Span<Double>, bases: Span<Double>, codes: Span<UInt8>, counted: Span<UInt8>, levels: Span<Double>,
        center: Double, scale: Double, kept: inout BlockErrors, sums: inout CodingSums, column: Int
    ) {
        precondition(codes.count == values.count && counted.count == values.count, "one code per value")
        precondition(bases.isEmpty || bases.count == values.count, "one base per value")
        let isKept = kept.columns > 0
        precondition(!isKept || values.count <= kept.stride && column < kept.columns, "no place for the errors")
        // The kernel reads by code unchecked.
        precondition(levels.count == 256, "a level for every code")
        let places = sums.codes(of: column)
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
                                    unsafe sums.withPlaces(of: places) { counts, squares in
                                        unsafe table.pointee.coding_errors(
                                            values.baseAddress, bases.isEmpty ? nil : bases.baseAddress,
                                            codes.baseAddress, counted.baseAddress, values.count, levels.baseAddress,
                                            center, 1 / scale, places.count, counts, squares, totals.baseAddress,
                                            errors, kept)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        sums.errorProducts[column] += totals[0]
        sums.errorSums[column] += totals[1]
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
