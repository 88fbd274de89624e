import Testing
import Foundation
import Matrices
import TestSupport

/// Tests/References/factorizations.json, made by factorizations.py beside it.
struct References: Decodable {
    struct Dense: Decodable {
        let hilbert12SingularValues: [String]
        let vandermonde20x8Solution: [String]
        let vandermonde20x8ResidualNorm: String
        let vandermonde20x8SingularValues: [String]

        enum CodingKeys: String, CodingKey {
            case hilbert12SingularValues = "hilbert12_singular_values"
            case vandermonde20x8Solution = "vandermonde20x8_solution"
            case vandermonde20x8ResidualNorm = "vandermonde20x8_residual_norm"
            case vandermonde20x8SingularValues = "vandermonde20x8_singular_values"
        }
    }

    struct Sparse: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let rows: Int
        let columns: Int
        let rank: Int
        let largestSingularValue: Double
        let smallestNonzeroSingularValue: Double
        let residualNorm: Double
        let minimumNormSolution: [Double]

        var testDescription: String { name }
        /// σ₁ / σ_rank.
        var condition: Double { largestSingularValue / smallestNonzeroSingularValue }

        enum CodingKeys: String, CodingKey {
            case name, rows, columns, rank
            case largestSingularValue = "largest_singular_value"
            case smallestNonzeroSingularValue = "smallest_nonzero_singular_value"
            case residualNorm = "residual_norm"
            case minimumNormSolution = "minimum_norm_solution"
        }
    }

    let dense: Dense
    let sparse: [Sparse]

    static func load() throws -> References {
        let file = Checkout.references.appendingPathComponent("factorizations.json")
        return try JSONDecoder().decode(References.self, from: Data(contentsOf: file))
    }
}

/// The numbers of a Matrix Market file: its header word, sizes and rows of fields.
private func marketLines(_ name: String) throws -> (header: Substring, sizes: [Int], rows: [[Substring]]) {
    let file = Checkout.datasets.appendingPathComponent("sparse/\(name).mtx")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let body = lines.filter { !$0.hasPrefix("%") }.map { $0.split(separator: " ") }
    return (lines[0], body[0].map { Int($0)! }, Array(body.dropFirst()))
}

/// A general coordinate matrix of Datasets/sparse.
func sparseDataset(_ name: String) throws -> SparseMatrix {
    let (header, sizes, rows) = try marketLines(name)
    let pattern = header.contains("pattern")
    let triplets = rows.map { (row: Int($0[0])! - 1, column: Int($0[1])! - 1, value: pattern ? 1 : Double($0[2])!) }
    precondition(header.contains("general") && triplets.count == sizes[2])
    return SparseMatrix(rows: sizes[0], columns: sizes[1], triplets: triplets)
}

/// The right-hand side that factorizations.py used for a set.
func rightHandSide(_ name: String, rows m: Int) throws -> [Double] {
    if name.hasSuffix("1033") { return try marketLines("\(name)_rhs1").rows.map { Double($0[0])! } }
    return (0..<m).map { Double(($0 * 7919) % 101 - 50) / 10 }
}
