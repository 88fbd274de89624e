import Foundation
import QuantizedLeastSquares
import TestSupport

/// A linear regression set of NIST's Statistical Reference Datasets with its certified values
/// (https://www.itl.nist.gov/div898/strd/lls/lls.shtml) and the same values by exact rational arithmetic.
struct StRD {
    let name: String
    let intercept: Bool
    let names: [String]
    let columns: [[Double]]
    let certified: Certified
    let exact: Exact

    struct Certified: Decodable {
        struct Coefficient: Decodable {
            let estimate: Double
            let standard_deviation: Double
        }
        struct Anova: Decodable {
            let f_statistic_text: String
        }
        let coefficients: [Coefficient]
        let residual_standard_deviation: Double
        let r_squared: Double
        let anova: Anova
    }

    struct Exact: Decodable {
        let estimates: [String]
        let standard_deviations: [String]
        let residual_standard_deviation: String
        let r_squared: String
    }

    private struct Entry: Decodable {
        struct Model: Decodable {
            let kind: String
            let degree: Int?
            let intercept: Bool
        }
        let file: String
        let model: Model
        let certified: Certified
        let exact_60_digits: Exact
    }

    static let names = [
        "Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", "Wampler1", "Wampler2", "Wampler3", "Wampler4",
        "Wampler5",
    ]

    /// Reads a set; a polynomial's powers are made by repeated multiplication in double precision.
    init(_ name: String) throws {
        let folder = Checkout.datasets.appendingPathComponent("strd")
        let all = try JSONDecoder().decode(
            [String: Entry].self, from: Data(contentsOf: folder.appendingPathComponent("certified.json")))
        let entry = all[name]!
        let block = try Self.rows(folder.appendingPathComponent(entry.file).path)
        var predictors: [[Double]] = (0..<block.columnCount - 1).map { j in (0..<block.rows).map { block[$0, j] } }
        if let degree = entry.model.degree {
            for _ in 1..<max(1, degree) { predictors.append(zip(predictors[0], predictors.last!).map(*)) }
        }
        self.name = name
        intercept = entry.model.intercept
        names = predictors.indices.map { "x\($0 + 1)" } + ["y"]
        columns = predictors + [(0..<block.rows).map { block[$0, block.columnCount - 1] }]
        certified = entry.certified
        exact = entry.exact_60_digits
    }

    private static func rows(_ path: String) throws -> TableBlock {
        try openTable(path: path).nextBlock(maximumRows: 1000)!
    }

    func table() throws -> RegressionTable { try regressionTable(names, columns) }

    /// The worst digits of agreement over all coefficients, and over all standard errors.
    func digits(_ solution: Solution) -> (estimates: Double, standardErrors: Double) {
        let fit = solution.responses[0].coefficients
        let estimates = zip(fit, exact.estimates).map { digitsOfAgreement($0.estimate, Double($1)!) }
        let errors = zip(fit, exact.standard_deviations).map {
            digitsOfAgreement($0.standardError ?? .nan, Double($1)!)
        }
        return (estimates.min()!, errors.min()!)
    }
}
