import Matrices
import Testing

@testable import Tables

@Suite struct CSVFormatTests {
    static let separators = [",", "\t", ";"]
    static let lineEnds = ["\n", "\r\n"]

    @Test(arguments: separators, lineEnds) func separatorsLineEndsAndQuotes(_ separator: String, _ lineEnd: String)
        throws
    {
        let cells = [["1", "-2.5", " 3e2 "], ["+4", "\"5\"", "\" 6 \""], [".5", "7.", "-0"]]
        let expected: [Double] = [1, 4, 0.5, -2.5, 5, 7, 300, 6, -0.0]
        for header in [["a", "b", "c"], ["\"a\"", " b ", "\"c\""]] {
            for byteOrderMark in ["", "\u{FEFF}"] {
                for last in [lineEnd, "", lineEnd + lineEnd + " " + lineEnd] {
                    let lines = ([header] + cells).map { $0.joined(separator: separator) }
                    let text = byteOrderMark + lines.joined(separator: lineEnd) + last
                    let file = TemporaryFile(text)
                    let reader = try CSVReader(path: file.path)
                    #expect(reader.columnNames == ["a", "b", "c"])
                    let table = try #require(try readAll(reader, rowsAtOnce: 2))
                    #expect(table.values == expected)
                    #expect(table.values[8].sign == .minus)
                    #expect(reader.fractionRead == 1)
                }
            }
        }
    }

    @Test func quotedNamesAndUnselectedText() throws {
        let text = "id,\"last, \"\"first\"\"\",\"two\nlines\",x\n1,\"Doe, \"\"J\"\"\",\"a\nb\",2\n3,O\"Brien,,4\n"
        let file = TemporaryFile(text)
        let reader = try CSVReader(path: file.path)
        #expect(reader.columnNames == ["id", "last, \"first\"", "two\nlines", "x"])
        try reader.select(columns: ["x", "id"])
        #expect(reader.columnNames == ["x", "id"])
        #expect(try readAll(reader)?.values == [2, 4, 1, 3])
    }

    @Test func wholeMatrix() throws {
        let file = TemporaryFile("a,b\n1,2\n3,4\n5,6\n")
        let reader = try CSVReader(path: file.path)
        _ = try reader.nextBlock(maximumRows: 1)
        #expect(try reader.readMatrix() == DenseMatrix(rows: 2, columns: 2, elements: [3, 5, 4, 6]))
        #expect(try reader.readMatrix() == DenseMatrix(rows: 0, columns: 2))
    }

    /// Names that a program counts up are names; a name left out gets its place.
    @Test func numbersAndBlanksAsNames() throws {
        for (header, names) in [
            ("0,1,2", ["0", "1", "2"]), ("1990,1991,1992", ["1990", "1991", "1992"]),
            (",a,", ["column1", "a", "column3"]),
        ] {
            let file = TemporaryFile(header + "\n4,5,6\n")
            let reader = try CSVReader(path: file.path)
            #expect(reader.columnNames == names)
            #expect(try readAll(reader)?.values == [4, 5, 6])
        }
    }

    @Test func decimalComma() throws {
        #expect(try readCSV("a;b\n1,5;2.5\n-0,25;3\n")?.values == [1.5, -0.25, 2.5, 3])
        #expect(
            csvMessage("a;b\n1.234,5;2\n") == "FILE:2: data row 1, column \"a\": found \"1.234,5\", expected a number")
        #expect(csvMessage("a\tb\n1,5\t2\n") == "FILE:2: data row 1, column \"a\": found \"1,5\", expected a number")
    }

    @Test(arguments: ["", "NA", "n/a", "NaN", "-nan", "null", "NULL", "\"\"", " \"NA\" "])
    func missingValues(_ spelling: String) throws {
        let text = "a,b\n1,2\n3,\(spelling)\n5,6\n"
        let file = TemporaryFile(text)
        let reader = try CSVReader(path: file.path, missing: .drop)
        #expect(try readAll(reader)?.values == [1, 5, 2, 6])
        #expect(reader.droppedRows == 1)
        let kept = try #require(try readCSV(text, missing: .keep))
        #expect(kept.hasMissing && kept[1, 1].isNaN && kept[1, 0] == 3 && kept[2, 1] == 6)
        #expect(try readCSV(text, columns: ["a"])?.values == [1, 3, 5])
        #expect(csvMessage(text).hasPrefix("FILE:3: data row 2, column \"b\": missing value ("))
    }
}
