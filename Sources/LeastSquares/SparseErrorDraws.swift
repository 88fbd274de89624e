#if SuiteSparse
    import Matrices
    import QuantizedMatrices
    import Quantizers

    /// Random errors of the entries of a quantized sparse matrix, as far as its codes tell them.
    ///
    /// Each entry errs by the root mean square v of its column. Numbers that are nearly equal err alike; which of the entries
    /// with the same code do the codes do not tell, but how many on average, D_j (`errorRepeats`). Entries of a column with
    /// the same code therefore have errors √v·(√ρ·s + √(1 − ρ)·s′), s a sign of the code, s′ of the entry, and
    /// ρ = (D_j − 1)/(K_j − 1), K_j the mean number of entries with the same code.
    struct SparseErrorDraws {
        private let pointers: [Int]
        /// Of each entry the number of its code among those of its column.
        private let groups: [Int]
        /// √(v·ρ) and √(v·(1 − ρ)) of each column.
        private let deviations: [(common: Double, own: Double)]

        init(_ codes: QuantizedSparseMatrix, decoded matrix: SparseMatrix) {
            pointers = matrix.columnPointers
            var groups = [Int](repeating: 0, count: matrix.storedCount)
            var deviations: [(Double, Double)] = []
            let squares = codes.squaredErrors, repeats = codes.errorRepeats
            for j in 0..<matrix.columns {
                let entries = pointers[j]..<pointers[j + 1]
                let order = entries.sorted { matrix.values[$0] < matrix.values[$1] }
                var group = 0, size = 0, pairs = 0
                for (q, p) in order.enumerated() {
                    if q > 0, matrix.values[p] != matrix.values[order[q - 1]] {
                        (pairs, size, group) = (pairs + size * size, 0, group + 1)
                    }
                    size += 1
                    groups[p] = group
                }
                let count = Double(max(1, entries.count)), alike = Double(pairs + size * size) / count
                let rho = alike > 1 ? min(1, (repeats[j] - 1) / (alike - 1)) : 0
                deviations.append(
                    ((squares[j] / count * rho).squareRoot(), (squares[j] / count * (1 - rho)).squareRoot()))
            }
            (self.groups, self.deviations) = (groups, deviations)
        }

        /// Calls `body` with each entry that errs, its column and a drawn error. Cost: the number of entries.
        func forEachEntry(_ generator: inout SplitMix64, _ body: (_ entry: Int, _ column: Int, _ error: Double) -> Void)
        {
            func sign() -> Double { generator.next() >> 63 == 0 ? 1 : -1 }
            for (j, deviation) in deviations.enumerated() where deviation.common + deviation.own > 0 {
                let entries = pointers[j]..<pointers[j + 1]
                let last = entries.reduce(0) { max($0, groups[$1]) }
                let common = (0...last).map { _ in sign() * deviation.common }
                for p in entries { body(p, j, common[groups[p]] + deviation.own * sign()) }
            }
        }
    }
#endif
