#if SuiteSparse
    import QuantizedLeastSquares
    import TestSupport
    import Testing

    @testable import LeastSquares

    /// The bound of sparse systems against entries moved inside their cells.
    @Suite struct SparseWorstCaseTests {
        static let width = 0.02

        /// Three entries a row near a band, on a grid of cells.
        private func matrix(_ random: inout RandomNumbers, rows: Int = 300, columns: Int = 50) -> SparseMatrix {
            var entries: [(row: Int, column: Int, value: Double)] = []
            for i in 0..<rows {
                let first = i * columns / rows
                for j in Set([first, (first + 1) % columns, Int(random.next() % UInt64(columns))]) {
                    entries.append((row: i, column: j, value: (random.gaussian() / Self.width).rounded() * Self.width))
                }
            }
            return SparseMatrix(rows: rows, columns: columns, triplets: entries)
        }

        private func moved(_ matrix: SparseMatrix, by errors: [Double]) -> SparseMatrix {
            SparseMatrix(
                rows: matrix.rows, columns: matrix.columns, columnPointers: matrix.columnPointers,
                rowIndices: matrix.rowIndices, values: zip(matrix.values, errors).map { $0 - $1 * Self.width / 2 })
        }

        private func squares(_ matrix: SparseMatrix, _ errors: [Double]) -> [Double] {
            (0..<matrix.columns).map { j in
                (matrix.columnPointers[j]..<matrix.columnPointers[j + 1]).reduce(0) { sum, p in
                    sum + errors[p] * errors[p] * Self.width * Self.width / 4
                }
            }
        }

        /// The errors that move the solution most, as in `WorstCaseBoundTests`.
        private func adversary(_ matrix: SparseMatrix, _ b: [Double], _ x: [Double], _ start: [Double]) throws
            -> [Double]
        {
            var errors = start
            for _ in 0..<6 {
                let a = moved(matrix, by: errors)
                let truth = try SparseQR(a).minimumNormSolution(b), change = zip(x, truth).map(-)
                let fit = a.multiply(change), residual = zip(b, a.multiply(truth)).map(-)
                for j in 0..<matrix.columns {
                    for p in matrix.columnPointers[j]..<matrix.columnPointers[j + 1] {
                        let i = matrix.rowIndices[p]
                        errors[p] = residual[i] * change[j] - fit[i] * truth[j] < 0 ? -1 : 1
                    }
                }
            }
            return errors
        }

        @Test func insideTheCells() throws {
            var random = RandomNumbers(seed: 3), factors: [Double] = [], adversarial: [Double] = []
            for _ in 0..<8 {
                let matrix = matrix(&random)
                let b = zip(matrix.multiply(random.gaussians(50)), random.gaussians(300)).map { $0 + $1 }
                let x = try SparseQR(matrix).minimumNormSolution(b)
                let residual = zip(b, matrix.multiply(x)).map(-)
                for draw in 0..<8 {
                    var errors = matrix.values.map { _ in 2 * random.uniform() - 1 }
                    if draw >= 4 { errors = try adversary(matrix, b, x, errors) }
                    let a = moved(matrix, by: errors)
                    let truth = a.multiply(zip(x, try SparseQR(a).minimumNormSolution(b)).map(-)).norm
                    let worst = try #require(SparseWorstCase(matrix, squaredErrors: squares(matrix, errors)))
                    let bound = worst.norm(x, residual: residual)
                    #expect(bound >= truth, "\(bound) is below \(truth)")
                    if draw < 4 { factors.append(bound / truth) } else { adversarial.append(bound / truth) }
                }
            }
            let median = factors.sorted()[factors.count / 2], hardest = adversarial.sorted()[adversarial.count / 2]
            #expect(median < 30, "\(median) times what random errors do")
            #expect(hardest < 5, "\(hardest) times the worst errors that were found")
        }

        /// Every method on codes has the bound; a factor that could take more than the limit leaves none.
        @Test(arguments: [SolverMethod.qr, .normal, .lsmr, .lsqr]) func onCodes(method: SolverMethod) throws {
            var random = RandomNumbers(seed: 9), entries: [(row: Int, column: Int, value: Double)] = []
            for i in 0..<400 {
                for _ in 0..<3 { entries.append((row: i, column: Int(random.next() % 40), value: random.gaussian())) }
            }
            let a = SparseMatrix(rows: 400, columns: 40, triplets: entries), b = random.gaussians(400)
            var problem = SparseLeastSquares()
            (problem.bits, problem.method, problem.reference) = (8, method, true)
            let response = try problem.solve(a, [b], names: ["b"]).responses[0]
            let worst = try #require(response.worstCaseErrorRatio)
            #expect(worst >= (try #require(response.reference?.errorRatio)))
            problem.factorLimit = 0
            #expect(try problem.solve(a, [b], names: ["b"]).responses[0].worstCaseErrorRatio == nil)
        }
    }
#endif
