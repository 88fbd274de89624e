import Foundation
import Testing

@testable import Tables

/// Array files made byte by byte, as the numpy.lib.format specification says.
enum NPYFixture {
    static func file(_ dictionary: String, data: [UInt8], major: UInt8 = 1) -> [UInt8] {
        let lengthBytes = major == 1 ? 2 : 4
        let unpadded = 8 + lengthBytes + dictionary.utf8.count + 1
        let text = Array(dictionary.utf8) + [UInt8](repeating: 0x20, count: (64 - unpadded % 64) % 64) + [0x0A]
        let length = (0..<lengthBytes).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return [0x93] + Array("NUMPY".utf8) + [major, 0] + length + text + data
    }

    static func dictionary(_ type: String, fortran: Bool = false, shape: String) -> String {
        "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
    }

    /// The bytes of one number in an element type such as `>i4`.
    static func element(_ value: Double, _ type: String) -> [UInt8] {
        let size = Int(String(type.last!))!
        let bits: UInt64 =
            switch (type.dropFirst().first!, size) {
            case ("f", 4): UInt64(Float(value).bitPattern)
            case ("f", _): value.bitPattern
            case ("u", _), ("b", _): UInt64(value)
            default: UInt64(bitPattern: Int64(value))
            }
        let little = (0..<size).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
        return type.first == ">" ? little.reversed() : little
    }

    /// A whole file: `values` row by row.
    static func table(
        _ values: [Double], columns: Int?, type: String, fortran: Bool = false, major: UInt8 = 1
    ) -> [UInt8] {
        let rows = values.count / (columns ?? 1)
        let order =
            fortran ? (0..<values.count).map { ($0 % rows) * (columns ?? 1) + $0 / rows } : Array(values.indices)
        let shape = columns.map { "(\(rows), \($0))" } ?? "(\(rows),)"
        let data = order.flatMap { element(values[$0], type) }
        return file(dictionary(type, fortran: fortran, shape: shape), data: data, major: major)
    }
}

@Suite struct NPYTests {
    static let types = [
        "|b1", "|i1", "|u1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8", "<f4",
        ">f4", "<f8", ">f8", "=f8", "<i1",
    ]

    static func samples(_ type: String) -> [Double] {
        switch type.dropFirst().prefix(2) {
        case "b1": [0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0]
        case "i1": [0, 1, -1, 127, -128, 5, -6, 7, 8, -9, 10, 11]
        case "u1": [0, 1, 255, 128, 127, 5, 6, 7, 8, 9, 10, 11]
        case "i2": [0, 1, -1, 32767, -32768, 300, -300, 256, 8, 9, 10, 11]
        case "u2": [0, 1, 65535, 32768, 256, 300, 5, 6, 7, 8, 9, 10]
        case "i4": [0, 1, -1, 2_147_483_647, -2_147_483_648, 65536, -70000, 7, 8, 9, 10, 11]
        case "u4": [0, 1, 4_294_967_295, 65536, 70000, 5, 6, 7, 8, 9, 10, 11]
        case "i8": [0, 1, -1, 0x1p62, -0x1p63, 0x1p53, -5, 7, 8, 9, 10, 11]
        case "u8": [0, 1, 0x1p63, 0x1p53, 7, 5, 6, 7, 8, 9, 10, 11]
        case "f4": [0, 1, -1.5, 0x1.fffffep127, -0x1p-149, 0.1015625, 5, 6, 7, 8, 9, 10]
        default: [0, 0.1, -1e300, 0x0.0000000000001p-1022, 1 / 3, 2e-308, 5, 6, 7, 8, 9, 10]
        }
    }

