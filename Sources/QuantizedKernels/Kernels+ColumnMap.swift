internal import CQuantizedKernels

/// A linear map of columns: column c_j of the result is b_j·1 + Σ_k (x_{c_k} − μ_{c_k}·1)·w_kj.
public struct ColumnMap: Sendable {
    /// c: the columns that are mapped and that the results take, each once.
    public let columns: [Int]
    /// μ, one for each column of the blocks.
    let centers: [Double]
    /// w, n × n for n columns, column-major.
    let matrix: [Double]
    /// b.
    let offsets: [Double]
    /// Whether w is upper triangular; what is below its diagonal is not read then.
    let isTriangular: Bool

    /// A map of some columns of blocks of `centers.count` columns. Without offsets these are zero.
    public init(columns: [Int], centers: [Double], matrix: [Double], offsets: [Double]? = nil, isTriangular: Bool) {
        precondition(columns.allSatisfy(centers.indices.contains), "columns of the block")
        precondition(Set(columns).count == columns.count, "every column once")
        precondition(matrix.count == columns.count * columns.count, "a square matrix for these columns")
        precondition(offsets.map { $0.count == columns.count } ?? true, "one offset per column")
        self.columns = columns
        self.centers = centers
        self.matrix = matrix
        self.offsets = offsets ?? [Double](repeating: 0, count: columns.count)
        self.isTriangular = isTriangular
    }
}

extension Kernels {
    /// Appends the listed rows (nil for all, n of them) of a block with its columns mapped: n × p, column-major. All columns of
    /// the block have to be in the map. Cost: n·p² multiply–adds, half as many where the map is triangular. Each number is
    /// the same with every set of kernels.
    ///
    /// - Parameters:
    ///   - block: k × p, column-major.
    ///   - height: k.
    public func append(
        _ block: Span<Double>, height: Int, rows: [Int]?, mappedBy map: ColumnMap, to output: inout OutputSpan<Double>
    ) {
        let count = rows?.count ?? height, p = map.columns.count
        precondition(map.centers.count == p && Self.extent(height, p) <= block.count, "a block with the map's columns")
        precondition(output.freeCapacity >= Self.extent(count, p), "room for every number")
        precondition(rows.map { $0.allSatisfy((0..<height).contains) } ?? true, "rows of the block")
        if count == 0 || p == 0 { return }
        unsafe output.withUnsafeMutableBufferPointer { target, initialized in
            unsafe block.withUnsafeBufferPointer { block in
                unsafe map.withKernelMap { map in
                    let end = unsafe target.baseAddress! + initialized
                    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: Int(QK_MAP_PANEL) * p) { scratch in
                        unsafe table.pointee.map_columns(
                            block.baseAddress, height, rows, count, map, scratch.baseAddress, end)
                    }
                }
            }
            initialized += count * p
        }
    }
}

extension ColumnMap {
    fileprivate func withKernelMap(_ body: (UnsafePointer<qk_column_map>) -> Void) {
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe centers.withUnsafeBufferPointer { centers in
                unsafe matrix.withUnsafeBufferPointer { matrix in
                    unsafe offsets.withUnsafeBufferPointer { offsets in
                        var map = unsafe qk_column_map(
                            columns: columns.baseAddress, count: columns.count, centers: centers.baseAddress,
                            matrix: matrix.baseAddress, offsets: offsets.baseAddress,
                            is_triangular: isTriangular ? 1 : 0)
                        unsafe body(&map)
                    }
                }
            }
        }
    }
}
