import Foundation
import LeastSquares
import QuantizedMatrices

/// What is inside a store, for people and programs.
public struct StoreReport {
    private let regression: QuantizedRegression
    private let source: String
    private let kernels: String

    /// A report; `source` names the store, `kernels` the kernels that read it.
    public init(_ regression: QuantizedRegression, source: String, kernels: String) {
        self.regression = regression
        self.source = source
        self.kernels = kernels
    }

    /// Plain text.
    public func text() -> String { (head + [""] + table.text().map { "  " + $0 }).joined(separator: "\n") + "\n" }

    /// Markdown.
    public func markdown() -> String {
        (["# \(head[0])", ""] + head.dropFirst().map { "- " + $0 } + [""] + table.markdown()).joined(separator: "\n")
            + "\n"
    }

    /// JSON, schema `qls.store/1`.
    public func json() throws -> String {
        try jsonText(StoreJSON(regression, kernels: kernels))
    }

    private var head: [String] {
        let matrix = regression.matrix
        let left = regression.description.dependent.map { "\($0.name) (\($0.reason))" }
        return [
            "Store \(source)",
            "\(NumberFormat.count(matrix.rows)) rows, \(regression.predictors) predictors, responses "
                + regression.responses.joined(separator: ", "),
            "\(regression.bits) bits, response "
                + (regression.responseBits.map { "\($0) bits" } ?? "in full precision")
                + ", quantizer \(regression.description.quantizer), transform "
                + (matrix.transform.isIdentity ? "none" : "decorrelate")
                + (regression.intercept ? ", intercept" : ", no intercept"),
            "\(NumberFormat.count(matrix.codeBytes)) bytes of codes, \(NumberFormat.count(matrix.sideBytes)) of side data"
                + (rowBytes > 0 ? ", \(NumberFormat.count(rowBytes)) of it the order of the rows" : ""),
            blocks,
            "read with \(kernels) kernels",
        ] + (left.isEmpty ? [] : ["left out: " + left.joined(separator: "; ")])
    }

    private var rowBytes: Int { regression.matrix.order.bytes }

    private var blocks: String {
        let codes = regression.matrix.codes, count = codes.layout.blockCount
        return "\(NumberFormat.count(count)) \(count == 1 ? "block" : "blocks") of up to "
            + "\(NumberFormat.count(codes.layout.rowsPerBlock)) rows, \(NumberFormat.count(codes.storedBytes)) bytes in the file"
            + (codes.compressedBlocks > 0 ? ", \(NumberFormat.count(codes.compressedBlocks)) compressed" : "")
    }

    private var table: AlignedTable {
        var table = AlignedTable(
            header: ["column", "bits", "levels", "exact", "mean", "std. deviation", "rel. distortion"])
        for (j, column) in regression.matrix.columns.enumerated() {
            let bits = regression.matrix.bits(of: j)
            let original = regression.moments[j], variation = column.moments.sumOfSquaredDeviations
            table.rows.append([
                column.name, "\(bits)", "\(column.codebook.levels.count)", column.isExact ? "yes" : "no",
                NumberFormat.general(original.mean), NumberFormat.general(original.standardDeviation),
                NumberFormat.general(variation > 0 ? column.totalSquaredError / variation : 0, digits: 3),
            ])
        }
        return table
    }
}

private struct StoreJSON: Encodable {
    let schema = "qls.store/1"
    let rows, predictors, bits, codeBytes, sideBytes, rowOrderBytes, droppedRows: Int
    let blocks, rowsPerBlock, blockBytes, compressedBlocks: Int
    let responseBits: Int?
    let responses, dependent: [String]
    let quantizer, transform, kernels: String
    let intercept: Bool
    let columns: [Column]

    struct Column: Encodable {
        let name: String
        let bits, levels: Int
        let exact: Bool
        let mean, standardDeviation, relativeDistortion: Finite
    }

    init(_ regression: QuantizedRegression, kernels: String) {
        let matrix = regression.matrix
        rows = matrix.rows
        predictors = regression.predictors
        bits = regression.bits
        droppedRows = regression.description.droppedRows
        responseBits = regression.responseBits
        blocks = matrix.codes.layout.blockCount
        rowsPerBlock = matrix.codes.layout.rowsPerBlock
        blockBytes = matrix.codes.storedBytes
        compressedBlocks = matrix.codes.compressedBlocks
        codeBytes = matrix.codeBytes
        sideBytes = matrix.sideBytes
        rowOrderBytes = matrix.order.bytes
        responses = regression.responses
        dependent = regression.description.dependent.map(\.name)
        quantizer = regression.description.quantizer
        transform = matrix.transform.isIdentity ? "none" : "decorrelate"
        self.kernels = kernels
        intercept = regression.intercept
        columns = matrix.columns.indices.map { j in
            let column = matrix.columns[j], variation = column.moments.sumOfSquaredDeviations
            return Column(
                name: column.name, bits: matrix.bits(of: j), levels: column.codebook.levels.count,
                exact: column.isExact, mean: Finite(regression.moments[j].mean),
                standardDeviation: Finite(regression.moments[j].standardDeviation),
                relativeDistortion: Finite(variation > 0 ? column.totalSquaredError / variation : 0))
        }
    }
}
