import Foundation
import Matrices
import QuantizedKernels
import Quantizers
import Testing

@testable import QuantizedMatrices

@Suite struct StoreTests {
    @Test(arguments: [8, 24, 80, nil])
    func whatIsReadIsWhatWasWritten(rowsPerBlock: Int?) throws {
        let store = try ExampleStore(rowsPerBlock: rowsPerBlock), matrix = store.matrix
        let folder = try StoreFolder()
        try StoreFile.write(matrix, store.description, to: folder.path("a.qls"))
        #expect(StoreFile.isStore(folder.path("a.qls")))
        let read = try StoreFile.read(folder.path("a.qls"))
        #expect(read.description.predictorNames == store.description.predictorNames)
        #expect(read.description.dependent == store.description.dependent)
        #expect(read.description.places == store.description.places)
        #expect(read.description.bits == 3 && read.description.responseBits == 12 && read.description.intercept)
        #expect(read.description.quantizer == "balanced" && read.description.droppedRows == 2)
        #expect(read.matrix.rows == 77)
        #expect(read.matrix.transform == matrix.transform)
        #expect(read.matrix.integerGram() == matrix.integerGram())
        #expect(read.matrix.decoded(first: 0, count: 77) == matrix.decoded(first: 0, count: 77))
        for (a, b) in zip(read.matrix.coded, matrix.coded) {
            #expect(a.name == b.name && a.codebook.levels == b.codebook.levels && a.grid == b.grid)
            #expect(a.moments.shiftedSum == b.moments.shiftedSum && a.moments.mean == b.moments.mean)
            #expect(a.moments.sumOfSquaredDeviations == b.moments.sumOfSquaredDeviations)
            #expect(abs(a.totalSquaredError - b.totalSquaredError) <= 1e-15 * b.totalSquaredError)
            for (v, w) in zip(a.errorVariances, b.errorVariances) { #expect(abs(v - w) <= 2e-7 * w) }
        }
        for (a, b) in zip(read.matrix.columns, matrix.columns) { #expect(a.counts == b.counts) }
        #expect(try folder.names() == ["a.qls"])
    }

    /// Errors are kept of numbers whose squares single precision does not hold.
    @Test(arguments: [1e-60, 1e-25, 1e25, 1e60])
    func magnitudes(unit: Double) throws {
        let store = try ExampleStore(unit: unit), folder = try StoreFolder()
        let read = try folder.read(try store.encoded()).matrix.columns[1], written = store.matrix.columns[1]
        #expect(!read.isExact && written.totalSquaredError > 0)
        #expect(abs(read.totalSquaredError - written.totalSquaredError) <= 1e-15 * written.totalSquaredError)
        for (v, w) in zip(read.errorVariances, written.errorVariances) { #expect(abs(v - w) <= 2e-7 * w) }
    }

    /// A store that is read and written again has the same codes, also over the file that is being read.
    @Test func writingAgainGivesTheSameCodes() throws {
        let store = try ExampleStore(rowsPerBlock: 16), folder = try StoreFolder()
        let bytes = try store.encoded()
        let read = try folder.read(bytes)
        let parts = StoreParts(bytes)
        for name in ["b.qls", "read.qls"] {
            try StoreFile.write(read.matrix, read.description, to: folder.path(name))
            let again = StoreParts(try folder.bytes(name))
            #expect(again.blocks == parts.blocks && again.entries == parts.entries)
            #expect(again.description.count == parts.description.count)
        }
        #expect(read.matrix.decoded(first: 0, count: 77) == store.matrix.decoded(first: 0, count: 77))
    }

    /// Side bytes are those of directory and description without names and numbers that every store has.
    @Test func sideBytesAreThoseOfTheFile() throws {
        let store = try ExampleStore(rowsPerBlock: 16), parts = StoreParts(try store.encoded())
        let described = 16 * parts.entries.count + parts.description.count
        // Rows, bits, flags, dropped rows and counts, and the texts: flag, größe and y (twice), constant, balanced.
        let texts = (4 + 8) + (8 + 9 + 12) + (12 + 12) + (8 + 11 + 5),
            numbers =
                8 + 3 + 1 + 8 + 4 + 4 + 8 + 4 + 8 + 4
                // One segment of rows in the order of the table.
                + 24
        // The refinement has no moments before the transform (48), but the column it refines (4).
        #expect(abs(store.matrix.sideBytes - (described - texts - numbers + 48 - 4)) <= 8)
    }

    @Test func aFailedWriteLeavesTheOldStore() throws {
        let store = try ExampleStore(), folder = try StoreFolder()
        // A folder in the way, or none to write in.
        try FileManager.default.createDirectory(atPath: folder.path("a.qls"), withIntermediateDirectories: true)
        #expect(throws: StoreError.unwritable("there is something else than a file of that name")) {
            try StoreFile.write(store.matrix, store.description, to: folder.path("a.qls"))
        }
        #expect(try folder.names() == ["a.qls"])
        #expect(throws: StoreError.unwritable("there is no folder \(folder.url.path)/none")) {
            try StoreFile.write(store.matrix, store.description, to: folder.path("none/a.qls"))
        }
        #expect(throws: StoreError.self) { try StoreFile.write(store.matrix, store.description, to: "/dev/null") }
    }

    @Test func linksAndPermissionsStay() throws {
        let store = try ExampleStore(), folder = try StoreFolder()
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder.path("real")))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.path("real"))
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
        try StoreFile.write(store.matrix, store.description, to: folder.path("link"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real")
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("real"))
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(try StoreFile.read(folder.path("real")).matrix.rows == 77)
    }

    /// What a killed process left is removed by the next write, what another one is writing is not.
    @Test func leftoversAreRemoved() throws {
        let store = try ExampleStore(), folder = try StoreFolder()
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder.path(".123-456.qls-part")))
        let other = try ReplacementFile(replacing: folder.path("b.qls"))
        #expect(try folder.names().count == 1)
        try StoreFile.write(store.matrix, store.description, to: folder.path("a.qls"))
        #expect(try folder.names().count == 2)
        try other.write([1, 2, 3].span, at: 0)
        try other.commit()
        #expect(try folder.names() == ["a.qls", "b.qls"] && folder.bytes("b.qls") == [1, 2, 3])
    }

    @Test func otherVersionsAndFilesAreNamed() throws {
        let folder = try StoreFolder()
        var bytes = try ExampleStore().encoded()
        bytes[8] = 9
        #expect(throws: StoreError.version(9)) { try folder.read(bytes) }
        #expect(throws: StoreError.notAStore) { try folder.read(Array("a,b\n1,2\n".utf8)) }
        #expect(throws: StoreError.notFound) { try StoreFile.read("/nowhere/at/all.qls") }
        #expect(throws: StoreError.unreadable("it is a directory")) { try StoreFile.read(folder.url.path) }
        #expect(throws: StoreError.unreadable("it is not a regular file")) { try StoreFile.read("/dev/null") }
        #expect(!StoreFile.isStore("/nowhere/at/all.qls") && !StoreFile.isStore(folder.path("read.qls")))
    }

    /// zlib's check value of "123456789".
    @Test func checksumIsThatOfZlib() {
        let digits = Array("123456789".utf8)
        #expect(StoreFile.checksum(digits.span) == 0xCBF4_3926)
    }
}