    @Test(arguments: types, [1, 2, 3] as [UInt8]) func elementTypesOrdersAndVersions(_ type: String, _ major: UInt8)
        throws
    {
        let values = Self.samples(type)
        for (columns, fortran) in [
            (nil, false), (nil, true), (1, false), (3, false), (3, true), (12, false), (12, true),
        ] {
            let bytes = NPYFixture.table(values, columns: columns, type: type, fortran: fortran, major: major)
            let file = TemporaryFile(bytes, suffix: ".NPY")
            let n = columns ?? 1
            let m = values.count / n
            let expected = (0..<n).flatMap { column in (0..<m).map { values[$0 * n + column] } }
            let reader = try NPYReader(path: file.path)
            #expect(reader.columnNames == (1...n).map { "x\($0)" } && reader.rowCountHint == m)
            for rowsAtOnce in [1, 2, 3, 5, 100] {
                #expect(try readAll(reader, rowsAtOnce: rowsAtOnce)?.values == expected)
                #expect(reader.fractionRead == 1)
                reader.rewind()
            }
            if n > 1 {
                let selected = try openTable(path: file.path, columns: ["x3", "x1"])
                #expect(try readAll(selected)?.values == Array(expected[2 * m..<3 * m] + expected[..<m]))
            }
        }
    }

