import QuantizedLeastSquares
import Testing

/// Long work in a task that was cancelled ends with `cancelled`.
@Suite struct CancellationTests {
    /// Whether the work throws `cancelled` in a cancelled task.
    private func isCancelled(_ work: @escaping @Sendable () throws -> Void) async -> Bool {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            do { try work() } catch RegressionError.cancelled { return true } catch { return false }
            return false
        }
        task.cancel()
        return await task.value
    }

    private static func table() throws -> RegressionTable {
        var random = RandomNumbers(seed: 3)
        return try regressionTable(["a", "b", "y"], (0..<3).map { _ in random.gaussians(5000) })
    }

    @Test(arguments: SolverMethod.allCases)
    func onNumbers(method: SolverMethod) async {
        let cancelled = await isCancelled { _ = try LeastSquaresProblem.full(method).solve(Self.table()) }
        #expect(cancelled)
    }

    @Test(arguments: SolverMethod.allCases)
    func onCodes(method: SolverMethod) async throws {
        let data = try QuantizedRegression(quantizing: Self.table(), options: QuantizationOptions())
        var problem = LeastSquaresProblem()
        problem.method = method
        let solved = await isCancelled { [problem] in _ = try problem.solve(data) }
        let reduced = await isCancelled { _ = try CompressedRegression(data) }
        #expect(solved && reduced)
    }

    @Test func quantizing() async {
        let cancelled = await isCancelled {
            _ = try QuantizedRegression(quantizing: Self.table(), options: QuantizationOptions())
        }
        #expect(cancelled)
    }

    #if SuiteSparse
        @Test(arguments: [SolverMethod.lsqr, .lsmr, .qr])
        func sparse(method: SolverMethod) async {
            let entries = (0..<900).map { k -> (row: Int, column: Int, value: Double) in
                (row: k % 300, column: (k * 7919) % 200, value: Double(k % 13) + 1)
            }
            let a = SparseMatrix(rows: 300, columns: 200, triplets: entries)
            let b = (0..<300).map { Double($0 % 7) }
            var problem = SparseLeastSquares()
            problem.method = method
            let cancelled = await isCancelled { [problem] in _ = try problem.solve(a, [b], names: ["b"]) }
            #expect(cancelled)
        }
    #endif
}
