import Testing

@testable import Tables

/// Right-hand sides from a file of their own.
@Suite struct JoinedTableTests {
    static let matrix = "%%MatrixMarket matrix coordinate real general\n4 2 3\n1 1 1\n3 1 2\n4 2 3\n"
    static let vector = "%%MatrixMarket matrix array real general\n4 1\n5\n6\n7\n8\n"

    @Test func matrices() throws {
        let (a, b) = (TemporaryFile(Self.matrix, suffix: ".mtx"), TemporaryFile(Self.vector, suffix: ".mtx"))
        let joined = try JoinedTable(path: a.path, beside: b.path)
        #expect(joined.columnNames == ["x1", "x2", "b"] && joined.rightHandSides == ["b"])
        let stored = try #require(joined.storedRows)
        #expect(try stored.block(first: 1, count: 3, columns: [2, 1, 0]).values == [6, 7, 8, 0, 0, 3, 0, 2, 0])
        #expect(try readAll(joined, rowsAtOnce: 3)?.values == [1, 0, 2, 0, 0, 0, 0, 3, 5, 6, 7, 8])
        let selected = try JoinedTable(path: a.path, beside: b.path)
        try selected.select(columns: ["b", "x2"])
        #expect(try #require(selected.storedRows).block(first: 2, count: 2).values == [7, 8, 0, 3])
        #expect(try readAll(selected)?.values == [5, 6, 7, 8, 0, 0, 0, 3])
    }

    /// Text beside an array; rows with a missing value on either side are left out together.
    @Test func missingValues() throws {
        let a = TemporaryFile("p,q\n1,2\nNA,4\n5,6\n7,8\n9,10\n")
        let b = TemporaryFile(NPYFixture.table([1, 2, 3, .nan, 5], columns: 1, type: "<f8"), suffix: ".npy")
        for rowsAtOnce in [1, 2, 3, 100] {
            let dropping = try JoinedTable(path: a.path, beside: b.path, missing: .drop)
            #expect(dropping.columnNames == ["p", "q", "x1"] && dropping.storedRows == nil)
            #expect(try readAll(dropping, rowsAtOnce: rowsAtOnce)?.values == [1, 5, 9, 2, 6, 10, 1, 3, 5])
            #expect(dropping.droppedRows == 2)
            // A missing value in a column that is not selected does not count.
            let some = try JoinedTable(path: a.path, beside: b.path, missing: .drop)
            try some.select(columns: ["x1", "q"])
            #expect(try readAll(some, rowsAtOnce: rowsAtOnce)?.values == [1, 2, 3, 5, 2, 4, 6, 10])
            let onlyRight = try JoinedTable(path: a.path, beside: b.path, missing: .drop)
            try onlyRight.select(columns: ["x1"])
            #expect(try readAll(onlyRight, rowsAtOnce: rowsAtOnce)?.values == [1, 2, 3, 5])
            let kept = try readAll(JoinedTable(path: a.path, beside: b.path, missing: .keep), rowsAtOnce: rowsAtOnce)
            #expect(kept?.rows == 5 && kept?.hasMissing == true && kept?[1, 0].isNaN == true && kept?[4, 2] == 5)
        }
        let error = #expect(throws: TableError.self) { try readAll(JoinedTable(path: a.path, beside: b.path)) }
        #expect(
            error?.description == "\(a.path):3: data row 2, column \"p\": missing value (\"NA\"), expected a number")
    }

    @Test func rowsThatDoNotMatch() throws {
        let a = TemporaryFile("p,q\n1,2\n3,4\n5,6\n")
        let b = TemporaryFile("y\n1\n2\n")
        let c = TemporaryFile(Self.vector, suffix: ".mtx")
        let d = TemporaryFile(NPYFixture.table([1, 2, 3], columns: nil, type: "<f8"), suffix: ".npy")
        let short = #expect(throws: TableError.self) {
            try readAll(JoinedTable(path: a.path, beside: b.path), rowsAtOnce: 3)
        }
        #expect(short?.description == "\(b.path): found 2 rows, expected at least 3 as in \(a.path)")
        let long = #expect(throws: TableError.self) {
            try readAll(JoinedTable(path: b.path, beside: a.path), rowsAtOnce: 100)
        }
        #expect(long?.description == "\(a.path): found 3 rows, expected 2 as in \(b.path)")
        let known = #expect(throws: TableError.self) { try JoinedTable(path: c.path, beside: d.path) }
        #expect(known?.description == "\(d.path): found 3 rows, expected 4 as in \(c.path)")
        #expect(known?.category == .badData)
    }

    static func inPlace(_ left: TemporaryFile, _ right: TemporaryFile) throws -> JoinedTable {
        var options = ReadingOptions()
        options.memoryBytes = 0
        return try JoinedTable(path: left.path, beside: right.path, missing: .error, options: options)
    }

    /// Text in place beside text and beside an array: the same rows, and the same error first.
    @Test func textInPlace() throws {
        let a = TemporaryFile("p,q\n1,2\n3,4\n5,6\n"), b = TemporaryFile("y\n7\n8\n9")
        let c = TemporaryFile(NPYFixture.table([7, 8, 9], columns: nil, type: "<f8"), suffix: ".npy")
        for right in [b, c] {
            #expect(try JoinedTable(path: a.path, beside: right.path).storedRows == nil, "small")
            let joined = try Self.inPlace(a, right)
            let stored = try #require(joined.storedRows)
            #expect(try stored.block(first: 0, count: 3).values == [1, 3, 5, 2, 4, 6, 7, 8, 9])
            #expect(try stored.block(first: 1, count: 2, columns: [2, 0]).values == [8, 9, 3, 5])
            #expect(try readAll(joined)?.values == [1, 3, 5, 2, 4, 6, 7, 8, 9])
        }
        #expect(try Self.inPlace(a, TemporaryFile("y\n7\n8\n")).storedRows == nil, "for reading to report")
        for (left, right) in [("p\n1\nx\n3\n", "y\nz\n8\n9\n"), ("p\n1\n2\n3\n", "y\n7\n8\n,\n")] {
            let (d, e) = (TemporaryFile(left), TemporaryFile(right))
            let stored = try #require(Self.inPlace(d, e).storedRows)
            let inOrder = #expect(throws: TableError.self) { try readAll(Self.inPlace(d, e)) }
            let found = #expect(throws: TableError.self) { try stored.block(first: 0, count: 3) }
            #expect(found == inOrder)
        }
        // Text that gives no column is checked, by reading in order.
        let joined = try Self.inPlace(a, TemporaryFile("y\n7\n8,8\n9\n"))
        try joined.select(columns: ["q"])
        #expect(joined.storedRows == nil)
        #expect(throws: TableError.self) { try readAll(joined) }
    }

    @Test func names() throws {
        let a = TemporaryFile(NPYFixture.table([1, 2, 3, 4], columns: 2, type: "<f8"), suffix: ".npy")
        let joined = try JoinedTable(path: a.path, beside: a.path)
        #expect(joined.columnNames == ["x1", "x2", "b1", "b2"])
        let taken = TemporaryFile("x1,b1\n1,2\n3,4\n")
        let error = #expect(throws: TableError.self) { try JoinedTable(path: taken.path, beside: a.path) }
        #expect(error?.description.contains("both named \"b1\"") == true)
    }
}
