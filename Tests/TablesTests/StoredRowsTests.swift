import Dispatch
import Synchronization
import Testing

@testable import Tables

/// Reads of any rows and columns, in any order, from several threads.
@Suite struct StoredRowsTests {
    static let columns = [[0], [5], [2, 3], [0, 1, 2, 3, 4, 5, 6], [6, 2, 3, 4, 0], [1, 1]]
    static let rowCount = 37

    /// What row i of column j holds.
    static func value(_ row: Int, _ column: Int) -> Double { Double(row * 7 + column) }

    /// Compares reads of many row ranges and column lists with `value`.
    static func check(_ stored: any StoredRows, _ value: (Int, Int) -> Double) throws(TableError) {
        #expect(stored.rows == rowCount)
        for (first, count) in [(0, 37), (0, 1), (36, 1), (5, 8), (3, 17), (11, 0), (37, 0), (4, 4)] {
            for columns in columns {
                var values = [Double](repeating: -1, count: count * columns.count + 3)
                var span = values.mutableSpan
                try stored.read(first: first, count: count, columns: columns, into: &span)
                let expected = columns.flatMap { column in (first..<first + count).map { value($0, column) } }
                #expect(values == expected + [-1, -1, -1])
            }
        }
    }

    @Test(arguments: ["|u1", "<i2", ">i2", "<i4", ">u4", "<i8", ">i8", "<f4", ">f4", "<f8", ">f8"], [false, true])
    func arrayFiles(_ type: String, _ fortran: Bool) throws {
        let values = (0..<Self.rowCount).flatMap { row in
            (0..<7).map { min(Self.value(row, $0), 255) }
        }
        let file = TemporaryFile(
            NPYFixture.table(values, columns: 7, type: type, fortran: fortran), suffix: ".npy")
        let source = try openTable(path: file.path)
        let stored = try #require(source.storedRows)
        #expect(stored.columnNames == (1...7).map { "x\($0)" })
        try Self.check(stored) { min(Self.value($0, $1), 255) }
        try source.select(columns: ["x4", "x2"])
        let selected = try #require(source.storedRows)
        #expect(selected.columnNames == ["x4", "x2"])
        #expect(
            try selected.block(first: 2, count: 2).values
                == [(2, 3), (3, 3), (2, 1), (3, 1)].map { Self.value($0, $1) }
        )
    }

    /// Reads of rows of one shape agree with what reading in order gives, for rows wider than the buffer too.
    @Test(arguments: [3, 4, 1001, 20_000]) func wideRows(_ columns: Int) throws {
        let values = (0..<24 * columns).map { Double($0 % 251) }
        let file = TemporaryFile(NPYFixture.table(values, columns: columns, type: "|u1"), suffix: ".npy")
        let source = try NPYReader(path: file.path)
        let stored = try #require(source.storedRows)
        let whole = try #require(try source.nextBlock(maximumRows: 24)).values
        #expect(whole == (0..<columns).flatMap { j in (0..<24).map { values[$0 * columns + j] } })
        let part = try stored.block(first: 5, count: 9).values
        #expect(part == (0..<columns).flatMap { j in (5..<14).map { values[$0 * columns + j] } })
    }

    @Test(arguments: [0, 400, 1 << 20]) func spooledRows(_ memoryLimit: Int) throws {
        let spool = try RowSpool(columnNames: (0..<7).map { "c\($0)" }, memoryLimit: memoryLimit)
        var row = 0
        for rows in [3, 1, 4, 1, 5, 9, 2, 6, 5, 1] {
            let values = (0..<7).flatMap { j in (row..<row + rows).map { Self.value($0, j) } }
            try spool.append(TableBlock(firstRow: row, rows: rows, columnCount: 7, values: values))
            row += rows
        }
        try Self.check(spool.storedRows, Self.value)
        let empty = try RowSpool(columnNames: ["a"]).storedRows
        #expect(try empty.block(first: 0, count: 0).values.isEmpty)
    }

    @Test func arraysInMemory() throws {
        let columns = (0..<7).map { j in (0..<Self.rowCount).map { Self.value($0, j) } }
        let names = (0..<7).map { "c\($0)" }
        try Self.check(#require(ArrayTableSource(names: names, columns: columns).storedRows), Self.value)
        #expect(try ArrayTableSource(names: names, columns: columns, missing: .drop).storedRows == nil)
    }

    @Test(arguments: [false, true]) func unfitNumbers(_ fortran: Bool) throws {
        var values = (0..<60).map { Double($0) }
        values[3 * 13 + 2] = .nan
        values[3 * 11 + 1] = -.infinity
        for type in ["<f4", ">f8"] {
            let file = TemporaryFile(
                NPYFixture.table(values, columns: 3, type: type, fortran: fortran), suffix: ".npy")
            let stored = try #require(NPYReader(path: file.path).storedRows)
            #expect(try stored.block(first: 0, count: 11).values.count == 33)
            #expect(try stored.block(first: 0, count: 20, columns: [0]).values.count == 20)
            let first = #expect(throws: TableError.self) { try stored.block(first: 2, count: 18) }
            #expect(
                first?.description
                    == "\(file.path): data row 12, column \"x2\": non-finite value -inf, expected a finite number")
            let second = #expect(throws: TableError.self) { try stored.block(first: 4, count: 16, columns: [0, 2]) }
            #expect(
                second?.description
                    == "\(file.path): data row 14, column \"x3\": missing value (NaN), expected a number")
            #expect(try NPYReader(path: file.path, missing: .keep).storedRows == nil)
        }
        let columns = [values]
        let array = try #require(ArrayTableSource(names: ["a"], columns: columns).storedRows)
        let error = #expect(throws: TableError.self) { try array.block(first: 40, count: 10) }
        #expect(error?.description == "array: data row 42, column \"a\": missing value (NaN), expected a number")
    }

    @Test func severalThreadsAtOnce() throws {
        let values = (0..<4000).map { Double($0) }
        let file = TemporaryFile(NPYFixture.table(values, columns: 4, type: "<f8"), suffix: ".npy")
        let stored = try #require(NPYReader(path: file.path).storedRows)
        let wrong = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let first = (index * 131) % 900
            let block = try? stored.block(first: first, count: 100, columns: [1, 3])
            let expected = [1, 3].flatMap { j in (first..<first + 100).map { Double(4 * $0 + j) } }
            if block?.values != expected { wrong.withLock { $0 += 1 } }
        }
        #expect(wrong.withLock { $0 } == 0)
    }
}
