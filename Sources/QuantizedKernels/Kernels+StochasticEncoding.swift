internal import CQuantizedKernels

extension Kernels {
    /// Encodes values by stochastic rounding: a value x between neighbouring levels l and u gets the code of u with
    /// probability (x − l)/(u − l), so that E[x̂ | x] = x; beyond the ends, the code of the end level.
    ///
    /// A value equal to a level keeps it, and NaN gets code 0. The draw for an entry is a function of `start` and its
    /// index `first` + i alone, whatever the blocks, the threads and the instruction set: draw d is half d mod 2 (the low
    /// one first) of number ⌊d/2⌋ of SplitMix64 (Steele, Lea and Flood 2014) from the state `start`, over 2³², and the
    /// value goes up where draw·(u − l) < x − l.
    ///
    /// - Parameters:
    ///   - values: the n values.
    ///   - levels: 1 to 256, strictly ascending, neighbours a finite distance apart.
    ///   - start: the state that the stream of draws starts from; another for each column.
    ///   - first: the index of the first value in the stream, for instance its row.
    ///   - codes: the first n are written.
    /// - Complexity: O(n log K) for K levels.
    public func encodeStochastically(
        _ values: Span<Double>, levels: Span<Double>, start: UInt64, first: Int, into codes: inout MutableSpan<UInt8>
    ) {
        precondition(codes.count >= values.count, "codes is too short")
        precondition((1...256).contains(levels.count), "there are 1 to 256 levels")
        precondition(first >= 0, "indices are not negative")
        unsafe values.withUnsafeBufferPointer { values in
            unsafe levels.withUnsafeBufferPointer { levels in
                unsafe codes.withUnsafeMutableBufferPointer { codes in
                    unsafe table.pointee.encode_stochastic(
                        values.baseAddress, values.count, levels.baseAddress, levels.count, start, UInt64(first),
                        codes.baseAddress)
                }
            }
        }
    }
}
