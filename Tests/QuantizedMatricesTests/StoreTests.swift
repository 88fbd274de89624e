import Foundation
import Matrices
import QuantizedKernels
import Quantizers
import Testing

@testable import QuantizedMatrices

@Suite struct StoreTests {
    /// A small matrix with an exact, an inexact and a refined column, and a transform.
    private func example(rows: Int = 77) throws -> (matrix: QuantizedMatrix, description: StoreDescription) {
        var state: UInt64 = 12345
        func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-53
        }
        let flags = (0..<rows).map { _ in next() < 0.5 ? 0.1 : 2.3 }
        let values = (0..<rows).map { _ in next() * 3 - 1 }
        let responses = (0..<rows).map { _ in next() * 100 }
        let designs = [
            ColumnDesign(
                name: "flag", gridded: try Codebook.exact(values: flags).gridded(), bits: 1, mean: 1.2,
                standardDeviation: 1.1),
            ColumnDesign(
                name: "größe", gridded: try Codebook.uniform(minimum: -1, maximum: 2, count: 8).gridded(), bits: 3,
                mean: 0.5, standardDeviation: 0.9),
            ColumnDesign(
                name: "y", gridded: try Codebook.uniform(minimum: 0, maximum: 100, count: 256).gridded(), bits: 8,
                refinements: [
                    try Codebook.uniform(minimum: -0.2, maximum: 0.2, count: 16).gridded(bits: 12, offset: 0)
                ],
                mean: 50, standardDeviation: 29),
        ]
        let transform = ColumnTransform(
            centers: [1.2, 0.5, 50], scales: [1, 2, 0.5], order: [0, 1, 2], kept: [true, false, false],
            coefficients: [[], [0.25], [1.5, -2]])
        var encoder = MatrixEncoder(designs, responses: 1, transform: transform, rounding: .balanced)
        encoder.append(flags + values + responses, rows: rows)
        let matrix = encoder.finish()
        return (
            matrix,
            StoreDescription(
                predictorNames: ["flag", "größe", "constant"], places: [0, 1], intercept: true,
                moments: matrix.columns.map(\.moments), dependent: [.init(name: "constant", reason: "constant")],
                bits: 3, responseBits: 12, quantizer: "balanced", isComplete: true, droppedRows: 2)
        )
    }

    private func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qls-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test func whatIsReadIsWhatWasWritten() throws {
        let (matrix, description) = try example()
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.qls").path
        try StoreFile.write(matrix, description, to: path)
        let read = try StoreFile.read(path)
        #expect(read.description.predictorNames == description.predictorNames)
        #expect(read.description.dependent == description.dependent && read.description.places == description.places)
        #expect(read.description.bits == 3 && read.description.responseBits == 12 && read.description.intercept)
        #expect(read.description.quantizer == "balanced" && read.description.droppedRows == 2)
        #expect(read.matrix.rows == 77)
        #expect(read.matrix.transform == matrix.transform)
        #expect(read.matrix.integerGram() == matrix.integerGram())
        #expect(read.matrix.decoded(first: 0, count: 77) == matrix.decoded(first: 0, count: 77))
        for (a, b) in zip(read.matrix.columns, matrix.columns) {
            #expect(a.name == b.name && a.codebook.levels == b.codebook.levels && a.grid == b.grid)
            #expect(a.counts == b.counts && a.packed == b.packed)
            #expect(a.moments.shiftedSum == b.moments.shiftedSum && a.moments.mean == b.moments.mean)
            #expect(a.moments.sumOfSquaredDeviations == b.moments.sumOfSquaredDeviations)
            #expect(abs(a.totalSquaredError - b.totalSquaredError) <= 1e-15 * b.totalSquaredError)
            for (v, w) in zip(a.errorVariances, b.errorVariances) { #expect(abs(v - w) <= 2e-7 * w) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.qls"])
    }

    @Test func everyCutIsAnError() throws {
        let (matrix, description) = try example()
        let bytes = try encoded(matrix, description)
        for length in 0..<bytes.count {
            #expect(throws: StoreError.self) { try StoreFile.decode(Array(bytes[0..<length]), kernels: .best) }
        }
    }

    @Test func everyFlippedBitThatMattersIsAnError() throws {
        let (matrix, description) = try example()
        let bytes = try encoded(matrix, description)
        let clean = try StoreFile.decode(bytes, kernels: .best)
        var silent = 0
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= UInt8(1 << (place % 8))
            if let read = try? StoreFile.decode(damaged, kernels: .best) {
                // Only the padding between blocks is not covered by a checksum.
                #expect(read.matrix.decoded(first: 0, count: 77) == clean.matrix.decoded(first: 0, count: 77))
                silent += 1
            }
        }
        #expect(silent < 64 * 4)
    }

    /// Descriptions with right checksums but wrong contents: an error or a matrix, never a crash or a huge allocation.
    @Test func hostileDescriptionsAreErrors() throws {
        let (matrix, description) = try example()
        let bytes = try encoded(matrix, description)
        let length = Int(bytes[12]) | Int(bytes[13]) << 8
        for place in StoreFile.fixedLength..<(StoreFile.fixedLength + length) {
            for value: UInt8 in [0, 0x7F, 0xFF] {
                var hostile = bytes
                hostile[place] = value
                let body = hostile[StoreFile.fixedLength..<(StoreFile.fixedLength + length)]
                put(StoreFile.checksum(body), at: 24, in: &hostile)
                put(StoreFile.checksum(hostile[0..<28]), at: 28, in: &hostile)
                _ = try? StoreFile.decode(hostile, kernels: .best)
            }
        }
    }

    @Test func aFailedWriteLeavesTheOldStore() throws {
        let (matrix, description) = try example()
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.qls")
        // A folder in the way: the rename fails, nothing temporary is left.
        try FileManager.default.createDirectory(at: path.appendingPathComponent("x"), withIntermediateDirectories: true)
        #expect(throws: StoreError.self) { try StoreFile.write(matrix, description, to: path.path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.qls"])
        #expect(throws: StoreError.unwritable("there is no folder \(folder.path)/none")) {
            try StoreFile.write(matrix, description, to: folder.appendingPathComponent("none/a.qls").path)
        }
    }

    @Test func otherVersionsAndFilesAreNamed() throws {
        let (matrix, description) = try example()
        var bytes = try encoded(matrix, description)
        bytes[8] = 9
        #expect(throws: StoreError.version(9)) { try StoreFile.decode(bytes, kernels: .best) }
        #expect(throws: StoreError.notAStore) { try StoreFile.decode(Array("a,b\n1,2\n".utf8), kernels: .best) }
        #expect(throws: StoreError.notFound) { try StoreFile.read("/nowhere/at/all.qls") }
    }

    /// zlib's check value of "123456789".
    @Test func checksumIsThatOfZlib() { #expect(StoreFile.checksum(Array("123456789".utf8)[...]) == 0xCBF4_3926) }

    private func encoded(_ matrix: QuantizedMatrix, _ description: StoreDescription) throws -> [UInt8] {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.qls")
        try StoreFile.write(matrix, description, to: path.path)
        return [UInt8](try Data(contentsOf: path))
    }

    private func put(_ value: UInt32, at place: Int, in bytes: inout [UInt8]) {
        for i in 0..<4 { bytes[place + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i)) }
    }
}
