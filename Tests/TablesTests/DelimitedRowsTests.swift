import Foundation
import TestSupport
import Testing

@testable import Tables

/// Text read again and again where it is gives what reading it once gives.
@Suite struct DelimitedRowsTests {
    static let cuts = [1, 2, 7, 64, 300, 1 << 12, 1 << 20]

    static func reader(
        _ file: TemporaryFile, columns: [String]? = nil, missing: MissingValues = .error, chunkBytes: Int = 1 << 20
    ) throws(TableError) -> CSVReader {
        let options = ReadingOptions(chunkBytes: chunkBytes, threads: 2, memoryBytes: 0)
        return try CSVReader(input: ByteInput(path: file.path), columns: columns, missing: missing, options: options)
    }

    static func text(separator: String, lineEnd: String, end: String, columns: Int) -> String {
        var generator = SplitMix64(state: UInt64(columns))
        let lines = (0..<37).map { _ in
            (0..<columns).map { _ in
                RoundingTests.decimal(Int.random(in: 0..<7, using: &generator), using: &generator)
            }.joined(separator: separator)
        }
        let names = (0..<columns).map { "c\($0)" }.joined(separator: separator)
        return names + lineEnd + lines.joined(separator: lineEnd) + end
    }

    @Test(arguments: ["", "\n", "\r\n", "\n\n", "\n \n\r\n", "\n  "], [1, 2, 3, 4, 5, 9])
    func everyRangeOfRows(_ end: String, _ columns: Int) throws {
        for (separator, lineEnd) in [(",", "\n"), (";", "\r\n"), ("\t", "\n")] {
            let file = TemporaryFile(Self.text(separator: separator, lineEnd: lineEnd, end: end, columns: columns))
            let whole = try #require(try readAll(Self.reader(file)))
            for cut in Self.cuts {
                let stored = try #require(try Self.reader(file, chunkBytes: cut).storedRows)
                #expect(stored.rows == 37 && stored.columnNames.count == columns)
                #expect(try stored.block(first: 0, count: 37) == whole)
                for first in stride(from: 36, through: 0, by: -3) {
                    let count = min(37 - first, 1 + first % 11), order = (0..<columns).reversed().filter { $0 != 2 }
                    let part = try stored.block(first: first, count: count, columns: order)
                    let expected = order.flatMap { j in (first..<first + count).map { whole[$0, j] } }
                    #expect(part.values == expected, "\(first), \(count), chunks of \(cut)")
                }
            }
        }
    }

