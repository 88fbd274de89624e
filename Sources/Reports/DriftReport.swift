import Foundation
import LeastSquares

/// How rows that were added to a store differ from those before.
public struct DriftReport {
    private let drift: [ColumnDrift]
    private let rows: Int
    private let newRows: Int
    private let store: String
    private let source: String

    /// A report; `rows` are those before.
    public init(_ drift: [ColumnDrift], rows: Int, newRows: Int, store: String, source: String) {
        self.drift = drift
        self.rows = rows
        self.newRows = newRows
        self.store = store
        self.source = source
    }

    /// Plain text.
    public func text() -> String { (head + [""] + table.text().map { "  " + $0 }).joined(separator: "\n") + "\n" }

    /// Markdown.
    public func markdown() -> String {
        (["# \(head[0])", ""] + head.dropFirst().map { "- " + $0 } + [""] + table.markdown()).joined(separator: "\n")
            + "\n"
    }

    /// JSON, schema `qls.drift/1`.
    public func json() throws -> String {
        try jsonText(
            DriftJSON(rows: rows + newRows, newRows: newRows, columns: drift.map(DriftJSON.Column.init)))
    }

    private var head: [String] {
        let large = drift.filter(\.isLarge).map(\.name)
        return [
            "\(NumberFormat.count(newRows)) rows of \(source) added to \(store)",
            "\(NumberFormat.count(rows + newRows)) rows in all",
            large.isEmpty
                ? "the codebooks fit the new rows"
                : "the codebooks fit badly: " + large.joined(separator: ", ")
                    + " (more than \(NumberFormat.general(ColumnDrift.distortionLimit)) times the distortion, or many "
                    + "numbers out of range)",
        ]
    }

    private var table: AlignedTable {
        var table = AlignedTable(
            header: ["column", "mean shift (sd)", "sd ratio", "outside", "distortion ratio", ""])
        for column in drift {
            table.rows.append([
                column.name, NumberFormat.general(column.meanShift, digits: 3),
                NumberFormat.general(column.deviationRatio, digits: 3),
                column.outsideShare.map { NumberFormat.general(100 * $0, digits: 3) + "%" } ?? "",
                column.distortionRatio.isFinite
                    ? NumberFormat.general(column.distortionRatio, digits: 3) : "no longer exact",
                column.isLarge ? "large" : "",
            ])
        }
        return table
    }
}

private struct DriftJSON: Encodable {
    let schema = "qls.drift/1"
    let rows, newRows: Int
    let columns: [Column]

    struct Column: Encodable {
        let name: String
        let meanShift, deviationRatio, outsideShare, distortionRatio: Finite
        let large: Bool

        init(_ drift: ColumnDrift) {
            name = drift.name
            meanShift = Finite(drift.meanShift)
            deviationRatio = Finite(drift.deviationRatio)
            outsideShare = Finite(drift.outsideShare)
            distortionRatio = Finite(drift.distortionRatio)
            large = drift.isLarge
        }
    }
}
