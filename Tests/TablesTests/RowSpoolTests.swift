import Foundation
import Testing

@testable import Tables

@Suite struct RowSpoolTests {
    /// Blocks of 3, 1, 4, 1, 5, 9 rows of two columns: row i holds i and −i.
    static func fill(_ spool: RowSpool) throws(TableError) -> Int {
        var row = 0
        for rows in [3, 1, 4, 1, 5, 9, 0] {
            let first = (row..<row + rows).map { Double($0) }
            try spool.append(
                TableBlock(firstRow: row, rows: rows, columnCount: 2, values: first + first.map { -$0 }))
            row += rows
        }
        return row
    }

    @Test(arguments: [0, 48, 64, 200, 1 << 20]) func anyNumberOfPasses(_ memoryLimit: Int) throws {
        let spool = try RowSpool(columnNames: ["p", "m"], memoryLimit: memoryLimit)
        let rows = try Self.fill(spool)
        #expect(spool.rows == rows)
        #expect(23 * 16 - spool.fileBytes <= memoryLimit)
        #expect((spool.fileBytes == 0) == (memoryLimit == 1 << 20))
        let expected = (0..<rows).map { Double($0) }
        let stored = spool.storedRows
        #expect(stored.rows == rows && stored.columnNames == ["p", "m"])
        for _ in 0..<2 {
            #expect(try stored.block(first: 0, count: rows).values == expected + expected.map { -$0 })
            #expect(try stored.block(first: 2, count: 3, columns: [1]).values == [-2, -3, -4])
        }
        // Rows appended later are not seen by what was made before.
        _ = try Self.fill(spool)
        #expect(stored.rows == rows && spool.storedRows.rows == 2 * rows)
        for rowsAtOnce in [1, 2, 7, 23, 1000] {
            let reader = try StoredRowsReader(stored)
            #expect(reader.rowCountHint == rows && reader.columnNames == ["p", "m"])
            #expect(try readAll(reader, rowsAtOnce: rowsAtOnce)?.values == expected + expected.map { -$0 })
            #expect(reader.fractionRead == 1)
            let selected = try StoredRowsReader(stored, columns: ["m"])
            #expect(try readAll(selected, rowsAtOnce: rowsAtOnce)?.values == expected.map { -$0 })
        }
    }

    @Test func missingValuesAreKept() throws {
        let spool = try RowSpool(columnNames: ["a"])
        try spool.append(TableBlock(firstRow: 0, rows: 2, columnCount: 1, values: [1, .nan], hasMissing: true))
        let values = try spool.storedRows.block(first: 0, count: 2).values
        #expect(values[0] == 1 && values[1].isNaN)
    }

    @Test func emptySpoolAndBadNames() throws {
        let reader = try StoredRowsReader(RowSpool(columnNames: ["a"]).storedRows)
        #expect(try reader.nextBlock(maximumRows: 1) == nil)
        #expect(throws: TableError.self) { try RowSpool(columnNames: ["a", "a"]) }
        #expect(throws: TableError.self) { try reader.select(columns: ["b"]) }
    }

    @Test func folderThatIsNotThere() throws {
        let spool = try RowSpool(columnNames: ["p", "m"], memoryLimit: 0, folder: "/no/such/folder")
        let error = #expect(throws: TableError.self) { try Self.fill(spool) }
        #expect(error?.category == .inputOutput)
        #expect(
            error?.description
                == "temporary file in /no/such/folder: writing failed: No such file or directory")
    }

    /// A file that can't grow stands for a full disk: in a process of its own, files are limited to 64 bytes.
    @Test func fullDisk() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let spool = try RowSpool(columnNames: ["p", "m"], memoryLimit: 0)
            do throws(TableError) {
                _ = try RowSpoolTests.fill(spool)
                exit(1)
            } catch {
                exit(error.category == .inputOutput && error.description.contains("File too large") ? 0 : 2)
            }
        }
    }

    /// Standard input, in a process of its own.
    @Test func standardInput() async {
        await #expect(processExitsWith: .success) {
            let file = TemporaryFile("a,b\n1,2\n3,4\n")
            let descriptor = unsafe open(file.path, O_RDONLY)
            dup2(descriptor, 0)
            let source = try openTable(path: "-", columns: ["b"])
            exit(try readAll(source)?.values == [2, 4] ? 0 : 1)
        }
    }
}
