import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

@testable import LeastSquares

/// Bounds of the worst case against numbers moved inside the cells of their codes, at random and against the solution, and
/// against the truth on data sets.
@Suite struct WorstCaseBoundTests {
    /// The problems that have a bound.
    enum Problem: String, CaseIterable {
        case ordinary, ridge, constrained, bounded

        static let penalty = 12.0
        static let constraints = DenseMatrix(rows: 2, columns: 4, elements: [1, 0, 1, 1, 0, 2, 0, -1])
        static let equal = [0.5, 0.25]

        /// The solution.
        func solve(_ a: DenseMatrix, _ b: [Double]) throws -> [Double] {
            switch self {
            case .ordinary: return try QRFactorization(a).leastSquares(b)
            case .ridge:
                var rows = DenseMatrix(rows: a.rows + 4, columns: 4)
                for j in 0..<4 {
                    for i in 0..<a.rows { rows[i, j] = a[i, j] }
                    rows[a.rows + j, j] = Self.penalty.squareRoot()
                }
                return try QRFactorization(rows).leastSquares(b + [0, 0, 0, 0])
            case .constrained:
                return try ConstrainedLeastSquares(a, b, constraints: Self.constraints, equal: Self.equal).solution
            case .bounded:
                let limits = [Double](repeating: .infinity, count: 4)
                return try BoundedLeastSquares(a, b, lower: [0, 0, 0, 0], upper: limits).solution
            }
        }

        /// The bound for x, any point that the problem allows; columns are the predictors and the response.
        func bound(_ columns: DenseMatrix, errors: [Double], _ x: [Double]) throws -> Double? {
            let gram = BLAS.multiply(columns, transposed: true, columns), v = x.map { -$0 } + [1]
            var directions = DenseMatrix(rows: 5, columns: 4)
            for j in 0..<4 { directions[j, j] = 1 }
            if self == .constrained {
                let a = columns.selectingColumns([0, 1, 2, 3])
                let free = try ConstrainedLeastSquares(
                    a, columns.column(4), constraints: Self.constraints, equal: Self.equal
                ).nullSpace
                directions = BLAS.multiply(directions, free)
            }
            let penalties = self == .ridge ? [Double](repeating: Self.penalty, count: 4) : []
            guard
                let bound = WorstCaseBound(gram: gram, errors: errors, directions: directions, penalties: penalties)
            else { return nil }
            var gradient = bound.gradient(residual: v)
            if self == .ridge { for j in 0..<4 { gradient[j] -= Self.penalty * x[j] } }
            if self == .bounded { for j in 0..<4 where x[j] == 0 { gradient[j] = max(0, gradient[j]) } }
            return bound.norm(residual: v, gradient: gradient)
        }
    }

    /// Collinear columns and a response on a grid of cells.
    struct Cells {
        var columns: DenseMatrix
        let widths = [0.05, 0.1, 0.02, 0.05, 0.1]

        init(random: inout RandomNumbers, rows: Int = 40) {
            columns = DenseMatrix(rows: rows, columns: 5)
            for i in 0..<rows {
                let common = random.gaussian()
                let a = (0..<4).map { _ in common + 0.7 * random.gaussian() }
                let y = a[0] - 0.5 * a[1] + 0.02 * a[2] + 0.3 * a[3] + 0.5 * random.gaussian()
                for (j, value) in (a + [y]).enumerated() {
                    columns[i, j] = (value / widths[j]).rounded() * widths[j]
                }
            }
        }

        /// The numbers for errors given in half widths.
        func numbers(_ errors: DenseMatrix) -> DenseMatrix {
            var result = columns
            for j in 0..<5 {
                for i in 0..<columns.rows { result[i, j] -= errors[i, j] * widths[j] / 2 }
            }
            return result
        }

        func norms(_ errors: DenseMatrix) -> [Double] { (0..<5).map { errors.column($0).norm * widths[$0] / 2 } }
    }

    static let predictors = [0, 1, 2, 3]

    /// ‖A(x̂ − x)‖, A(x̂ − x), x̂ − x and b − Ax.
    static func moved(
        _ problem: Problem, _ numbers: DenseMatrix, _ solution: [Double]
    ) throws -> (norm: Double, fit: [Double], change: [Double], residual: [Double], x: [Double]) {
        let a = numbers.selectingColumns(predictors), b = numbers.column(4)
        let x = try problem.solve(a, b), change = zip(solution, x).map(-)
        let fit = BLAS.multiply(a, change)
        return (fit.norm, fit, change, zip(b, BLAS.multiply(a, x)).map(-), x)
    }

