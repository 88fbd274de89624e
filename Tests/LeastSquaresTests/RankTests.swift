import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// Dependent columns are found, named and left out as R's `lm` does it: of a dependent set the last goes.
@Suite struct RankTests {
    /// A design, what has to be dropped, and whether there is an intercept.
    struct Case: CustomStringConvertible, Sendable {
        let description: String
        let names: [String]
        let columns: [[Double]]
        let dropped: [String]
        var intercept = true
    }

    static let rows = 240

    static let cases: [Case] = {
        var random = RandomNumbers(seed: 20)
        let a = random.gaussians(rows), b = random.gaussians(rows), c = random.gaussians(rows)
        let noise = random.gaussians(rows)
        let y = noise.indices.map { i -> Double in
            let signal: Double = 2 * a[i] - b[i] + 0.5 * c[i]
            return 3 + signal + noise[i]
        }
        let group = (0..<rows).map { $0 % 3 }
        let hot = (0..<3).map { g -> [Double] in group.map { $0 == g ? 1.0 : 0 } }
        let combination = zip(a, b).map { x, y -> Double in x + 2 * y }
        return [
            Case(
                description: "duplicate", names: ["a", "b", "copy", "c", "y"], columns: [a, b, a, c, y],
                dropped: ["copy"]),
            Case(
                description: "constant", names: ["a", "k", "b", "y"], columns: [a, a.map { _ in 7.3 }, b, y],
                dropped: ["k"]),
            Case(
                description: "one-hot", names: ["h0", "h1", "h2", "a", "y"], columns: hot + [a, y], dropped: ["h2"]),
            Case(
                description: "indicator that is the sum of others", names: ["a", "work", "h0", "h1", "y"],
                columns: [a, zip(hot[0], hot[1]).map(+), hot[0], hot[1], y], dropped: ["h1"]),
            Case(
                description: "one-hot without intercept", names: ["h0", "h1", "h2", "a", "y"], columns: hot + [a, y],
                dropped: [], intercept: false),
            Case(
                description: "constant without intercept", names: ["a", "k", "y"],
                columns: [a, a.map { _ in 7.3 }, y], dropped: [], intercept: false),
            Case(
                description: "two constants without intercept", names: ["k1", "a", "k2", "y"],
                columns: [a.map { _ in 7.3 }, a, a.map { _ in 2.0 }, y], dropped: ["k2"], intercept: false),
            Case(
                description: "sum of others", names: ["a", "x2", "b", "c", "y"], columns: [a, combination, b, c, y],
                dropped: ["b"]),
            Case(
                description: "all zero", names: ["zero", "a", "y"], columns: [a.map { _ in 0 }, a, y], dropped: ["zero"]
            ),
            Case(
                description: "all zero without intercept", names: ["a", "zero", "y"],
                columns: [a, a.map { _ in 0 }, y],
                dropped: ["zero"], intercept: false),
            Case(
                description: "several", names: ["a", "copy", "k", "b", "sum", "c", "y"],
                columns: [a, a, a.map { _ in 1 }, b, combination, c, y], dropped: ["copy", "k", "sum"]),
        ]
    }()

    static let ways: [(String, LeastSquaresProblem)] = [
        ("QR", .full(.qr)), ("normal", .full(.normal)), ("4 bits", .quantized(bits: 4)),
        ("8 bits", .quantized(bits: 8)),
        ("Lloyd–Max", .quantized(bits: 6, quantizer: .lloydMax)),
        ("no transform", .quantized(bits: 6, transform: .none)),
        ("codes by QR", .quantized(bits: 4, method: .qr)),
    ]

    @Test(arguments: cases, ways.indices)
    func droppedColumns(_ design: Case, way: Int) throws {
        var problem = Self.ways[way].1
        problem.intercept = design.intercept
        let solution = try problem.solve(regressionTable(design.names, design.columns))
        #expect(solution.droppedColumns.map(\.name) == design.dropped, "\(Self.ways[way].0)")
        #expect(solution.rank == design.names.count - 1 - design.dropped.count + (design.intercept ? 1 : 0))
        for name in design.dropped {
            let coefficient = try #require(solution.responses[0].coefficients.first { $0.name == name })
            #expect(coefficient.estimate == 0)
            #expect(coefficient.standardError == nil && coefficient.tStatistic == nil && coefficient.pValue == nil)
            #expect(coefficient.quantizationStandardDeviation == nil && coefficient.quantizationBias == nil)
            #expect(coefficient.quantizationInterval == nil)
            #expect(solution.warnings.contains { $0.hasPrefix(name + " ") }, "no warning names \(name)")
        }
    }

