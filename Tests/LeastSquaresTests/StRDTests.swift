import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// NIST's linear regression sets in full precision.
@Suite struct StRDTests {
    /// Digits that QR has to keep of coefficients and of standard errors. Where the certified error is 0 (an exact
    /// polynomial), digits are those of the absolute error.
    static let requirements: [(name: String, digits: Double)] = [
        ("Norris", 12), ("NoInt1", 13), ("NoInt2", 13), ("Pontius", 11), ("Longley", 11), ("Wampler1", 8),
        ("Wampler2", 8), ("Wampler3", 8), ("Wampler4", 8), ("Wampler5", 8), ("Filip", 7),
    ]

    @Test(arguments: requirements)
    func householderQRKeepsTheDigits(name: String, required: Double) throws {
        let set = try StRD(name)
        let solution = try LeastSquaresProblem.full(.qr, intercept: set.intercept).solve(set.table())
        let digits = set.digits(solution)
        #expect(digits.estimates >= required, "\(name): \(digits)")
        #expect(digits.standardErrors >= required, "\(name): \(digits)")
        #expect(solution.responses[0].coefficients.count == set.exact.estimates.count)
        #expect(solution.rank == set.exact.estimates.count)
        #expect(solution.droppedColumns.isEmpty)
        #expect(solution.method == .qr)
    }

    @Test(arguments: requirements)
    func columnPivotingKeepsTheDigits(name: String, required: Double) throws {
        let set = try StRD(name)
        let solution = try LeastSquaresProblem.full(.pivotedQR, intercept: set.intercept).solve(set.table())
        let digits = set.digits(solution)
        #expect(digits.estimates >= required && digits.standardErrors >= required, "\(name): \(digits)")
        #expect(solution.rank == set.exact.estimates.count && solution.method == .pivotedQR)
    }

    /// Certified values are printed to 15 digits, 13 for an F whose residual sum of squares is small. Filip, of condition
    /// number 10¹⁵, keeps one digit less, like its coefficients.
    @Test(arguments: requirements.map(\.name))
    func summaryStatistics(name: String) throws {
        let set = try StRD(name)
        let solution = try LeastSquaresProblem.full(.qr, intercept: set.intercept).solve(set.table())
        let response = solution.responses[0]
        let s = try #require(response.residualStandardDeviation)
        let lost = name == "Filip" ? 1.0 : 0
        #expect(digitsOfAgreement(s, Double(set.exact.residual_standard_deviation)!) >= 9 - lost)
        #expect(digitsOfAgreement(response.rSquared ?? .nan, Double(set.exact.r_squared)!) >= 12 - lost)
        let certified = set.certified.anova.f_statistic_text
        if certified == "Infinity" {
            #expect(response.fStatistic ?? .infinity > 1e25)
        } else {
            #expect(digitsOfAgreement(response.fStatistic ?? .nan, Double(certified)!) >= 9 - lost)
        }
        let m = Double(solution.observations), p = Double(solution.rank), base = m - (set.intercept ? 1 : 0)
        let adjusted = 1 - (1 - Double(set.exact.r_squared)!) * base / (m - p)
        #expect(digitsOfAgreement(response.adjustedRSquared ?? .nan, adjusted) >= 12 - lost)
    }

    /// Normal equations square the condition number. Wherever they have fewer than 6 digits they must say so.
    @Test(arguments: requirements.map(\.name))
    func normalEquationsAreNeverSilentlyWrong(name: String) throws {
        let set = try StRD(name)
        let solution = try LeastSquaresProblem.full(.normal, intercept: set.intercept).solve(set.table())
        #expect(solution.method == .normal)
        let digits = set.digits(solution)
        if digits.estimates < 6 || digits.standardErrors < 6 {
            #expect(solution.warnings.contains { $0.contains("can be trusted") }, "\(name): \(digits)")
        } else {
            #expect(!solution.warnings.contains { $0.contains("can be trusted") })
        }
    }

    /// Codes that hold Filip exactly: its normal equations have no digits, or no Cholesky factor where powers are rounded
    /// correctly, and QR takes over by itself.
    @Test(arguments: [7, 8])
    func codesOfFilip(bits: Int) throws {
        let set = try StRD("Filip")
        let solution = try LeastSquaresProblem.quantized(bits: bits, responseBits: nil).solve(set.table())
        #expect(solution.method == .qr && solution.rank == 11)
        #expect(set.digits(solution).estimates >= 5, "\(set.digits(solution))")
    }

    @Test func normalEquationsWarnForFilip() throws {
        let set = try StRD("Filip")
        let solution = try LeastSquaresProblem.full(.normal).solve(set.table())
        #expect(solution.warnings.contains { $0.contains("--method qr keeps more") })
    }

    /// Where the response lies in the span of the predictors, s and what depends on it are rounding: said so.
    @Test(arguments: requirements.map(\.name))
    func exactFitsAreNamed(name: String) throws {
        let set = try StRD(name)
        let solution = try LeastSquaresProblem.full(.qr, intercept: set.intercept).solve(set.table())
        let isExact = Double(set.exact.residual_standard_deviation)! == 0
        #expect(solution.warnings.contains { $0.contains("exact to rounding") } == isExact)
    }

    /// `auto` takes the way with the digits.
    @Test(arguments: ["Filip", "Longley", "Wampler5"])
    func automaticMethodInFullPrecision(name: String) throws {
        let set = try StRD(name)
        let automatic = try LeastSquaresProblem.full(.automatic).solve(set.table())
        #expect(set.digits(automatic).estimates >= 7)
    }

    /// The same answer for any order of the rows, to the digits that the set allows.
    @Test func rowOrderDoesNotMatter() throws {
        let set = try StRD("Longley")
        let reversed = try regressionTable(set.names, set.columns.map { $0.reversed() })
        let solution = try LeastSquaresProblem.full(.qr).solve(reversed)
        #expect(set.digits(solution).estimates >= 11)
    }

    /// Columns in other units: powers of two change nothing but the scale, other factors keep the digits.
    @Test(arguments: [0x1p-60, 0x1p60, 1e-9, 1e12])
    func unitsDoNotMatter(factor: Double) throws {
        let set = try StRD("Longley")
        var columns = set.columns
        columns[2] = columns[2].map { $0 * factor }
        let solution = try LeastSquaresProblem.full(.qr).solve(regressionTable(set.names, columns))
        let fit = solution.responses[0].coefficients
        for (j, (coefficient, exact)) in zip(fit, set.exact.estimates).enumerated() {
            let expected = Double(exact)! / (j == 3 ? factor : 1)
            #expect(digitsOfAgreement(coefficient.estimate, expected) >= 10, "\(coefficient.name)")
        }
    }
}
