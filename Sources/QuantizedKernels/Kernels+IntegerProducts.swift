internal import CQuantizedKernels

/// A column of a packed matrix of integers.
public struct IntegerColumn: Sendable {
    /// The first byte of its codes.
    let start: Int
    /// The width of a code, 1 to 4.
    let bits: Int
    /// The integer of each code, padded to 16.
    let levels: InlineArray<16, Int8>

    /// - Parameters:
    ///   - start: the first byte of the codes, as ``Kernels/pack(_:bits:into:)`` makes them.
    ///   - bits: the width of a code, 1 to 4.
    ///   - levels: the integer of each code; a code without one counts as 0.
    public init(start: Int, bits: Int, levels: [Int8]) {
        precondition((1...4).contains(bits) && levels.count <= 1 << bits && start >= 0, "codes of 1 to 4 bits")
        self.start = start
        self.bits = bits
        self.levels = InlineArray { $0 < levels.count ? levels[$0] : 0 }
    }
}

extension Kernels {
    /// Adds the product of a packed matrix of integers and a vector in fixed point: y += L x.
    ///
    /// The entries of x are rounded to multiples of a power of two, the same for all, so that the largest of them keeps
    /// 46 bits: an error of at most max|x|·2⁻⁴⁶ each. The sums over (32 at a time of) the columns are exact, so they do
    /// not depend on the order of the columns or the instruction set, and adding one to y rounds twice. If an entry of x
    /// is not finite, y becomes not a number.
    ///
    /// - Parameters:
    ///   - packed: the bytes in which the columns lie.
    ///   - columns: n columns.
    ///   - rows: m.
    ///   - x: n entries.
    ///   - y: m entries.
    /// - Complexity: m·n look-ups of bytes and 3·m·n integer multiply–adds of 16 bits.
    public func multiply(
        _ packed: Span<UInt8>, columns: [IntegerColumn], rows: Int, by x: Span<Double>,
        into y: inout MutableSpan<Double>
    ) {
        precondition(x.count >= columns.count, "x is too short")
        precondition(y.count >= rows, "y is too short")
        unsafe withDescriptions(of: columns, in: packed, rows: rows) { described in
            unsafe x.withUnsafeBufferPointer { x in
                unsafe y.withUnsafeMutableBufferPointer { y in
                    unsafe table.pointee.multiply_integers(
                        described.baseAddress, described.count, rows, x.baseAddress, y.baseAddress)
                }
            }
        }
    }

    /// Adds the product of a transposed packed matrix of integers and a vector in fixed point: z += Lᵀ y, and returns
    /// Σ y, rounded in the same way.
    ///
    /// Rows are taken 2048 at a time. The entries of y among them are rounded to multiples of a power of two, so that the
    /// largest keeps 46 bits, and the sums of their products are exact; adding one to z rounds twice. If an entry of y is
    /// not finite, all of z becomes not a number.
    ///
    /// - Parameters:
    ///   - packed: the bytes in which the columns lie.
    ///   - columns: n columns.
    ///   - rows: m.
    ///   - y: m entries.
    ///   - z: n entries.
    /// - Returns: the sum of the entries of y.
    /// - Complexity: m·n look-ups of bytes and 3·m·n integer multiply–adds of 16 bits.
    public func multiplyTransposed(
        _ packed: Span<UInt8>, columns: [IntegerColumn], rows: Int, by y: Span<Double>,
        into z: inout MutableSpan<Double>
    ) -> Double {
        precondition(y.count >= rows, "y is too short")
        precondition(z.count >= columns.count, "z is too short")
        var sum = 0.0
        unsafe withDescriptions(of: columns, in: packed, rows: rows) { described in
            unsafe y.withUnsafeBufferPointer { y in
                unsafe z.withUnsafeMutableBufferPointer { z in
                    unsafe table.pointee.multiply_transposed_integers(
                        described.baseAddress, described.count, rows, y.baseAddress, z.baseAddress, &sum)
                }
            }
        }
        return sum
    }

    /// Calls `body` with the columns as the C kernels take them.
    private func withDescriptions(
        of columns: [IntegerColumn], in packed: Span<UInt8>, rows: Int,
        _ body: (UnsafeBufferPointer<qk_integer_column>) -> Void
    ) {
        for column in columns {
            precondition(
                packed.count >= column.start + Kernels.packedByteCount(count: rows, bits: column.bits),
                "packed is too short")
        }
        let levels = columns.flatMap { column in (0..<16).map { column.levels[$0] } }
        unsafe packed.withUnsafeBufferPointer { packed in
            unsafe levels.withUnsafeBufferPointer { levels in
                let described = unsafe columns.indices.map { j in
                    unsafe qk_integer_column(
                        packed: packed.baseAddress.map { unsafe $0 + columns[j].start },
                        levels: levels.baseAddress.map { unsafe $0 + 16 * j }, bits: Int32(columns[j].bits))
                }
                unsafe described.withUnsafeBufferPointer { unsafe body($0) }
            }
        }
    }
}