    /// The errors that move a solution most, by the signs of their first-order effects on the direction it moves in.
    static func adversary(_ problem: Problem, _ cells: Cells, _ solution: [Double], _ start: DenseMatrix) throws
        -> DenseMatrix
    {
        var errors = start
        for _ in 0..<8 {
            let moved = try moved(problem, cells.numbers(errors), solution)
            guard moved.norm > 0 else { break }
            for i in 0..<errors.rows {
                for j in predictors {
                    let effect = moved.residual[i] * moved.change[j] - moved.fit[i] * moved.x[j]
                    errors[i, j] = effect < 0 ? -1 : 1
                }
                errors[i, 4] = moved.fit[i] < 0 ? -1 : 1
            }
        }
        return errors
    }

    @Test(arguments: Problem.allCases) func insideTheCells(problem: Problem) throws {
        var random = RandomNumbers(seed: 11)
        var factors: [Double] = [], adversarial: [Double] = [], switches = 0, tables = 0
        for _ in 0..<40 {
            let cells = Cells(random: &random)
            // A solution of the codes, or one that was corrected: any point that is allowed.
            let plain = try problem.solve(cells.columns.selectingColumns(Self.predictors), cells.columns.column(4))
            var corrected = plain
            if problem != .constrained {
                for j in 0..<4 where plain[j] != 0 { corrected[j] *= 1 + 0.02 * random.gaussian() }
            }
            for (q, solution) in [plain, corrected].enumerated() {
                for draw in 0..<10 {
                    var errors = cells.columns
                    for p in errors.elements.indices { errors.elements[p] = 2 * random.uniform() - 1 }
                    if draw >= 5 { errors = try Self.adversary(problem, cells, solution, errors) }
                    let truth = try Self.moved(problem, cells.numbers(errors), solution)
                    guard let bound = try problem.bound(cells.columns, errors: cells.norms(errors), solution) else {
                        continue
                    }
                    tables += 1
                    #expect(bound >= truth.norm, "\(problem), draw \(draw): \(bound) below \(truth.norm)")
                    if q == 0, draw < 5 { factors.append(bound / truth.norm) }
                    if q == 0, draw >= 5 { adversarial.append(bound / truth.norm) }
                    if zip(solution, truth.x).contains(where: { ($0 == 0) != ($1 == 0) }) { switches += 1 }
                }
            }
        }
        let median = factors.sorted()[factors.count / 2], hardest = adversarial.sorted()[adversarial.count / 2]
        #expect(tables >= 600)
        #expect(median < 20, "\(problem): \(median) times what random errors do")
        #expect(hardest < 3, "\(problem): \(hardest) times the worst errors that were found")
        if problem == .bounded { #expect(switches > 20, "the set of coefficients at a bound changes") }
    }

    // MARK: Data sets

    /// Weights, penalties, constraints and bounds on codes: no bound is below what is measured, and 8 bits give one.
    @Test(arguments: [Quantizer.balanced, .optimal, .stochastic], [TransformChoice.none, .decorrelate])
    func problemsOnCodes(quantizer: Quantizer, transform: TransformChoice) throws {
        let table = try ProblemKindTests.table()
        let constraint = try LinearConstraints(
            names: ["a", "b", "c"], matrix: DenseMatrix(rows: 1, columns: 3, elements: [1, 1, 1]), rightHandSide: [1])
        let kinds: [ProblemKind] = [
            .ordinary, .ridge(RidgePenalty([5])), .constrained(constraint), .bounded(.nonnegative),
        ]
        for bits in [3, 4, 6, 8] {
            for kind in kinds {
                var problem = LeastSquaresProblem.quantized(bits: bits, quantizer: quantizer, transform: transform)
                problem.kind = kind
                try Self.check(problem.solve(table), isFinite: bits == 8, "\(kind), \(bits) bits")
                guard quantizer != .stochastic else { continue }
                for weights in [WeightKind.analytic, .frequency] {
                    let weighted = try ProblemKindTests.weighted(weights, intercept: true)
                    try Self.check(problem.solve(weighted), isFinite: bits == 8, "\(weights) \(kind), \(bits) bits")
                }
            }
        }
    }

    static func check(_ solution: Solution, isFinite: Bool, _ label: String) throws {
        let fit = solution.responses[0], measured = try #require(fit.reference?.errorRatio)
        if isFinite { #expect(fit.worstCaseErrorRatio != nil, "\(label): no bound") }
        // Below that both are rounding, of which only the order of magnitude is known.
        guard measured > 1e-9, let bound = fit.worstCaseErrorRatio else { return }
        #expect(bound >= measured, "\(label): \(bound) is below \(measured)")
    }
}
