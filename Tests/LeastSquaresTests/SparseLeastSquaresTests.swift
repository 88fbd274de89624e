#if SuiteSparse
    import Foundation
    import QuantizedLeastSquares
    import TestSupport
    import Testing

    @Suite struct SparseLeastSquaresTests {
        /// The sparse sets of Tests/References/factorizations.json, made by factorizations.py.
        struct Reference: Decodable, Sendable, CustomTestStringConvertible {
            let name: String
            let rows, columns, rank: Int
            let residualNorm: Double
            let minimumNormSolution: [Double]
            let largest, smallest: Double
            var testDescription: String { name }
            var condition: Double { largest / smallest }

            enum CodingKeys: String, CodingKey {
                case name, rows, columns, rank
                case residualNorm = "residual_norm"
                case minimumNormSolution = "minimum_norm_solution"
                case largest = "largest_singular_value"
                case smallest = "smallest_nonzero_singular_value"
            }
        }

        private struct File: Decodable { let sparse: [Reference] }

        static let sets =
            (try? JSONDecoder().decode(
                File.self, from: Data(contentsOf: Checkout.references.appendingPathComponent("factorizations.json"))
            ).sparse) ?? []

        private func lines(_ name: String) throws -> [[Substring]] {
            let file = Checkout.datasets.appendingPathComponent("sparse/\(name).mtx")
            return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("%") }
                .map { $0.split(separator: " ") }
        }

        private func matrix(_ name: String) throws -> SparseMatrix {
            let lines = try lines(name)
            return SparseMatrix(
                rows: Int(lines[0][0])!, columns: Int(lines[0][1])!,
                triplets: lines.dropFirst().map {
                    (row: Int($0[0])! - 1, column: Int($0[1])! - 1, value: $0.count > 2 ? Double($0[2])! : 1)
                })
        }

        private func rightHandSide(_ name: String, rows m: Int) throws -> [Double] {
            if name.hasSuffix("1033") { return try lines("\(name)_rhs1").dropFirst().map { Double($0[0])! } }
            return (0..<m).map { Double(($0 * 7919) % 101 - 50) / 10 }
        }

        private func problem(_ bits: Int?, _ method: SolverMethod = .automatic) -> SparseLeastSquares {
            var problem = SparseLeastSquares()
            (problem.bits, problem.method) = (bits, method)
            return problem
        }

        private func estimates(_ solution: Solution) -> [Double] { solution.responses[0].coefficients.map(\.estimate) }

        private func distance(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).map(-).norm / max(y.norm, 1e-300) }

        @Test(arguments: sets)
        func fullPrecision(_ set: Reference) throws {
            let a = try matrix(set.name), b = try rightHandSide(set.name, rows: a.rows)
            let qr = try problem(nil).solve(a, [b], names: ["b"])
            #expect(qr.method == .qr && qr.rank == set.rank && qr.choice?.rule == .sparseFull)
            #expect(distance(estimates(qr), set.minimumNormSolution) < 1e-10)
            for method in [SolverMethod.lsqr, .lsmr] where set.condition < 1000 {
                let solution = try problem(nil, method).solve(a, [b], names: ["b"])
                #expect(distance(estimates(solution), set.minimumNormSolution) < 1e-9)
                #expect(solution.iteration != nil)
            }
            if set.rank == set.columns {
                let normal = try problem(nil, .normal).solve(a, [b], names: ["b"])
                #expect(distance(estimates(normal), set.minimumNormSolution) < 1e-10)
                #expect(qr.conditionNumber > 1 && abs(normal.conditionNumber / qr.conditionNumber - 1) < 1e-4)
            } else {
                #expect(throws: RegressionError.self) { try problem(nil, .normal).solve(a, [b], names: ["b"]) }
            }
        }

        /// SPQR, CHOLMOD and LSMR on codes agree, and q is predicted.
        @Test(arguments: ["well1033", "ash219", "ch5-5-b1", "rel4", "lpi_galenet"], [4, 8])
        func codes(_ name: String, bits: Int) throws {
            let a = try matrix(name), b = try rightHandSide(name, rows: a.rows)
            let qr = try problem(bits, .qr).solve(a, [b], names: ["b"])
            let lsmr = try problem(bits, .lsmr).solve(a, [b], names: ["b"])
            #expect(distance(estimates(lsmr), estimates(qr)) < 1e-7)
            var automatic = problem(bits)
            automatic.reference = true
            let solution = try automatic.solve(a, [b], names: ["b"])
            #expect(distance(estimates(solution), estimates(qr)) < 1e-9)
            let measured = solution.responses[0].reference?.errorRatio
            if let worst = solution.responses[0].worstCaseErrorRatio { #expect(worst >= (measured ?? 0)) }
            if name == "well1033" {
                // At 4 bits its residuals are a ten thousandth of what the codes leave: nothing is predicted.
                let predicted = solution.responses[0].predictedErrorRatio
                #expect((predicted == nil) == (bits == 4))
                if let predicted { #expect((measured ?? 0) < 1.5 * predicted && (measured ?? 0) > predicted / 1.5) }
            } else {
                // Few distinct values: exact.
                #expect((measured ?? 0) < 1e-9)
            }
        }

        /// Nearly equal numbers of a column err alike: taken as independent, 0.58 of this error is predicted.
        @Test func nearlyEqualNumbersErrAlike() throws {
            let a = try matrix("well1033"), b = try rightHandSide("well1033", rows: a.rows)
            var problem = problem(8)
            problem.reference = true
            let response = try problem.solve(a, [b], names: ["b"]).responses[0]
            let measured = try #require(response.reference?.errorRatio)
            let predicted = try #require(response.predictedErrorRatio)
            #expect((0.75...1.4).contains(predicted / measured), "predicted \(predicted), measured \(measured)")
            #expect(try #require(response.predictedErrorRatioInterval).contains(measured))
        }

        /// Columns of two numbers, eight times each: taken as independent, errors would be predicted at less than half.
        @Test func repeatedNumbersErrAlike() throws {
            var measured = 0.0, predicted = 0.0
            for seed in 1...10 {
                var random = RandomNumbers(seed: UInt64(seed)), entries: [(row: Int, column: Int, value: Double)] = []
                for j in 0..<20 {
                    let pair = [random.gaussian(), random.gaussian()]
                    let rows = Array(0..<200).shuffled(using: &random).prefix(16)
                    for (k, i) in rows.enumerated() { entries.append((row: i, column: j, value: pair[k % 2])) }
                }
                var problem = SparseLeastSquares()
                problem.bits = 3
                problem.reference = true
                let matrix = SparseMatrix(rows: 200, columns: 20, triplets: entries)
                let b = zip(matrix.multiply(random.gaussians(20)), random.gaussians(200)).map { $0 + $1 }
                let response = try problem.solve(matrix, [b], names: ["b"]).responses[0]
                let q = try #require(response.reference?.errorRatio), p = try #require(response.predictedErrorRatio)
                (measured, predicted) = (measured + q * q, predicted + p * p)
            }
            let ratio = (predicted / measured).squareRoot()
            #expect((0.75...1.35).contains(ratio), "predicted/measured \(ratio)")
        }

        /// The sampling errors of the dense regression on the same numbers.
        @Test func standardErrors() throws {
            var random = RandomNumbers(seed: 2)
            let columns = (0..<4).map { _ in (0..<50).map { _ in random.uniform() < 0.5 ? 0 : random.gaussian() } }
            let y = random.gaussians(50)
            let dense = try LeastSquaresProblem.full(.qr, intercept: false).solve(
                regressionTable(["a", "b", "c", "d", "y"], columns + [y]))
            let a = SparseMatrix(DenseMatrix(rows: 50, columns: 4, elements: columns.flatMap(\.self)))
            let sparse = try problem(nil).solve(a, [y], names: ["y"])
            for (x, z) in zip(sparse.responses[0].coefficients, dense.responses[0].coefficients) {
                #expect(abs(x.estimate - z.estimate) < 1e-12)
                #expect(abs((x.standardError ?? 0) / (z.standardError ?? 1) - 1) < 1e-10)
            }
            #expect(abs(sparse.conditionNumber / dense.conditionNumber - 1) < 0.1)
            let s = sparse.responses[0].rSquared ?? 0, d = dense.responses[0].rSquared ?? 1
            #expect(abs(s - d) < 1e-12)
        }

        @Test func badInput() {
            let a = SparseMatrix(rows: 2, columns: 1, triplets: [(row: 0, column: 0, value: 1)])
            #expect(throws: RegressionError.self) { try problem(nil).solve(a, [[1, 2, 3]], names: ["b"]) }
            #expect(throws: RegressionError.self) { try problem(nil).solve(a, [[1, .nan]], names: ["b"]) }
            let nan = SparseMatrix(rows: 1, columns: 1, triplets: [(row: 0, column: 0, value: .infinity)])
            #expect(throws: RegressionError.self) { try problem(4).solve(nan, [[1]], names: ["b"]) }
            let empty = SparseMatrix(rows: 0, columns: 1, triplets: [])
            #expect(throws: RegressionError.self) { try problem(nil).solve(empty, [[]], names: ["b"]) }
        }

        /// A column in other units changes its coefficient by them and nothing else; magnitudes whose products leave double
        /// precision are refused.
        @Test(arguments: [SolverMethod.qr, .normal, .lsqr, .lsmr]) func columnScales(method: SolverMethod) throws {
            let sparse = try matrix("well1033"), b = (0..<sparse.rows).map { sin(Double($0)) }
            func solve(_ factor: Double) throws -> [Double] {
                var scaled = DenseMatrix(
                    rows: sparse.rows, columns: sparse.columns,
                    elements: (0..<sparse.columns).flatMap { sparse.column($0) })
                for i in 0..<sparse.rows { scaled[i, 3] *= factor }
                var problem = SparseLeastSquares()
                (problem.bits, problem.method) = (nil, method)
                return try problem.solve(SparseMatrix(scaled), [b], names: ["b"]).responses[0].coefficients
                    .map(\.estimate)
            }
            let plain = try solve(1), size = plain.map(abs).max()!
            for factor in [1e-16, 1e16] {
                for (j, (found, expected)) in zip(try solve(factor), plain).enumerated() {
                    #expect(abs((j == 3 ? found * factor : found) - expected) < 1e-7 * size, "\(factor), column \(j)")
                }
            }
            for factor in [1e-90, 1e300] {
                #expect(throws: RegressionError.self) { _ = try solve(factor) }
            }
        }

        /// a, a + ε·b, b: rank 2 for SPQR too, which sees rounding errors far above its tolerance in the third.
        @Test(arguments: [1e-2, 1e-4, 1e-5, 1e-7]) func differenceOfNearlyEqualColumns(epsilon: Double) throws {
            var random = RandomNumbers(seed: 64)
            let a = random.gaussians(30), b = random.gaussians(30), y = random.gaussians(30)
            let design = DenseMatrix(rows: 30, columns: 3, elements: a + zip(a, b).map { $0 + epsilon * $1 } + b)
            var problem = SparseLeastSquares()
            problem.bits = nil
            let solution = try problem.solve(SparseMatrix(design), [y], names: ["y"])
            let plain = DenseMatrix(rows: 30, columns: 2, elements: a + b)
            let two = try problem.solve(SparseMatrix(plain), [y], names: ["y"]).responses[0]
            #expect(solution.rank == 2)
            let expected = try #require(two.residualNorm)
            #expect(abs(try #require(solution.responses[0].residualNorm) - expected) < 1e-6 * expected)
        }

        /// Units so far apart that the solution of least norm fails: a basic one, which fits, with a warning.
        @Test func unitsFarApart() throws {
            let design = DenseMatrix(
                rows: 3, columns: 3, elements: [1e-12, 2e-12, 4e-12, 1e12, 3e12, -2e12, 1e-12, 2e-12, 4e-12])
            var problem = SparseLeastSquares()
            problem.bits = nil
            let solution = try problem.solve(SparseMatrix(design), [[1, 2, 5]], names: ["y"])
            // numpy.linalg.lstsq of the columns (1, 2, 4) and (1, 3, −2).
            #expect(abs(try #require(solution.responses[0].residualNorm) - 0.0584206237837) < 1e-8)
            #expect(solution.rank == 2 && solution.warnings.contains { $0.contains("basic") })
        }

        /// Noise far below the errors of the codes: how large residuals are is unknown, and q.
        @Test(arguments: [0, 1e-6, 1]) func lowNoise(noise: Double) throws {
            var random = RandomNumbers(seed: 65)
            let design = DenseMatrix(rows: 200, columns: 10, elements: random.gaussians(2000))
            let b = (0..<200).map { i in
                (0..<10).reduce(noise * random.gaussian()) { $0 + design[i, $1] }
            }
            var problem = SparseLeastSquares()
            problem.reference = true
            let response = try problem.solve(SparseMatrix(design), [b], names: ["b"]).responses[0]
            if noise < 1 {
                #expect(response.predictedErrorRatio == nil && response.residualStandardDeviation == nil)
            } else {
                let measured = try #require(response.reference?.errorRatio)
                let predicted = try #require(response.predictedErrorRatio)
                #expect(predicted > measured / 2 && predicted < 2 * measured)
            }
        }

        @Test func zeroMatrix() throws {
            let a = SparseMatrix(rows: 3, columns: 2, triplets: [])
            for bits in [nil, 4] {
                let solution = try problem(bits).solve(a, [[1, 2, 3]], names: ["b"])
                #expect(solution.rank == 0 && estimates(solution) == [0, 0])
            }
        }
    }
#endif
