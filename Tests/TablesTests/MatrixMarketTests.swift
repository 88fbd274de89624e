import Matrices
import Testing

@testable import Tables

/// Matrix Market files, written and read by scipy, and bad ones.
@Suite struct MatrixMarketTests {
    @Test(arguments: TableReferences.all.market.indices) func matricesOfAnotherReader(_ index: Int) throws {
        let reference = TableReferences.all.market[index]
        let expected = DenseMatrix(
            rows: reference.rows, columns: reference.columns, elements: reference.elements)
        let file = TemporaryFile(reference.text, suffix: ".mtx")
        for chunkBytes in [1, 7, 40, 1 << 20] {
            let matrix = try MatrixMarketReader.read(
                ByteInput(path: file.path), options: ReadingOptions(chunkBytes: chunkBytes, headerBytes: chunkBytes))
            if case .dense(let dense) = matrix {
                #expect(reference.kind.hasPrefix("array") && dense == expected)
            } else {
                #expect(reference.kind.hasPrefix("coordinate") && matrix.sparse.dense == expected)
            }
            #expect(matrix.sparse.dense == expected)
        }
        // The same matrix as a table, read in order and at random.
        let source = try openTable(path: file.path)
        #expect(source.columnNames == (1...expected.columns).map { "x\($0)" })
        #expect(try readAll(source, rowsAtOnce: 2)?.values == expected.elements)
        let stored = try #require(try openTable(path: file.path, columns: ["x3", "x1"]).storedRows)
        let block = try stored.block(first: 1, count: 3, columns: [1, 0])
        #expect(block.values == [0, 2].flatMap { j in (1...3).map { expected[$0, j] } })
    }

    /// Windows line ends, blank lines, tabs, upper case, duplicates, numbers in all notations, no last line end.
    @Test func freedoms() throws {
        let text =
            "%%MatrixMarket MATRIX Coordinate REAL General\r\n% a comment\r\n\r\n 3\t2  6 \r\n1 1 +1.5\r\n\r\n"
            + "3\t2\t-2e-3\n 1 1 .5 \n2 1 1E2\n3 2 1\n1 1 -1"
        let file = TemporaryFile(text, suffix: ".mtx")
        let matrix = try MatrixMarketReader.read(path: file.path).sparse
        let columns: [[Double]] = [[1, 100, 0], [0, 0, 0.998]]
        #expect(matrix.dense == DenseMatrix(rows: 3, columns: 2, elements: Array(columns.joined())))
        #expect(matrix.columnPointers == [0, 2, 3])
    }

    static let banner = "%%MatrixMarket matrix "
    /// The text after the first words of the banner, and the message after the path.
    static let badTexts: [(text: String, message: String)] = [
        ("coordinate complex general\n1 1 1\n1 1 1 0\n", ":1: complex entries, expected real, integer or pattern"),
        (
            "coordinate real hermitian\n1 1 1\n1 1 1\n",
            ":1: hermitian symmetry, expected general, symmetric or skew-symmetric"
        ),
        ("vector real general\n1 1 1\n", ":1: format \"vector\", expected coordinate or array"),
        ("array pattern general\n1 1\n", ":1: a pattern that is an array"),
        ("coordinate pattern skew-symmetric\n1 1 0\n", ":1: a pattern that is skew-symmetric"),
        (
            "coordinate real\n1 1 1\n",
            ":1: found \"%%MatrixMarket matrix coordinate real\", expected %%MatrixMarket matrix, a format, a field and a "
                + "symmetry"
        ),
        ("array real general\n", ": the line with the matrix's size is missing"),
        ("array real general\n% only comments\n\n", ": the line with the matrix's size is missing"),
        ("array real general\n3\n", ":2: found \"3\", expected the numbers of rows and columns"),
        ("array real general\n3 -1\n", ":2: found \"3 -1\", expected the numbers of rows and columns"),
        (
            "coordinate real general\n3 1\n",
            ":2: found \"3 1\", expected the numbers of rows, columns and entries"
        ),
        (
            "coordinate real general\n3 1 99999999999999999999\n",
            ":2: found \"3 1 99999999999999999999\", expected the numbers of rows, columns and entries"
        ),
        ("coordinate real general\n0 1 0\n", ":2: the matrix has no rows"),
        ("array real general\n1 0\n", ":2: the matrix has no columns"),
        ("coordinate real symmetric\n3 2 0\n", ":2: a symmetric matrix of 3 × 2 entries"),
        ("coordinate real general\n2 2 2\n1 1 1\n", ": the file holds 1 entries, its size line states 2"),
        (
            "coordinate real general\n2 2 1\n1 1 1\n2 2 2\n",
            ":4: more entries than the 1 that the size line states"
        ),
        ("array real general\n1 2\n1\n", ": the file holds 1 entries, its size line states 2"),
        ("coordinate real general\n2 2 1\n1 1\n", ":3: found 2 fields, expected row, column and value"),
        ("coordinate pattern general\n2 2 1\n1 1 1\n", ":3: found 3 fields, expected row, column"),
        ("array real general\n1 2\n1 2\n", ":3: found 2 fields, expected one value"),
        ("coordinate real general\n2 2 1\n\n0 1 1\n", ":4: row \"0\", expected 1 to 2"),
        ("coordinate real general\n2 2 1\n1 3 1\n", ":3: column \"3\", expected 1 to 2"),
        ("coordinate real general\n2 2 1\n1.0 1 1\n", ":3: row \"1.0\", expected 1 to 2"),
        (
            "coordinate real general\n2 2 1\n1 99999999999999999999 1\n",
            ":3: column \"99999999999999999999\", expected 1 to 2"
        ),
        (
            "coordinate real symmetric\n2 2 1\n1 2 1\n",
            ":3: entry \"1 2 1\" of a symmetric matrix, expected the diagonal and below"
        ),
        (
            "coordinate real skew-symmetric\n2 2 1\n1 1 1\n",
            ":3: entry \"1 1 1\" of a skew-symmetric matrix, expected below the diagonal"
        ),
        ("coordinate real general\n2 2 1\n1 1 x\n", ":3: found \"x\", expected a number"),
        ("coordinate real general\n2 2 1\n1 1 NA\n", ":3: found \"NA\", expected a number"),
        ("coordinate real general\n2 2 1\n1 1 \"1\"\n", ":3: found \"\"1\"\", expected a number"),
        ("coordinate integer general\n2 2 1\n1 1 1.5\n", ":3: found \"1.5\", expected a whole number"),
        (
            "coordinate real general\n2 2 1\n1 1 nan\n",
            ":3: non-finite value \"nan\", expected a finite number"
        ),
        ("array real general\n1 1\n1e999\n", ":3: non-finite value \"1e999\", expected a finite number"),
        ("coordinate real general\n2 2 2\n1 1 1\n% no\n", ":4: found 2 fields, expected row, column and value"),
        ("coordinate real general\n2 2 2\n1 1 1\n\"no\n", ":4: found a quote, expected an entry"),
        (
            "coordinate real general\n9000000000 3 4\n1 1 1\n",
            ":2: 9000000000 × 3 with 4 entries, expected at most 16777216 rows and columns"
        ),
        (
            "array real general\n9000000000 9000000000\n1\n",
            ":2: 9000000000 × 9000000000 entries are too many"
        ),
        (
            "coordinate real general\n9000000000 3 9000000000000\n1 1 1\n",
            ": the file holds 1 entries, its size line states 9000000000000"
        ),
        ("array real general\n3000000000 3\n1\n", ": the file holds 1 entries, its size line states 9000000000"),
    ]

