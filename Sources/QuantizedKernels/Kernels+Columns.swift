internal import CQuantizedKernels

extension Kernels {
    /// Turns rows into centred columns: columns[i + j·columnStride] = rows[i·rowStride + j] − centers[j].
    ///
    /// - Parameters:
    ///   - rows: row i in entries i·rowStride ..< i·rowStride + n.
    ///   - m: the number of rows.
    ///   - rowStride: at least n.
    ///   - centers: n numbers; their count is the number of columns. A center of 0 changes nothing.
    ///   - columns: the m numbers of column j from entry j·columnStride on; entries between columns stay as they were.
    ///   - columnStride: at least m.
    /// - Complexity: O(m·n).
    public func columns(
        ofRows rows: Span<Double>, count m: Int, rowStride: Int, centers: Span<Double>,
        into columns: inout MutableSpan<Double>, columnStride: Int
    ) {
        let n = centers.count
        precondition(rows.count >= Kernels.extent(rows: n, columnStride: rowStride, count: m), "rows is too short")
        precondition(
            columns.count >= Kernels.extent(rows: m, columnStride: columnStride, count: n), "columns is too short")
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe centers.withUnsafeBufferPointer { centers in
                unsafe columns.withUnsafeMutableBufferPointer { columns in
                    unsafe table.pointee.columns_from_f64(
                        rows.baseAddress, m, n, rowStride, centers.baseAddress, columns.baseAddress, columnStride)
                }
            }
        }
    }

    /// Turns rows of single-precision numbers into centred columns of double-precision ones, as
    /// ``columns(ofRows:count:rowStride:centers:into:columnStride:)-(Span<Double>,_,_,_,_,_)`` does: widened, then centred.
    ///
    /// - Parameters:
    ///   - rows: row i in entries i·rowStride ..< i·rowStride + n.
    ///   - m: the number of rows.
    ///   - rowStride: at least n.
    ///   - centers: n numbers; their count is the number of columns.
    ///   - columns: the m numbers of column j from entry j·columnStride on; entries between columns stay as they were.
    ///   - columnStride: at least m.
    /// - Complexity: O(m·n).
    public func columns(
        ofRows rows: Span<Float>, count m: Int, rowStride: Int, centers: Span<Double>,
        into columns: inout MutableSpan<Double>, columnStride: Int
    ) {
        let n = centers.count
        precondition(rows.count >= Kernels.extent(rows: n, columnStride: rowStride, count: m), "rows is too short")
        precondition(
            columns.count >= Kernels.extent(rows: m, columnStride: columnStride, count: n), "columns is too short")
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe centers.withUnsafeBufferPointer { centers in
                unsafe columns.withUnsafeMutableBufferPointer { columns in
                    unsafe table.pointee.columns_from_f32(
                        rows.baseAddress, m, n, rowStride, centers.baseAddress, columns.baseAddress, columnStride)
                }
            }
        }
    }
}
