import Foundation
import Testing

@testable import Tables

@Suite struct CSVErrorTests {
    /// Text, selected columns, and the whole message.
    static let messages: [(text: String, columns: [String]?, message: String)] = [
        ("age,x\n1,2\nabc,3\n", nil, "FILE:3: data row 2, column \"age\": found \"abc\", expected a number"),
        (
            "a,b\n1,2\n\n", ["b", "c"],
            "FILE: no column \"c\"; the columns are \"a\", \"b\""
        ),
        (
            "income,height,weight\n1,2,3\n", ["Heigth"],
            "FILE: no column \"Heigth\"; did you mean \"height\"?"
        ),
        ("x1,x2,x10\n1,2,3\n", ["x3"], "FILE: no column \"x3\"; did you mean \"x1\", \"x2\"?"),
        ("a,b\n1,2\n", ["a", "b", "a"], "FILE: column \"a\" is selected twice"),
        ("a,b\n1,2\n", [], "FILE: no column is selected"),
        ("a,b,a\n1,2,3\n", nil, "FILE:1: columns 1 and 3 are both named \"a\", expected distinct names"),
        ("a,b\n1,2\n3\n", nil, "FILE:3: data row 2: found 1 field, expected 2"),
        ("a,b\n1,2\n3,4,5\n", nil, "FILE:3: data row 2: found 3 fields, expected 2"),
        ("a,b\nx,2,3\n", nil, "FILE:2: data row 1: found 3 fields, expected 2"),
        ("a,b\n,2\n", nil, "FILE:2: data row 1, column \"a\": missing value (empty cell), expected a number"),
        ("a,b\n1,NA\n", nil, "FILE:2: data row 1, column \"b\": missing value (\"NA\"), expected a number"),
        ("a,b\n1,2\n\n3,4\n", nil, "FILE:3: blank line between rows"),
        ("a,b\n\n3,4\n", nil, "FILE:2: blank line between rows"),
        ("a\n1\n\n3\n", nil, "FILE:3: data row 2, column \"a\": missing value (empty cell), expected a number"),
        ("\na,b\n", nil, "FILE:1: blank line between rows"),
        ("", nil, "FILE: empty file, expected a header line with the column names"),
        ("\u{FEFF}\n \r\n", nil, "FILE: empty file, expected a header line with the column names"),
        ("a,b", nil, "FILE: no data rows after the header"),
        ("a,b\n\n\n", nil, "FILE: no data rows after the header"),
        (
            "1.5,2,3\n4,5,6\n", nil,
            "FILE:1: found numbers (1.5,2,3), expected a header line with the column names"
        ),
        ("3\n4\n", nil, "FILE:1: found numbers (3), expected a header line with the column names"),
        ("a,b\n1,2\n3,\"4\n5,6\n", nil, "FILE:3: a quoted field starts here and is never closed"),
        ("a,\"b\n1,2\n", nil, "FILE:1: a quoted field starts here and is never closed"),
        ("a\0b,c\n1,2\n", nil, "FILE: found a zero byte, expected delimited text (UTF-8)"),
        ("a,b\r1,2\r", nil, "FILE: found a carriage return that ends no line, expected delimited text (UTF-8)"),
        ("PK\u{3}\u{4}zip", nil, "FILE: found a ZIP archive (such as .xlsx), expected delimited text (UTF-8)"),
        (
            "a,b\n1,\"line\nbreak, and a lot of further text\"\n", nil,
            "FILE:2: data row 1, column \"b\": found \"line\u{FFFD}break, and a lot of furthe…, expected a number"
        ),
        (
            "a,t\n1,\"two\nlines\"\nbad,x\n", ["a"],
            "FILE:4: data row 2, column \"a\": found \"bad\", expected a number"
        ),
        (
            "name,x\nAnn,1\nBob,2\n", ["x", "name"],
            "FILE:2: data row 1, column \"name\": found \"Ann\", expected a number"
        ),
    ]

    @Test(arguments: messages.indices) func message(_ index: Int) {
        let (text, columns, message) = Self.messages[index]
        #expect(csvMessage(text, columns: columns) == message)
    }

    @Test func categories() throws {
        func category(_ path: String) -> TableError.Category? {
            do throws(TableError) {
                _ = try readAll(openTable(path: path))
                return nil
            } catch {
                return error.category
            }
        }
        #expect(category("/no/such/file.csv") == .notFound)
        #expect(category("/no/such/file.npy") == .notFound)
        #expect(category(FileManager.default.temporaryDirectory.path) == .unreadable)
        let text = TemporaryFile("a\nx\n")
        let array = TemporaryFile("not an array", suffix: ".npy")
        #expect(category(text.path) == .badData)
        #expect(category(array.path) == .badData)
        #expect(TableError(file: "f", reason: .readFailed("gone")).category == .inputOutput)
        #expect(TableError(file: "f", reason: .readFailed("gone")).description == "f: reading failed: gone")
        #expect(TableError(file: "f", reason: .notFound).description == "f: no such file")
    }

    @Test func rowLongerThanTheLimit() {
        var options = ReadingOptions(chunkBytes: 8, headerBytes: 4, maximumRowBytes: 64)
        let long = String(repeating: "0", count: 200)
        #expect(csvMessage("a,b\n1,2\n3,\(long)\n", options: options) == "FILE:3: row longer than 64 bytes")
        #expect(csvMessage("a,b\(long)\n1,2\n", options: options) == "FILE:1: row longer than 64 bytes")
        options.maximumRowBytes = 256
        #expect(csvMessage("a,b\n1,2\n3,\(long)\n", options: options).hasPrefix("no error"))
    }

    /// Rows before an error are delivered; the error comes with its block, and again with each further call.
    @Test func rowsBeforeAnError() throws {
        let file = TemporaryFile("a\n1\n2\n3\n4\nx\n6\n")
        let reader = try CSVReader(path: file.path)
        #expect(try reader.nextBlock(maximumRows: 2)?.values == [1, 2])
        #expect(try reader.nextBlock(maximumRows: 2)?.values == [3, 4])
        for _ in 0..<2 {
            let error = #expect(throws: TableError.self) { try reader.nextBlock(maximumRows: 2) }
            #expect(error?.reason == .notNumber(.init(line: 6, row: 5, column: "a"), found: "\"x\""))
        }
    }
}

extension CSVErrorTests {
    /// Names may hold anything; a message is one line of a reasonable length, without what could move a cursor.
    @Test func namesInMessagesAreShortAndPrintable() {
        #expect(
            csvMessage("\"a\r\n\u{1B}[2J\u{2028}\",b\nx,1\n")
                == "FILE:3: data row 1, column \"a\u{FFFD}\u{FFFD}\u{FFFD}[2J\u{FFFD}\": found \"x\", expected a number"
        )
        let long = String(repeating: "n", count: 100_000)
        #expect(
            csvMessage("\(long),\(long)\n1,2\n")
                == "FILE:1: columns 1 and 2 are both named \"\(long.prefix(64))…\", expected distinct names")
    }
}