    @Test(arguments: cuts) func columnsListedInAnyWay(_ cut: Int) throws {
        let lines = (0..<StoredRowsTests.rowCount).map { i in
            (0..<7).map { "\(StoredRowsTests.value(i, $0))" }.joined(separator: ",")
        }
        let file = TemporaryFile("a,b,c,d,e,f,g\n" + lines.joined(separator: "\n"))
        try StoredRowsTests.check(#require(Self.reader(file, chunkBytes: cut).storedRows), StoredRowsTests.value)
        let selected = try Self.reader(file, chunkBytes: cut)
        try selected.select(columns: ["d", "b"])
        let stored = try #require(selected.storedRows)
        #expect(stored.columnNames == ["d", "b"])
        #expect(try stored.block(first: 2, count: 2).values == [17, 24, 15, 22])
    }

    @Test func columnsThatAreNotReadMayHoldAnything() throws {
        let file = TemporaryFile("id,x,t\na b,1,\n,2,NA\n-,3,inf\n")
        let stored = try #require(Self.reader(file, columns: ["x"]).storedRows)
        #expect(try stored.block(first: 1, count: 2).values == [2, 3])
        let all = try #require(Self.reader(file).storedRows)
        #expect(try all.block(first: 0, count: 3, columns: [1]).values == [1, 2, 3])
        #expect(throws: TableError.self) { try all.block(first: 0, count: 1) }
    }

    @Test func whatIsReadOnce() throws {
        let file = TemporaryFile("a,b\n1,2\n3,4\n")
        #expect(try Self.reader(file, missing: .drop).storedRows == nil)
        #expect(try Self.reader(file, missing: .keep).storedRows == nil)
        let begun = try Self.reader(file)
        #expect(begun.storedRows != nil)
        _ = try begun.nextBlock(maximumRows: 1)
        #expect(begun.storedRows == nil)
        let texts = ["a,b\n1,2\n3,\"4\"\n", "a,b\n1,2\n3,4\"\n", "a,b\n", "a,b", "a,b\n\n\n", "a\n \n"]
        for text in texts { #expect(try Self.reader(TemporaryFile(text)).storedRows == nil, "\(text)") }
        let blank = TemporaryFile("a,b\n1,2\n" + String(repeating: "\n", count: 1 << 16))
        #expect(try Self.reader(blank).storedRows == nil && readAll(Self.reader(blank))?.values == [1, 2])
        // A quoted header does no harm.
        let quoted = TemporaryFile("\"a\nb\",c\n1,2\nx,3\n")
        let error = #expect(throws: TableError.self) { try Self.reader(quoted).storedRows?.block(first: 1, count: 1) }
        #expect(error?.reason == .notNumber(.init(line: 4, row: 2, column: "a\nb"), found: "\"x\""))
        let packed = TemporaryFile(StoredContainer.gzip.holding(Array("a\n1\n".utf8)), suffix: ".gz")
        #expect(try Self.reader(packed).storedRows == nil)
        let long = TemporaryFile("a,b\n1,2\n3,\(String(repeating: "0", count: 200))\n")
        let options = ReadingOptions(chunkBytes: 8, headerBytes: 4, maximumRowBytes: 64, memoryBytes: 0)
        let reader = try CSVReader(
            input: ByteInput(path: long.path), columns: nil, missing: .error, options: options)
        #expect(reader.storedRows == nil)
    }

    /// Small tables are for memory; which are small depends on the columns read.
    @Test func smallTables() throws {
        let file = TemporaryFile("a,b,c,d\n" + String(repeating: "1,2,3,4\n", count: 1000))
        #expect(try CSVReader(path: file.path).storedRows == nil)
        for (limit, columns, isRead) in [
            (31_000, nil, true), (33_000, nil, false), (15_000, ["d", "a"], true), (17_000, ["d", "a"], false),
        ] {
            var options = ReadingOptions()
            options.memoryBytes = limit
            let reader = try CSVReader(
                input: ByteInput(path: file.path), columns: columns, missing: .error, options: options)
            #expect((reader.storedRows != nil) == isRead)
        }
    }

    /// The first error of reading in order, whatever the blocks.
    static func error(_ stored: any StoredRows, rowsAtOnce: Int) -> TableError? {
        do throws(TableError) {
            for first in stride(from: 0, to: stored.rows, by: rowsAtOnce) {
                _ = try stored.block(first: first, count: min(rowsAtOnce, stored.rows - first))
            }
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: CSVErrorTests.messages.indices) func messages(_ index: Int) throws {
        let (text, columns, message) = CSVErrorTests.messages[index]
        let file = TemporaryFile(text)
        for cut in Self.cuts {
            guard let stored = try? Self.reader(file, columns: columns, chunkBytes: cut).storedRows else { return }
            for rowsAtOnce in [1, 2, 100] {
                let found = Self.error(stored, rowsAtOnce: rowsAtOnce)?.description
                #expect(found?.replacing(file.path, with: "FILE") == message, "chunks of \(cut), \(rowsAtOnce) rows")
            }
        }
    }

    /// Damaged text is the same table or the same error as where it is read once.
    @Test(arguments: CSVChunkTests.texts) func damagedText(_ text: String) throws {
        var generator = SplitMix64(state: MutationTests.seed)
        var compared = 0
        for round in 0..<5 * MutationTests.rounds {
            let unquoted = Array(text.replacing("\"", with: "").utf8)
            let file = TemporaryFile(MutationTests.mutated(unquoted, using: &generator))
            let cut = Self.cuts.randomElement(using: &generator)!
            guard let stored = try? Self.reader(file, chunkBytes: cut).storedRows else { continue }
            let rowsAtOnce = Int.random(in: 1...4, using: &generator)
            let found = Self.error(stored, rowsAtOnce: rowsAtOnce)
            do throws(TableError) {
                let whole = try readAll(Self.reader(file)), block = try stored.block(first: 0, count: stored.rows)
                #expect(found == nil && block == whole)
            } catch {
                #expect(found == error, "seed \(MutationTests.seed), round \(round)")
            }
            compared += 1
        }
        #expect(compared > MutationTests.rounds)
    }
}

/// Files that are written to while they are read.
@Suite struct ChangingFileTests {
    /// What a change leads to when rows are read after it.
    private static func error(_ change: (FileHandle) throws -> Void) throws -> TableError? {
        let file = TemporaryFile("a,b\n" + (0..<5000).map { "\($0),\($0)\n" }.joined())
        let stored = try #require(DelimitedRowsTests.reader(file).storedRows)
        #expect(try stored.block(first: 4990, count: 3).values == [4990, 4991, 4992, 4990, 4991, 4992])
        let handle = try #require(FileHandle(forUpdatingAtPath: file.path))
        try change(handle)
        try handle.close()
        // The time of the change is told apart from that of the file's making.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: file.path)
        let error = DelimitedRowsTests.error(stored, rowsAtOnce: 1000)
        #expect(error?.category == .inputOutput && error?.file == file.path)
        #expect(DelimitedRowsTests.error(stored, rowsAtOnce: 5000)?.category == .inputOutput)
        return error
    }

    @Test func changes() throws {
        let changed = TableError.Reason.readFailed("the file changed while it was read")
        #expect(
            try Self.error {
                _ = try $0.seekToEnd(); try $0.write(contentsOf: Data("1,2\n".utf8))
            }?.reason == changed)
        #expect(try Self.error { try $0.write(contentsOf: Data("x,y\n".utf8)) }?.reason == changed)
        #expect(try Self.error { try $0.write(contentsOf: Data(repeating: 0x0A, count: 9000)) }?.reason == changed)
        #expect(try Self.error { try $0.write(contentsOf: Data(repeating: 0x22, count: 9000)) }?.reason == changed)
        #expect(try Self.error { try $0.write(contentsOf: Data(repeating: 0x31, count: 40000)) }?.reason == changed)
        #expect(try Self.error { try $0.write(contentsOf: Data("\"1\n".utf8)) }?.reason == changed)
        for size in [0, 4, 100, 20_000] { #expect(try Self.error { try $0.truncate(atOffset: UInt64(size)) } != nil) }
    }
}
