import Foundation
import QuantizedLeastSquares

/// All methods on the same draws of one design at one number of bits.
struct Comparison {
    let design: RegressionDesign
    let bits: Int
    let draws: Int
    let rows: Int

    /// Densities that the compander is tuned over.
    static let grid = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97]

    static let head = """
        | ρ | R² | bits | ρ = 0 | ρ of the data | tuned (its ρ) | change by tuning | best of each draw | Lloyd–Max \
        | `qls` default |
        |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
        """

    /// One row of the table.
    func row() throws -> String {
        let companders = try Self.grid.map { try PlainQuantizer.companding(rho: $0, bits: bits) }
        let matched = try PlainQuantizer.companding(rho: design.responseCorrelation, bits: bits)
        let lloydMax = try PlainQuantizer.lloydMax(bits: bits)
        var generator = NormalGenerator(seed: 1)
        // For each draw: the companders of the grid, then the other three.
        let errors = try (0..<draws).map { _ in
            let columns = design.draw(rows: rows, using: &generator)
            let reference = try solution(columns)
            let others = [
                try matched.solve(columns), try lloydMax.solve(columns), try solveByDefault(columns, bits: bits),
            ]
            return (try companders.map { try $0.solve(columns) } + others).map { relativeError($0, reference) }
        }
        let all = Self.means(errors), count = Self.grid.count
        let (tuned, places) = Self.tuned(errors)
        let best = errors.reduce(0) { $0 + ($1[..<count].min() ?? 0) } / Double(draws)
        let chosen = Set(places).sorted().map { "\(Self.grid[$0])" }.joined(separator: ", ")
        func cell(_ value: Double) -> String { String(format: "%.2g", value) }
        func change(_ value: Double) -> String { String(format: "%+.0f%%", 100 * (value / all[0] - 1)) }
        return
            "| \(design.responseCorrelation) | \(String(format: "%.2f", design.rSquared)) | \(bits) | \(cell(all[0])) "
            + "| \(cell(all[count])) | \(cell(tuned)) (\(chosen)) | \(change(tuned)) | \(change(best)) "
            + "| \(cell(all[count + 1])) | \(cell(all[count + 2])) |"
    }

    /// The mean error of the compander that is best on the other half of the draws, and the two places in the grid.
    private static func tuned(_ errors: [[Double]]) -> (Double, [Int]) {
        let halves = (0..<2).map { half in
            means(errors.indices.filter { $0 % 2 == half }.map { errors[$0] })
        }
        let places = halves.map { half in grid.indices.min { half[$0] < half[$1] } ?? 0 }
        return ((halves[0][places[1]] + halves[1][places[0]]) / 2, places)
    }

    private static func means(_ errors: [[Double]]) -> [Double] {
        errors[0].indices.map { k in errors.reduce(0) { $0 + $1[k] } / Double(errors.count) }
    }
}