    @Test(arguments: [false, true]) func nonFiniteValues(_ fortran: Bool) throws {
        let values = [1, 2, 3, 4, .nan, 6, 7, 8, .nan, 10, 11, 12]
        let file = TemporaryFile(NPYFixture.table(values, columns: 3, type: "<f4", fortran: fortran), suffix: ".npy")
        let error = #expect(throws: TableError.self) { try readAll(NPYReader(path: file.path)) }
        #expect(
            error?.description
                == "\(file.path): data row 2, column \"x2\": missing value (NaN), expected a number")
        #expect(error?.category == .badData)
        for rowsAtOnce in [1, 2, 100] {
            let reader = try NPYReader(path: file.path, missing: .drop)
            #expect(try readAll(reader, rowsAtOnce: rowsAtOnce)?.values == [1, 10, 2, 11, 3, 12])
            #expect(reader.droppedRows == 2)
            let kept = try #require(try readAll(NPYReader(path: file.path, missing: .keep), rowsAtOnce: rowsAtOnce))
            #expect(kept.hasMissing && kept[1, 1].isNaN && kept[2, 2].isNaN && kept[3, 2] == 12)
        }
        let infinite = [1, 2, 3, 4, 5, -Double.infinity, .infinity, 8, 9]
        let second = TemporaryFile(
            NPYFixture.table(infinite, columns: 3, type: ">f8", fortran: fortran), suffix: ".npy")
        for missing in MissingValues.allCases {
            let error = #expect(throws: TableError.self) { try readAll(NPYReader(path: second.path, missing: missing)) }
            #expect(
                error?.description == "\(second.path): data row 2, column \"x3\": non-finite value -inf, "
                    + "expected a finite number")
        }
    }

    /// Header dictionary, data bytes, and the message after the path.
    static let badFiles: [(dictionary: String, dataBytes: Int, message: String)] = [
        (
            "{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2), }", 32,
            "elements of type '<c8', expected booleans, integers, or floats of 4 or 8 bytes"
        ),
        (
            "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", 4,
            "elements of type '<f2', expected booleans, integers, or floats of 4 or 8 bytes"
        ),
        (
            "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 16,
            "elements of type '|O', expected booleans, integers, or floats of 4 or 8 bytes"
        ),
        (
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }", 16,
            "a structured array, expected one element type"
        ),
        (NPYFixture.dictionary("<f8", shape: "()"), 8, "an array of 0 dimensions, expected 1 or 2"),
        (NPYFixture.dictionary("<f8", shape: "(1, 2, 3)"), 48, "an array of 3 dimensions, expected 1 or 2"),
        (NPYFixture.dictionary("<f8", shape: "(0, 3)"), 0, "the array has no rows"),
        (NPYFixture.dictionary("<f8", shape: "(3, 0)"), 0, "the array has no columns"),
        (
            NPYFixture.dictionary("<f8", shape: "(2, 2)"), 31,
            "the header states 2 × 2 elements of 8 bytes (32 bytes), the file holds 31 bytes after it"
        ),
        (
            NPYFixture.dictionary("<f8", shape: "(2, 2)"), 33,
            "the header states 2 × 2 elements of 8 bytes (32 bytes), the file holds 33 bytes after it"
        ),
        (
            NPYFixture.dictionary("<f8", shape: "(4294967296, 4294967296)"), 0,
            "the header states 4294967296 × 4294967296 elements of 8 bytes (more than 2^63 bytes), "
                + "the file holds 0 bytes after it"
        ),
        (
            NPYFixture.dictionary("<f8", shape: "(2305843009213693952,)"), 0,
            "the header states 2305843009213693952 × 1 elements of 8 bytes (more than 2^63 bytes), "
                + "the file holds 0 bytes after it"
        ),
        (NPYFixture.dictionary("|u1", shape: "(1, 1048577)"), 1_048_577, "1048577 columns, expected at most 1048576"),
        (NPYFixture.dictionary("<f8", shape: "(-1,)"), 8, "malformed header at byte 51 of its dictionary"),
        (
            NPYFixture.dictionary("<f8", shape: "(99999999999999999999,)"), 8,
            "malformed header at byte 71 of its dictionary"
        ),
        ("{'descr': '<f8', 'fortran_order': False}", 8, "the header lacks descr, fortran_order or shape"),
        ("{'descr': '<f8', 'descr': '<f8'}", 8, "unexpected key \"descr\" in the header"),
        ("{'descr': '<f8', 'order': 1}", 8, "unexpected key \"order\" in the header"),
        // Found by the fuzzer: names of any length are cut in messages.
        (
            "{'descr': '<f8', '\(String(repeating: "e", count: 5000))': 1}", 8,
            "unexpected key \"\(String(repeating: "e", count: 32))…\" in the header"
        ),
        (
            "{'descr': '<\(String(repeating: "f", count: 5000))', 'fortran_order': False, 'shape': (1,)}", 8,
            "elements of type '<\(String(repeating: "f", count: 31))…', expected booleans, integers, or floats of 4 or 8 bytes"
        ),
        ("{'descr': '<f8", 8, "malformed header at byte 10 of its dictionary"),
        ("", 8, "malformed header at byte 54 of its dictionary"),
    ]

    @Test(arguments: badFiles.indices) func badFile(_ index: Int) {
        let (dictionary, dataBytes, message) = Self.badFiles[index]
        for major: UInt8 in [1, 2] where major == 1 || !dictionary.isEmpty {
            let bytes = NPYFixture.file(dictionary, data: [UInt8](repeating: 0, count: dataBytes), major: major)
            let file = TemporaryFile(bytes, suffix: ".npy")
            let error = #expect(throws: TableError.self) { try NPYReader(path: file.path) }
            #expect(error?.description == "\(file.path): \(message)")
        }
    }

    @Test func badStart() {
        let good = NPYFixture.table([1, 2], columns: nil, type: "<f8")
        var huge = NPYFixture.table([1, 2], columns: nil, type: "<f8", major: 2)
        huge[11] = 0xFF
        let messages: [([UInt8], String)] = [
            ([], "no NumPy array: it does not start with \\x93NUMPY"),
            (Array("a,b\n1,2\n3,4\n".utf8), "no NumPy array: it does not start with \\x93NUMPY"),
            (Array(good[..<6]) + [4, 0] + good[8...], "NumPy format version 4.0, expected 1.0, 2.0 or 3.0"),
            (Array(good[..<11]), "truncated header"),
            (Array(good[..<100]), "truncated header"),
            (huge, "a header of 4278190196 bytes, expected at most 65536"),
        ]
        for (bytes, message) in messages {
            let file = TemporaryFile(bytes, suffix: ".npy")
            let error = #expect(throws: TableError.self) { try NPYReader(path: file.path) }
            #expect(error?.description == "\(file.path): \(message)")
        }
    }

    /// A file that loses its tail after the header was read gives an error.
    @Test func fileThatBecomesShorter() throws {
        let file = TemporaryFile(NPYFixture.table([1, 2, 3, 4], columns: 2, type: "<f8"), suffix: ".npy")
        let reader = try NPYReader(path: file.path)
        #expect(unsafe truncate(file.path, 128 + 16) == 0)
        #expect(try reader.nextBlock(maximumRows: 1)?.values == [1, 2])
        let error = #expect(throws: TableError.self) { try reader.nextBlock(maximumRows: 1) }
        #expect(error?.category == .inputOutput)
        #expect(error?.description == "\(file.path): reading failed: the file became shorter")
    }
}
