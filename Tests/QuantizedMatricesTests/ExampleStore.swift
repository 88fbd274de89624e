import Foundation
import Matrices
import Quantizers

@testable import QuantizedMatrices

/// A small matrix with an exact, an inexact and a refined column, and a transform.
struct ExampleStore {
    let matrix: QuantizedMatrix
    let description: StoreDescription

    /// `unit` multiplies the inexact column.
    init(rows: Int = 77, rowsPerBlock: Int? = nil, unit: Double = 1) throws {
        var random = RandomNumbers(seed: 12345)
        func next() -> Double { Double(random.next() >> 11) * 0x1p-53 }
        let flags = (0..<rows).map { $0 < 2 ? [0.1, 2.3][$0] : next() < 0.5 ? 0.1 : 2.3 }
        let values = (0..<rows).map { _ in (next() * 3 - 1) * unit }
        let responses = (0..<rows).map { _ in next() * 100 }
        let designs = [
            ColumnDesign(
                name: "flag", gridded: try Codebook.exact(values: [0.1, 2.3]).gridded(), bits: 1, mean: 1.2,
                standardDeviation: 1.1),
            ColumnDesign(
                name: "größe", gridded: try Codebook.uniform(minimum: -unit, maximum: 2 * unit, count: 8).gridded(),
                bits: 3,
                mean: 0.5 * unit, standardDeviation: 0.9 * unit),
            ColumnDesign(
                name: "y", gridded: try Codebook.uniform(minimum: 0, maximum: 100, count: 256).gridded(), bits: 8,
                refinements: [
                    try Codebook.uniform(minimum: -0.2, maximum: 0.2, count: 15).gridded(bits: 12, offset: 0)
                ],
                mean: 50, standardDeviation: 29),
        ]
        let transform = ColumnTransform(
            centers: [1.2, 0.5, 50], scales: [1, 2, 0.5], order: [0, 1, 2], kept: [true, false, false],
            coefficients: [[], [0.25], [1.5, -2]])
        var encoder = MatrixEncoder(
            designs, responses: 1, transform: transform, rounding: .balanced, rowsPerBlock: rowsPerBlock)
        try encoder.append(flags + values + responses, rows: rows)
        matrix = try encoder.finish()
        description = StoreDescription(
            predictorNames: ["flag", "größe", "constant"], places: [0, 1], intercept: true,
            moments: matrix.columns.map(\.moments), dependent: [.init(name: "constant", reason: "constant")],
            bits: 3, responseBits: 12, quantizer: "balanced", isComplete: true, droppedRows: 2)
    }

    /// The bytes of the file.
    func encoded(compressing: Bool = false) throws -> [UInt8] {
        let folder = try StoreFolder(), path = folder.path("a.qls")
        try StoreFile.write(matrix, description, to: path, compressing: compressing)
        return try folder.bytes("a.qls")
    }
}

/// A folder that goes when its owner goes.
final class StoreFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("qls-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url.appendingPathComponent(name))) }

    /// Reads a store of these bytes.
    func read(_ bytes: [UInt8]) throws -> (matrix: QuantizedMatrix, description: StoreDescription) {
        let path = path("read.qls")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try StoreFile.read(path)
    }
}
