import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Every method against the others, and least norm against closed forms.
@Suite struct SolverMethodTests {
    private static let iterative: [SolverMethod] = [.lsqr, .lsmr]

    private func coefficients(_ solution: Solution, _ b: Int = 0) -> [Double] {
        solution.responses[b].coefficients.map(\.estimate)
    }

    /// Largest difference in standard errors.
    private func distance(_ a: Solution, _ b: Solution) -> Double {
        zip(a.responses[0].coefficients, b.responses[0].coefficients).map { x, y in
            y.standardError.map { abs(x.estimate - y.estimate) / $0 } ?? 0
        }.max() ?? 0
    }

    @Test(arguments: SolverMethod.allCases.filter { $0 != .qr })
    func fullPrecisionMethodsAgree(_ method: SolverMethod) throws {
        let table = try dataset("diabetes", response: "target")
        let qr = try LeastSquaresProblem.full(.qr).solve(table)
        let solution = try LeastSquaresProblem.full(method).solve(table)
        for (x, y) in zip(coefficients(solution), coefficients(qr)) { #expect(abs(x - y) <= 1e-10 * abs(y)) }
        #expect(solution.rank == qr.rank && distance(solution, qr) < 1e-10)
        #expect(solution.method == (method == .automatic ? .qr : method))
        #expect((solution.iteration != nil) == Self.iterative.contains(method))
        #expect(solution.iteration?.hasConverged ?? true)
    }

    /// On codes all methods but QR solve the same system: whatever it is corrected by.
    @Test(arguments: [SolverMethod.svd, .lsqr, .lsmr], [Quantizer.balanced, .lloydMax, .stochastic])
    func codedMethodsAgree(_ method: SolverMethod, quantizer: Quantizer) throws {
        let table = try dataset("power_plant_ccpp", response: "PE")
        for transform in [TransformChoice.decorrelate, .none] {
            let normal = try LeastSquaresProblem.quantized(
                bits: 4, quantizer: quantizer, transform: transform, method: .normal
            ).solve(table)
            let solution = try LeastSquaresProblem.quantized(
                bits: 4, quantizer: quantizer, transform: transform, method: method
            ).solve(table)
            #expect(solution.biasCorrection == normal.biasCorrection)
            #expect(distance(solution, normal) < 1e-9)
            let s = try #require(solution.responses[0].residualStandardDeviation)
            let expected = try #require(normal.responses[0].residualStandardDeviation)
            #expect(abs(s - expected) < 1e-9 * expected)
            let q = solution.responses[0].predictedErrorRatio ?? .nan
            let expectedRatio = normal.responses[0].predictedErrorRatio ?? .nan
            #expect(abs(q - expectedRatio) < 1e-6 * q)
            #expect(solution.iteration?.hasConverged ?? true)
        }
    }

    /// Codes of independent columns: pivoting changes nothing but rounding.
    @Test(arguments: [TransformChoice.decorrelate, .none])
    func pivotingOfCodes(_ transform: TransformChoice) throws {
        let table = try dataset("power_plant_ccpp", response: "PE")
        let plain = try LeastSquaresProblem.quantized(bits: 4, transform: transform, method: .qr).solve(table)
        let pivoted = try LeastSquaresProblem.quantized(bits: 4, transform: transform, method: .pivotedQR).solve(table)
        #expect(pivoted.method == .pivotedQR && distance(plain, pivoted) < 1e-9)
    }

    /// c = a/1000 + b/1000 + 10⁻³·noise is nearly small beside them; d = a + b exactly. Pivoting leaves out one of a, b, d,
    /// the fit is that of all the others, and residuals do not depend on which it was.
    @Test func pivotingOfDependentColumns() throws {
        var random = RandomNumbers(seed: 18)
        let a = random.gaussians(200), b = random.gaussians(200), noise = random.gaussians(200)
        let d = zip(a, b).map { $0 + $1 }, c = zip(d, noise).map { 1e-3 * $0 + 1e-3 * $1 }
        let y = (0..<200).map { (i: Int) -> Double in
            let signal = 1 + a[i] - 2 * b[i]
            return signal + 300 * c[i] + noise[i] * noise[i]
        }
        let table = try regressionTable(["a", "b", "c", "d", "y"], [a, b, c, d, y])
        let plain = try LeastSquaresProblem.full(.qr).solve(table)
        let pivoted = try LeastSquaresProblem.full(.pivotedQR).solve(table)
        #expect(plain.rank == 4 && pivoted.rank == 4)
        #expect(plain.droppedColumns.map(\.reason) == ["1·a + 1·b"])
        #expect(plain.droppedColumns.map(\.name) == ["d"] && pivoted.droppedColumns.count == 1)
        #expect(pivoted.droppedColumns.first?.name != "c")
        let s = try #require(plain.responses[0].residualStandardDeviation)
        #expect(abs(try #require(pivoted.responses[0].residualStandardDeviation) - s) < 1e-10 * s)
    }

    /// The means of equal columns: the copies of a column share its coefficient, 2·(½, ½) and 3·(1, 2)/5 for x and 2x.
    @Test(arguments: [nil, 8])
    func leastNormOfDependentColumns(bits: Int?) throws {
        var random = RandomNumbers(seed: 8)
        let a = random.gaussians(300), b = random.gaussians(300)
        let y = zip(a, b).map { 1 + 2 * $0 + 3 * $1 }
        let columns = [a, a, b, b.map { 2 * $0 }, y]
        let table = try regressionTable(["a", "copy", "b", "double", "y"], columns)
        let problem =
            bits.map { LeastSquaresProblem.quantized(bits: $0, responseBits: nil, method: .svd) } ?? .full(.svd)
        let solution = try problem.solve(table)
        #expect(solution.rank == 3 && solution.droppedColumns.isEmpty)
        let tolerance = bits == nil ? 1e-13 : 1e-3
        for (found, expected) in zip(coefficients(solution), [1, 1, 1, 0.6, 1.2]) {
            #expect(abs(found - expected) < tolerance)
        }
        #expect(solution.warnings.contains { $0.contains("least sum of squares") })
        #expect(solution.responses[0].predictedErrorRatio == nil)
    }

    /// One row, three columns: x = b·a/‖a‖².
    @Test func wide() throws {
        let table = try regressionTable(["a", "b", "c", "y"], [[1], [2], [2], [9]])
        let solution = try LeastSquaresProblem.full(.svd, intercept: false).solve(table)
        #expect(zip(coefficients(solution), [1.0, 2, 2]).allSatisfy { abs($0 - $1) < 1e-14 })
        #expect(solution.rank == 1)
        let basic = try LeastSquaresProblem.full(.qr, intercept: false).solve(table)
        #expect(coefficients(basic) == [9, 0, 0] && basic.droppedColumns.map(\.name) == ["b", "c"])
    }

    /// A rank from the codes: a column that differs from another by less than the codes tell is not told from it.
    @Test func rankOfCodes() throws {
        var random = RandomNumbers(seed: 9)
        let a = random.gaussians(2000), e = random.gaussians(2000), noise = random.gaussians(2000)
        let near = zip(a, e).map { $0 + 1e-4 * $1 }
        let y = zip(a, noise).map { 2 * $0 + $1 }
        let table = try regressionTable(["a", "near", "y"], [a, near, y])
        let problem = LeastSquaresProblem.quantized(bits: 4, quantizer: .lloydMax, transform: .none, method: .svd)
        let solution = try problem.solve(table)
        #expect(solution.rank == 2)
        for share in coefficients(solution).dropFirst() { #expect(abs(share - 1) < 0.1) }
        #expect(try LeastSquaresProblem.full(.svd).solve(table).rank == 3)
    }

    /// The condition number is that of the table's columns, whatever basis the codes are in.
    @Test func conditionNumberIsOfTheTable() throws {
        let table = try dataset("diabetes", response: "target")
        let full = try LeastSquaresProblem.full(.qr).solve(table).conditionNumber
        let coded = try LeastSquaresProblem.quantized(bits: 4, transform: .decorrelate).solve(table).conditionNumber
        #expect(abs(coded - full) < 0.02 * full)
    }

    @Test func explanation() throws {
        let table = try dataset("diabetes", response: "target")
        let choice = try #require(try LeastSquaresProblem.quantized(bits: 4).solve(table).choice)
        #expect(choice.rule == .denseCodes && choice.candidates.filter(\.isChosen).count == 1)
        #expect(Set(choice.candidates.map(\.correction)) == [BiasCorrection.none, .exactDiagonal])
        let best = choice.candidates.compactMap(\.predictedErrorRatio).min()
        #expect(choice.candidates.first(where: \.isChosen)?.predictedErrorRatio == best)
        #expect(try LeastSquaresProblem.full(.automatic).solve(table).choice?.rule == .denseFull)
        #expect(try LeastSquaresProblem.full(.svd).solve(table).choice?.rule == .asked)
    }

    /// Where a few large numbers lie far beyond the end levels, which companding to a Gaussian makes of columns with heavy
    /// tails, the codes are taken as they are decoded: the exact diagonal is no candidate. Levels that reach them allow it.
    @Test func overloadedCodesAreNotCorrected() throws {
        var random = RandomNumbers(seed: 23)
        let z = random.gaussians(4000), e = random.gaussians(4000)
        let a = z.map { $0 * exp($0 * $0 / 4) }, b = zip(a, e).map { $0 + 0.1 * $1 }
        let y = zip(a, b).map { $0 - $1 + random.gaussian() }
        let table = try regressionTable(["a", "b", "y"], [a, b, y])
        func corrections(_ quantizer: Quantizer) throws -> Set<BiasCorrection?> {
            let problem = LeastSquaresProblem.quantized(bits: 6, quantizer: quantizer, transform: .none)
            return Set(try #require(try problem.solve(table).choice).candidates.map(\.correction))
        }
        #expect(try corrections(.companding) == [BiasCorrection.none])
        #expect(try corrections(.lloydMax) == [BiasCorrection.none, .exactDiagonal])
    }
}
