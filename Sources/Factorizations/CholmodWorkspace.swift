#if SuiteSparse
    internal import CSuiteSparse
    import Matrices

    /// The owner of CHOLMOD's parameters and workspace, `cholmod_common`. The sparse factorizations are methods of it, so
    /// that it outlives every C object they allocate; what they return is plain Swift arrays.
    @safe
    struct CholmodWorkspace: ~Copyable {
        let common: UnsafeMutablePointer<cholmod_common>

        /// A workspace that prints nothing.
        init() throws(FactorizationError) {
            unsafe common = .allocate(capacity: 1)
            unsafe common.initialize(to: cholmod_common())
            guard unsafe cholmod_l_start(common) != 0 else { throw .outOfMemory(routine: "cholmod_start") }
            unsafe common.pointee.print = 0
        }

        deinit {
            unsafe cholmod_l_finish(common)
            unsafe common.deinitialize(count: 1)
            unsafe common.deallocate()
        }

        /// Throws what CHOLMOD's status says about the last call; a warning (positive) passes.
        borrowing func check(_ routine: String, rows: Int, columns: Int) throws(FactorizationError) {
            let status = unsafe common.pointee.status
            if status >= 0 { return }
            switch status {
            case CHOLMOD_OUT_OF_MEMORY: throw .outOfMemory(routine: routine)
            case CHOLMOD_TOO_LARGE: throw .dimensionsTooLarge(routine: routine, rows: rows, columns: columns)
            default: throw .sparseLibrary(routine: routine, code: Int(status))
            }
        }

        /// A copy of a matrix in CHOLMOD's memory, unsymmetric; the caller frees it.
        borrowing func copy(_ a: SparseMatrix) throws(FactorizationError) -> UnsafeMutablePointer<cholmod_sparse> {
            let allocated = unsafe cholmod_l_allocate_sparse(
                a.rows, a.columns, a.storedCount, 1, 1, 0, CHOLMOD_REAL, common)
            guard let result = unsafe allocated else { throw .outOfMemory(routine: "cholmod_allocate_sparse") }
            unsafe result.pointee.p.assumingMemoryBound(to: Int.self).update(
                from: a.columnPointers, count: a.columns + 1)
            unsafe result.pointee.i.assumingMemoryBound(to: Int.self).update(from: a.rowIndices, count: a.storedCount)
            unsafe result.pointee.x.assumingMemoryBound(to: Double.self).update(from: a.values, count: a.storedCount)
            return unsafe result
        }

        /// A packed real CHOLMOD matrix as a Swift one; sorts the rows of its columns in place first.
        borrowing func swiftMatrix(
            _ a: UnsafeMutablePointer<cholmod_sparse>, _ routine: String
        ) throws(FactorizationError) -> SparseMatrix {
            let (rows, columns) = unsafe (a.pointee.nrow, a.pointee.ncol)
            unsafe cholmod_l_sort(a, common)
            try check(routine, rows: rows, columns: columns)
            let pointers = unsafe Self.array(a.pointee.p, Int.self, count: columns + 1)
            let count = pointers[columns]
            return SparseMatrix(
                rows: rows, columns: columns, columnPointers: pointers,
                rowIndices: unsafe Self.array(a.pointee.i, Int.self, count: count),
                values: unsafe Self.array(a.pointee.x, Double.self, count: count))
        }

        /// A copy of `count` numbers of C memory; a null pointer is the identity or nothing, an empty array.
        static func array<Number: BitwiseCopyable>(
            _ start: UnsafeMutableRawPointer?, _ type: Number.Type, count: Int
        ) -> [Number] {
            guard let start = unsafe start else { return [] }
            return unsafe Array(UnsafeBufferPointer(start: start.assumingMemoryBound(to: type), count: count))
        }
    }
#endif