    /// The columns that stay get the coefficients of the regression on them alone.
    @Test(arguments: cases)
    func remainingCoefficients(_ design: Case) throws {
        let kept = design.names.indices.filter { !design.dropped.contains(design.names[$0]) }
        let alone = try LeastSquaresProblem.full(.qr, intercept: design.intercept).solve(
            regressionTable(kept.map { design.names[$0] }, kept.map { design.columns[$0] }))
        let whole = try LeastSquaresProblem.full(.qr, intercept: design.intercept).solve(
            regressionTable(design.names, design.columns))
        var quantized = LeastSquaresProblem.quantized(bits: 8)
        quantized.intercept = design.intercept
        let coded = try quantized.solve(regressionTable(design.names, design.columns))
        for expected in alone.responses[0].coefficients {
            let found = try #require(whole.responses[0].coefficients.first { $0.name == expected.name })
            #expect(abs(found.estimate - expected.estimate) <= 1e-11 * max(1, abs(expected.estimate)))
            let error = try #require(expected.standardError)
            #expect(abs(try #require(found.standardError) - error) <= 1e-10 * error)
            let code = try #require(coded.responses[0].coefficients.first { $0.name == expected.name })
            #expect(abs(code.estimate - expected.estimate) <= 0.2 * error, "\(expected.name)")
        }
    }

    /// A dependency is described by the columns it consists of.
    @Test func reasons() throws {
        let design = Self.cases.first { $0.description == "sum of others" }!
        let solution = try LeastSquaresProblem.quantized(bits: 4).solve(regressionTable(design.names, design.columns))
        let reason = try #require(solution.droppedColumns.first).reason
        #expect(reason.contains("a") && reason.contains("x2"), "\(reason)")
        let constant = Self.cases.first { $0.description == "constant" }!
        let second = try LeastSquaresProblem.quantized(bits: 4).solve(regressionTable(constant.names, constant.columns))
        #expect(second.droppedColumns.first?.reason == "constant")
    }

    /// More columns than rows: nothing is said about errors of an exact fit; a method that was named keeps the first m − 1
    /// columns, left to itself the solution is that of least norm.
    @Test(arguments: ways.indices)
    func moreColumnsThanRows(way: Int) throws {
        var random = RandomNumbers(seed: 3)
        let columns = (0..<9).map { _ in random.gaussians(6) }
        let names = (1...8).map { "x\($0)" } + ["y"]
        let problem = Self.ways[way].1
        let solution = try problem.solve(regressionTable(names, columns))
        #expect(solution.rank <= 6)
        if problem.method == .automatic {
            #expect(solution.method == .svd && solution.choice?.rule == .denseWide && solution.droppedColumns.isEmpty)
        } else {
            #expect(solution.droppedColumns.map(\.name).suffix(3) == ["x6", "x7", "x8"])
        }
        if solution.rank == 6 {
            #expect(solution.responses[0].residualStandardDeviation == nil)
            #expect(solution.responses[0].coefficients.allSatisfy { $0.standardError == nil })
        }
        #expect(solution.responses[0].coefficients.allSatisfy { $0.estimate.isFinite })
        #expect(!solution.warnings.isEmpty)
    }

    /// Two columns that differ by 10⁻⁵ of their size are not dependent in full precision.
    @Test func nearlyDependentColumnsStayInFullPrecision() throws {
        var random = RandomNumbers(seed: 4)
        let a = random.gaussians(300), d = random.gaussians(300), noise = random.gaussians(300)
        let b = zip(a, d).map { x, e -> Double in x + 1e-5 * e }
        let y = (0..<300).map { a[$0] + noise[$0] }
        let solution = try LeastSquaresProblem.full(.qr).solve(regressionTable(["a", "b", "y"], [a, b, y]))
        #expect(solution.droppedColumns.isEmpty)
        #expect(solution.conditionNumber > 1e5 && solution.conditionNumber < 1e6)
    }
}
