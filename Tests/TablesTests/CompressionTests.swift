import Foundation
import Testing

@testable import Tables

/// Compressed files, written by Python's gzip and zstandard modules.
@Suite struct CompressionTests {
    static let reference = TableReferences.all.compressed
    static let names = reference.files.keys.sorted()

    /// The name's extensions, as the file has them.
    static func suffix(_ name: String) -> String { "." + name.split(separator: ".").dropFirst().joined(separator: ".") }

    @Test(arguments: names) func contents(_ name: String) throws {
        // The first bytes decide, not the name.
        for suffix in [Self.suffix(name), ".dat"] {
            let file = TemporaryFile(TableReferences.bytes(name), suffix: suffix)
            for rowsAtOnce in [100, 1 << 20] {
                let source = try openTable(path: file.path)
                let table = try #require(try readAll(source, rowsAtOnce: rowsAtOnce))
                #expect(table.rows == Self.reference.rows && source.fractionRead == 1)
                #expect((0..<3).map { table[table.rows - 1, $0] } == Self.reference.last)
                let sums = (0..<3).map { j in table.values[j * table.rows..<(j + 1) * table.rows].reduce(0, +) }
                #expect(sums == Self.reference.sums)
            }
            #expect((try openTable(path: file.path).storedRows != nil) == name.contains("npy"))
        }
    }

    @Test func arraysAreReadInAnyOrder() throws {
        for name in ["array.npy.gz", "array.npy.zst"] {
            let file = TemporaryFile(TableReferences.bytes(name), suffix: Self.suffix(name))
            let stored = try #require(try openTable(path: file.path, columns: ["x1"]).storedRows)
            #expect(try stored.block(first: 1234, count: 3).values == [1234, 1235, 1236])
        }
    }

    /// Every truncation is an error that names the file; so is a flipped bit, unless it changes nothing.
    @Test(arguments: ["table.csv.gz", "members.csv.gz", "table.csv.zst", "array.npy.gz", "array.npy.zst"])
    func damage(_ name: String) throws {
        let good = TableReferences.bytes(name)
        var places = Array(stride(from: 5, to: good.count, by: good.count / 40)) + [good.count - 1]
        if name == "members.csv.gz" { places.removeAll { Self.startsMember(good, at: $0) } }
        for place in places {
            let cut = TemporaryFile(Array(good[..<place]), suffix: Self.suffix(name))
            let error = #expect(throws: TableError.self) { try readAll(openTable(path: cut.path)) }
            #expect(error?.category == .badData && error?.description.hasPrefix(cut.path) == true)
            #expect(error?.description.contains("data at byte") == true, "\(place): \(error?.description ?? "")")
            var bytes = good
            bytes[place] ^= 0x10
            let flipped = TemporaryFile(bytes, suffix: Self.suffix(name))
            // Not every bit matters: what is read in spite of the change is what was packed.
            do throws(TableError) {
                let table = try readAll(openTable(path: flipped.path), rowsAtOnce: 1 << 20)
                let count = table?.rows ?? 0
                let sums = (0..<3).map { j in table?.values[j * count..<(j + 1) * count].reduce(0, +) ?? 0 }
                #expect(sums == Self.reference.sums, "\(place)")
            } catch {
                #expect(error.category == .badData && error.description.hasPrefix(flipped.path))
            }
        }
    }

    private static func startsMember(_ bytes: [UInt8], at place: Int) -> Bool {
        place + 2 < bytes.count && bytes[place] == 0x1F && bytes[place + 1] == 0x8B
    }

