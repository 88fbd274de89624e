import Foundation
import Matrices
import Quantizers

@testable import QuantizedMatrices

/// A small matrix with an exact, an inexact and a refined column, and a transform.
struct ExampleStore {
    let matrix: QuantizedMatrix
    let description: StoreDescription

    init(rows: Int = 77, rowsPerBlock: Int? = nil) throws {
        var random = RandomNumbers(seed: 12345)
        func next() -> Double { Double(random.next() >> 11) * 0x1p-53 }
        let flags = (0..<rows).map { $0 < 2 ? [0.1, 2.3][$0] : next() < 0.5 ? 0.1 : 2.3 }
        let values = (0..<rows).map { _ in next() * 3 - 1 }
        let responses = (0..<rows).map { _ in next() * 100 }
        let designs = [
            ColumnDesign(
                name: "flag", gridded: try Codebook.exact(values: [0.1, 2.3]).gridded(), bits: 1, mean: 1.2,
                standardDeviation: 1.1),
            ColumnDesign(
                name: "größe", gridded: try Codebook.uniform(minimum: -1, maximum: 2, count: 8).gridded(), bits: 3,
                mean: 0.5, standardDeviation: 0.9),
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
    func encoded() throws -> [UInt8] {
        let folder = try StoreFolder(), path = folder.path("a.qls")
        try StoreFile.write(matrix, description, to: path)
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

/// The parts of a store's bytes, to be changed and given right lengths and checksums again.
struct StoreParts {
    var rowsPerBlock: Int
    var blocks: [UInt8]
    var entries: [StoreFile.DirectoryEntry]
    var description: [UInt8]

    init(_ bytes: [UInt8]) {
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        let directory = number(24, 8), count = number(32, 8)
        rowsPerBlock = number(12, 4)
        blocks = Array(bytes[64..<directory])
        entries = (0..<count).map { k in
            StoreFile.DirectoryEntry(
                length: number(directory + 16 * k, 8), checksum: UInt32(number(directory + 16 * k + 8, 4)),
                encoding: UInt32(number(directory + 16 * k + 12, 4)))
        }
        description = Array(bytes[(directory + 16 * count)...])
    }

    /// A file of these parts whose checksums are right, those of the blocks too if wanted.
    func encoded(blockChecksums: Bool = true) -> [UInt8] {
        var entries = entries, offset = 0
        for k in entries.indices where blockChecksums && entries[k].length >= 0 {
            guard offset <= blocks.count, entries[k].length <= blocks.count - offset else { break }
            let block = Array(blocks[offset..<(offset + entries[k].length)])
            entries[k].checksum = StoreFile.checksum(block.span)
            offset = CodeLayout.aligned(offset + entries[k].length)
        }
        let directory = StoreFile.encode(entries)
        let header = StoreFile.header(
            rowsPerBlock: rowsPerBlock, directoryOffset: 64 + blocks.count, directory: directory,
            description: description)
        return header + blocks + directory + description
    }
}
