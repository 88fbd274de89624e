import Foundation
import Matrices
import Tables
import TestSupport
import Testing

@Suite struct NPYStackTests {
    /// A version 1.0 file of 8-byte floats.
    static func write(_ values: [Double], shape: String, fortran: Bool, extra: Int = 0) throws -> URL {
        let text = "{'descr': '<f8', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
        let padding = String(repeating: " ", count: (64 - (11 + text.utf8.count) % 64) % 64)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let length = text.utf8.count + padding.utf8.count + 1
        bytes += [UInt8(length & 255), UInt8(length >> 8)] + Array((text + padding + "\n").utf8)
        for value in values { for k in 0..<8 { bytes.append(UInt8(value.bitPattern >> UInt64(8 * k) & 255)) } }
        bytes += [UInt8](repeating: 0, count: extra)
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).npy")
        try Data(bytes).write(to: url)
        return url
    }

    @Test(arguments: [false, true]) func elementsAreWhereTheyBelong(fortran: Bool) throws {
        let (count, rows, columns) = (2, 3, 4)
        var values = [Double](repeating: 0, count: 24)
        for h in 0..<count {
            for i in 0..<rows {
                for j in 0..<columns {
                    let place = fortran ? h + count * (i + rows * j) : (h * rows + i) * columns + j
                    values[place] = Double(100 * h + 10 * i + j)
                }
            }
        }
        let url = try Self.write(values, shape: "(2, 3, 4)", fortran: fortran)
        defer { try? FileManager.default.removeItem(at: url) }
        let stack = try NPYStack.read(path: url.path)
        #expect(stack.count == 2)
        for h in 0..<count {
            for i in 0..<rows {
                for j in 0..<columns { #expect(stack[h][i, j] == Double(100 * h + 10 * i + j)) }
            }
        }
    }

    @Test func badFiles() throws {
        let cases: [(shape: String, values: [Double], extra: Int, message: String)] = [
            ("(2, 2)", [1, 2, 3, 4], 0, "an array of 2 dimensions, expected 3"),
            ("(1, 2, 0)", [], 0, "the array has no elements"),
            (
                "(1, 2, 2)", [1, 2, 3, 4], 1,
                "the header states 1 × 2 × 2 elements of 8 bytes (32 bytes), the file holds 33 bytes after it"
            ),
            ("(1, 2, 2)", [1, 2, .nan, 4], 0, "element (0, 1, 0), counted from 0, is nan, expected a finite number"),
            (
                "(4294967296, 4294967296, 4294967296)", [], 0,
                "the header states 4294967296 × 4294967296 × 4294967296 elements of 8 bytes (more than 2^63 bytes), "
                    + "the file holds 0 bytes after it"
            ),
        ]
        for (shape, values, extra, message) in cases {
            let url = try Self.write(values, shape: shape, fortran: false, extra: extra)
            defer { try? FileManager.default.removeItem(at: url) }
            let error = #expect(throws: TableError.self) { try NPYStack.read(path: url.path) }
            #expect(error?.description == "\(url.path): \(message)")
        }
        #expect(throws: TableError.self) { try NPYStack.read(path: "/nonexistent/file.npy") }
    }
}
