import Factorizations
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct IterativeTests {
    /// Tests/References/iterative.json, made by iterative.py beside it.
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        struct Found: Decodable, Sendable { let iterations: Int, residualNorm: Double, error: Double }
        let name: String
        let damping, tolerance: Double
        let solution: [Double]
        let lsqr, lsmr: Found
        var testDescription: String { "\(name), damping \(damping), tolerance \(tolerance)" }
    }

    static let cases: [Case] =
        (try? JSONDecoder().decode(
            [Case].self, from: Data(contentsOf: Checkout.references.appendingPathComponent("iterative.json")))) ?? []

    @Test func referencesAreThere() { #expect(Self.cases.count == 20) }

    private static func error(_ x: [Double], _ expected: [Double]) -> Double { zip(x, expected).map(-).norm }

    /// scipy's own iterations to a twentieth (rounding moves the last of them), and its accuracy at least.
    @Test(arguments: cases)
    func agreesWithScipy(_ reference: Case) throws {
        let a = try sparseDataset(reference.name)
        let b = try rightHandSide(reference.name, rows: a.rows)
        var options = IterationOptions()
        options.damping = reference.damping
        options.matrixTolerance = reference.tolerance
        options.rightHandSideTolerance = reference.tolerance
        options.iterationLimit = 10 * a.columns
        let found = [
            (LSQR.solve(a, b, options: options), reference.lsqr), (LSMR.solve(a, b, options: options), reference.lsmr),
        ]
        for (solution, scipy) in found {
            #expect(solution.reason.hasConverged)
            #expect(abs(Double(solution.iterations - scipy.iterations)) <= 3 + 0.05 * Double(scipy.iterations))
            let scale = reference.solution.norm
            #expect(Self.error(solution.x, reference.solution) <= 3 * scipy.error + 1e-13 * scale)
            let residual = zip(b, a.multiply(solution.x)).map(-).norm
            #expect(abs(solution.residualNorm - residual) <= 1e-12 * b.norm)
        }
    }

    /// Wide: the solution of least norm, x = Aᵀ(AAᵀ)⁻¹b for A = (1 2 2), b = 9: (1, 2, 2).
    @Test func leastNorm() {
        let a = DenseMatrix([[1, 2, 2]])
        for solution in [LSQR.solve(a, [9]), LSMR.solve(a, [9])] {
            #expect(solution.reason == .consistent)
            #expect(Self.error(solution.x, [1, 2, 2]) < 1e-14)
        }
    }

    /// A line through (0, 1), (1, 3), (2, 4), (3, 4): intercept 1.5, slope 1; residual norm √1.
    @Test func aLine() {
        let a = DenseMatrix([[1, 0], [1, 1], [1, 2], [1, 3]])
        for solution in [LSQR.solve(a, [1, 3, 4, 4]), LSMR.solve(a, [1, 3, 4, 4])] {
            #expect(solution.reason == .leastSquares)
            #expect(Self.error(solution.x, [1.5, 1]) < 1e-13)
            #expect(abs(solution.residualNorm - 1) < 1e-14 && solution.gradientNorm < 1e-13)
            #expect(solution.iterations <= 3)
        }
    }

    @Test func zeroGradientZeroMatrixAndEmpty() {
        let a = DenseMatrix([[1, 1], [1, 1], [0, 0]])
        for b in [[1.0, -1, 5], [0, 0, 0]] {
            for solution in [LSQR.solve(a, b), LSMR.solve(a, b)] {
                #expect(solution.reason == .zero && solution.x == [0, 0] && solution.iterations == 0)
            }
        }
        for (m, n) in [(0, 3), (3, 0), (0, 0), (2, 2)] {
            let solution = LSQR.solve(DenseMatrix(rows: m, columns: n), [Double](repeating: 1, count: m))
            #expect(solution.reason == .zero && solution.x == [Double](repeating: 0, count: n))
        }
    }

    /// Too few steps and unreachable conditions are said to be so.
    @Test func honestReasons() {
        let sigma = geometricSingularValues(20, condition: 1e6)
        let a = DenseMatrix.withSingularValues(sigma, rows: 40, columns: 20, seed: 3)
        var numbers = TestNumbers(seed: 4)
        let b = numbers.matrix(40, 1).elements
        var few = IterationOptions()
        few.iterationLimit = 3
        #expect(LSQR.solve(a, b, options: few).reason == .iterationLimit)
        #expect(LSMR.solve(a, b, options: few).reason == .iterationLimit)
        var limited = IterationOptions()
        limited.conditionLimit = 100
        #expect(LSQR.solve(a, b, options: limited).reason == .conditionLimit)
        #expect(LSMR.solve(a, b, options: limited).reason == .conditionLimit)
        var broken = a
        broken[0, 0] = .nan
        #expect(LSQR.solve(broken, b).reason == .notFinite && LSMR.solve(broken, b).reason == .notFinite)
    }

    /// With the triangle of A as preconditioner two steps do, whatever the condition.
    @Test func preconditioned() throws {
        let sigma = geometricSingularValues(20, condition: 1e7)
        let a = DenseMatrix.withSingularValues(sigma, rows: 60, columns: 20, seed: 5)
        var numbers = TestNumbers(seed: 6)
        let b = numbers.matrix(60, 1).elements
        let qr = try QRFactorization(a)
        let expected = try qr.leastSquares(b)
        let operation = RightPreconditioned(a, by: qr.r)
        for solution in [LSQR.solve(operation, b), LSMR.solve(operation, b)] {
            #expect(solution.iterations <= 4)
            let x = operation.original(solution.x)
            #expect(Self.error(a.multiply(x), a.multiply(expected)) < 1e-9 * b.norm)
            #expect(Self.error(x, expected) < 1e-8 * expected.norm)
        }
    }
}
