import Foundation
import QuantizedLeastSquares

/// All methods on the same draws of one design at one number of bits.
struct Comparison {
    let design: RegressionDesign
    let bits: Int
    let draws: Int
    let rows: Int

    /// Densities that the compander is tuned over.
    static let grid = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

    static let head = """
        | ρ | R² | bits | ρ = 0 | ρ of the data | tuned (its ρ) | change by tuning | Lloyd–Max | `qls` default |
        |---:|---:|---:|---:|---:|---:|---:|---:|---:|
        """

    /// One row of the table. The tuned ρ is the best on draws of its own, a quarter as many.
    func row() throws -> String {
        let companders = try Self.grid.map { try PlainQuantizer.companding(rho: $0, bits: bits) }
        let tuning = try means(seed: 2, draws: max(10, draws / 4)) { columns in
            try companders.map { try $0.solve(columns) }
        }
        let best = tuning.indices.min { tuning[$0] < tuning[$1] } ?? 0
        let matched = try PlainQuantizer.companding(rho: design.responseCorrelation, bits: bits)
        let lloydMax = try PlainQuantizer.lloydMax(bits: bits)
        let errors = try means(seed: 1, draws: draws) { columns in
            [
                try companders[0].solve(columns), try matched.solve(columns), try companders[best].solve(columns),
                try lloydMax.solve(columns), try solveByDefault(columns, bits: bits),
            ]
        }
        let cells = errors.map { String(format: "%.2g", $0) }
        return "| \(design.responseCorrelation) | \(String(format: "%.2f", design.rSquared)) | \(bits) | \(cells[0]) "
            + "| \(cells[1]) | \(cells[2]) (\(Self.grid[best])) "
            + "| \(String(format: "%+.1f%%", 100 * (errors[2] / errors[0] - 1))) | \(cells[3]) | \(cells[4]) |"
    }

    /// Mean relative error of each of several solutions.
    private func means(seed: UInt64, draws: Int, _ solve: ([[Double]]) throws -> [[Double]]) throws -> [Double] {
        var generator = NormalGenerator(seed: seed)
        var sums: [Double] = []
        for _ in 0..<draws {
            let columns = design.draw(rows: rows, using: &generator)
            let reference = try solution(columns)
            let errors = try solve(columns).map { relativeError($0, reference) }
            sums = sums.isEmpty ? errors : zip(sums, errors).map(+)
        }
        return sums.map { $0 / Double(draws) }
    }
}
