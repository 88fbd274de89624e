import Foundation
import Matrices
import QuantizedMatrices
import Tables

/// The rows of another source, its last column their weights w: multiplied by √w, less a center, with √w itself as first
/// column where there is an intercept. Rows of weight 0 are left out.
final class WeightedSource: TableSource {
    private let source: any TableSource
    private let kind: WeightKind
    private let hasConstant: Bool
    private var rowsSeen = 0
    private var zeroRows = 0
    private var sums: [WeightedSums] = []
    private var total = CompensatedSum()
    private var counted = 0
    private let label: String

    init(_ source: any TableSource, kind: WeightKind, hasConstant: Bool, label: String) {
        self.source = source
        self.label = label
        self.kind = kind
        self.hasConstant = hasConstant
    }

    var columnNames: [String] { (hasConstant ? ["(Intercept)"] : []) + source.columnNames.dropLast() }
    var rowCountHint: Int? { source.rowCountHint }
    var droppedRows: Int { source.droppedRows + zeroRows }
    var fractionRead: Double? { source.fractionRead }

    func select(columns: [String]) throws(TableError) { try source.select(columns: columns) }

    func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        while let block = try source.nextBlock(maximumRows: maximumRows) {
            let weights = (0..<block.rows).map { block[$0, block.columnCount - 1] }
            for (i, w) in weights.enumerated() where !isValid(w) {
                try refuse(w, row: rowsSeen + i + 1)
            }
            rowsSeen += block.rows
            let used = weights.indices.filter { weights[$0] > 0 }
            zeroRows += block.rows - used.count
            if !used.isEmpty { return weighted(block, rows: used, weights: weights) }
        }
        return nil
    }

    private func isValid(_ w: Double) -> Bool {
        w >= 0 && w < 1e140 && (kind == .analytic || w == w.rounded())
    }

    private func refuse(_ w: Double, row: Int) throws(TableError) {
        let wanted =
            w >= 0 && w.isFinite && kind == .frequency
            ? "a whole number (frequency weights count rows)" : "a number of at least 0"
        let cell = TableError.Cell(line: nil, row: row, column: source.columnNames.last ?? "")
        throw TableError(file: label, reason: .badWeight(cell, found: "\(w)", expected: wanted))
    }

    private func weighted(_ block: TableBlock, rows: [Int], weights: [Double]) -> TableBlock {
        let columns = block.columnCount - 1, m = rows.count
        let roots = rows.map { weights[$0].squareRoot() }
        if sums.isEmpty { chooseCenters(block, rows: rows, weights: weights) }
        var values: [Double] = []
        values.reserveCapacity(m * (columns + 1))
        if hasConstant { values += roots }
        for j in 0..<columns {
            let center = sums[j].center
            for (place, i) in rows.enumerated() {
                let deviation = block[i, j] - center
                sums[j].add(deviation, weight: weights[i])
                values.append(roots[place] * deviation)
            }
        }
        for i in rows { total.add(weights[i]) }
        defer { counted += m }
        return TableBlock(
            firstRow: counted, rows: m, columnCount: columns + (hasConstant ? 1 : 0), values: values,
            hasMissing: block.hasMissing)
    }

    /// The weighted means of the first block; 0 without intercept, where nothing may be subtracted.
    private func chooseCenters(_ block: TableBlock, rows: [Int], weights: [Double]) {
        let sum = rows.reduce(0) { $0 + weights[$1] }
        sums = (0..<(block.columnCount - 1)).map { j in
            guard hasConstant else { return WeightedSums(center: 0) }
            let mean = rows.reduce(0) { $0 + weights[$1] * (block[$1, j] / sum) }
            return WeightedSums(center: mean.isFinite ? mean : block[rows[0], j])
        }
    }

    /// What was summed.
    func weighting() -> Weighting {
        let w = total.value
        return Weighting(
            kind: kind, column: source.columnNames.last ?? "", hasConstant: hasConstant, rows: counted,
            zeroRows: zeroRows, total: w, centers: sums.map(\.center),
            means: sums.map { hasConstant ? $0.center + $0.first.value / w : 0 },
            totalSquares: sums.map { s in
                let shift = hasConstant ? s.first.value * (s.first.value / w) : 0
                return max(0, s.second.value - shift)
            })
    }
}

/// Σw(x − c) and Σw(x − c)² of a column, compensated.
private struct WeightedSums {
    let center: Double
    var first = CompensatedSum()
    var second = CompensatedSum()

    init(center: Double) { self.center = center }

    mutating func add(_ deviation: Double, weight: Double) {
        first.add(weight * deviation)
        second.add(weight * deviation * deviation)
    }
}