    @Test func messages() throws {
        let good = TableReferences.bytes("table.csv.gz")
        let zstd = TableReferences.bytes("table.csv.zst")
        let cases: [([UInt8], String)] = [
            (
                Array(good.dropLast(9)),
                "damaged gzip data at byte \(good.count - 9): the data end before the member does"
            ),
            (
                good + Array("a,b,c\n".utf8),
                "damaged gzip data at byte \(good.count): bytes that are no gzip member follow the last one"
            ),
            (Array(good.dropLast(8)) + [1, 2, 3, 4] + good.suffix(4), "incorrect data check"),
            (Array(good.dropLast(4)) + [1, 2, 3, 4], "incorrect length check"),
            (
                Array(zstd.dropLast(5)),
                "damaged Zstandard data at byte \(zstd.count - 5): the data end before the frame does"
            ),
            (zstd + Array("more".utf8), "damaged Zstandard data at byte \(zstd.count): Unknown frame descriptor"),
            ([0x1F, 0x8B], "damaged gzip data at byte 2: the data end before the member does"),
        ]
        for (bytes, message) in cases {
            let file = TemporaryFile(bytes, suffix: ".csv.gz")
            let error = #expect(throws: TableError.self) { try readAll(openTable(path: file.path)) }
            #expect(error?.description.hasPrefix(file.path) == true)
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
    }

    /// Rows before the damage are delivered, then the error comes, and again.
    @Test func rowsBeforeTheDamage() throws {
        let file = TemporaryFile(Array(TableReferences.bytes("members.csv.gz").dropLast(2000)), suffix: ".csv.gz")
        let reader = try CSVReader(
            input: ByteInput(path: file.path), columns: nil, missing: .error,
            options: ReadingOptions(chunkBytes: 100, headerBytes: 100))
        #expect(try reader.nextBlock(maximumRows: 500)?[499, 0] == 499)
        var error: TableError?
        while error == nil {
            do throws(TableError) { _ = try reader.nextBlock(maximumRows: 100) } catch let thrown { error = thrown }
        }
        let again = #expect(throws: TableError.self) { try reader.nextBlock(maximumRows: 1) }
        #expect(error == again && error?.category == .badData)
    }

    /// An array that goes on beyond what its header states is not unpacked to its end.
    @Test func arrayLongerThanItsHeader() throws {
        var array = NPYFixture.table([1, 2, 3, 4], columns: 2, type: "<f8")
        array += [UInt8](repeating: 0, count: 1 << 20)
        let file = TemporaryFile(GzipFixture.stored(array), suffix: ".npy.gz")
        let error = #expect(throws: TableError.self) { try openTable(path: file.path) }
        #expect(
            error?.description
                == "\(file.path): the header states 2 × 2 elements of 8 bytes (32 bytes), the file holds more after it")
        let short = TemporaryFile(
            GzipFixture.stored(Array(NPYFixture.table([1, 2, 3, 4], columns: 2, type: "<f8").dropLast(3))))
        let second = #expect(throws: TableError.self) { try openTable(path: short.path) }
        #expect(
            second?.description
                == "\(short.path): the header states 2 × 2 elements of 8 bytes (32 bytes), the file holds 29 bytes after it"
        )
    }

    /// A line without end in a small file does not take memory without end.
    @Test func lineWithoutEnd() throws {
        let text = Array("a,b\n1,2\n".utf8) + [UInt8](repeating: 0x31, count: 1 << 20)
        let file = TemporaryFile(GzipFixture.stored(text), suffix: ".csv.gz")
        let options = ReadingOptions(chunkBytes: 1000, maximumRowBytes: 1 << 16)
        let reader = try CSVReader(
            input: ByteInput(path: file.path), columns: nil, missing: .error, options: options)
        let error = #expect(throws: TableError.self) { try readAll(reader) }
        #expect(error?.description == "\(file.path):3: row longer than 65536 bytes")
    }

    /// A pipe that delivers a few bytes at a time, in a process of its own.
    @Test func standardInput() async {
        await #expect(processExitsWith: .success) {
            for name in ["table.csv.gz", "table.csv.zst", "array.npy.gz", "array.npy.zst"] {
                var ends: [Int32] = [0, 0]
                guard unsafe pipe(&ends) == 0 else { exit(2) }
                dup2(ends[0], 0)
                let (bytes, end) = (TableReferences.bytes(name), ends[1])
                Thread.detachNewThread {
                    for start in stride(from: 0, to: bytes.count, by: 700) {
                        let piece = Array(bytes[start..<min(start + 700, bytes.count)])
                        _ = unsafe write(end, piece, piece.count)
                    }
                    close(end)
                }
                let table = try readAll(openTable(path: "-"))
                if table?.rows != TableReferences.all.compressed.rows { exit(1) }
            }
            exit(0)
        }
    }
}

/// gzip members without compression.
enum GzipFixture {
    /// A member whose blocks are stored (RFC 1951, 3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        for start in stride(from: 0, to: bytes.count, by: 65535) {
            let piece = bytes[start..<min(start + 65535, bytes.count)]
            let length = UInt16(piece.count)
            result.append(start + piece.count == bytes.count ? 1 : 0)
            for value in [length, ~length] { result += [UInt8(value & 255), UInt8(value >> 8)] }
            result += piece
        }
        for value in [crc(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
            result += (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return result
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    /// The CRC-32 of RFC 1952.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }
}