    @Test(arguments: badTexts.indices) func badText(_ index: Int) {
        let (text, message) = Self.badTexts[index]
        let file = TemporaryFile(Self.banner + text, suffix: ".mtx")
        for chunkBytes in [3, 1 << 20] {
            let error = #expect(throws: TableError.self) {
                try MatrixMarketReader.read(
                    ByteInput(path: file.path), options: ReadingOptions(chunkBytes: chunkBytes))
            }
            #expect(error?.description == file.path + message)
            #expect(error?.category == .badData)
        }
    }

    /// A size line of 100,000 numbers is not repeated in full.
    @Test func longSizeLine() {
        let file = TemporaryFile(
            Self.banner + "coordinate real general\n" + String(repeating: "3 ", count: 100_000) + "\n", suffix: ".mtx")
        let error = #expect(throws: TableError.self) { try openTable(path: file.path) }
        let message = (error?.description ?? "").dropFirst(file.path.count)
        #expect(message.hasPrefix(":2: found \"3 3 3") && message.utf8.count < 200)
    }

    @Test func filesThatAreNoMatrix() {
        for (text, message) in [
            ("", ": empty file, expected a matrix"),
            (
                "a,b\n1,2\n",
                ":1: found \"a,b\", expected %%MatrixMarket matrix, a format, a field and a symmetry"
            ),
        ] {
            let file = TemporaryFile(text, suffix: ".mtx")
            let error = #expect(throws: TableError.self) { try openTable(path: file.path) }
            #expect(error?.description == file.path + message)
        }
        let wide = TemporaryFile("\(Self.banner)coordinate real general\n1 2000000 1\n1 1 1\n", suffix: ".mtx")
        let error = #expect(throws: TableError.self) { try openTable(path: wide.path) }
        #expect(error?.description == "\(wide.path): 2000000 columns, expected at most 1048576")
    }

    /// A size line that claims billions of cells for a few entries is no table; as a matrix it is fine.
    @Test func tooSparseForATable() throws {
        let file = TemporaryFile(
            "\(Self.banner)coordinate real general\n2097152 33333 2\n1 1 1.5\n3 2 7\n", suffix: ".mtx")
        let error = #expect(throws: TableError.self) { try openTable(path: file.path) }
        #expect(
            error?.description == "\(file.path): 2097152 × 33333 with 2 entries is too sparse to be read as a table")
        #expect(try MatrixMarketReader.read(path: file.path).sparse.rows == 2_097_152)
    }

    /// A matrix from triplets in any order is that from sorted ones; values of one place are added as they come.
    @Test func tripletsInAnyOrder() {
        let values: [Double] = [1, 1e16, -1e16, 2, 3, 4]
        let matrix = SparseMatrix(
            rows: 4, columns: 3, rowIndices: [3, 1, 1, 0, 1, 2], columnIndices: [2, 0, 0, 2, 0, 2], values: values)
        #expect(matrix.columnPointers == [0, 1, 1, 4])
        #expect(matrix.rowIndices == [1, 0, 2, 3] && matrix.values == [3, 2, 4, 1])
    }
}
