import Testing

@testable import Tables

/// The result may depend neither on where chunks end nor on the number of threads.
@Suite struct CSVChunkTests {
    /// Everything that a caller sees: the blocks, then the dropped rows or the error.
    static func trace(
        _ file: TemporaryFile, columns: [String]?, missing: MissingValues, rowsAtOnce: Int, options: ReadingOptions
    ) -> [String] {
        var result: [String] = []
        do throws(TableError) {
            let reader = try CSVReader(
                input: ByteInput(path: file.path), columns: columns, missing: missing, options: options)
            result.append("\(reader.columnNames)")
            while let block = try reader.nextBlock(maximumRows: rowsAtOnce) { result.append("\(block)") }
            result.append("dropped \(reader.droppedRows)")
        } catch {
            result.append(error.description.replacing(file.path, with: "FILE"))
        }
        return result
    }

    static let texts = [
        "a,b,c\n1,2,3\n4.5,-6e1,7\n8,9,10\n11,12,13\n",
        "\u{FEFF}\"a\",\"b\r\nx\",c\r\n\"1\",2,3\r\n4,\" 5\",6\r\n7,\"8\",9",
        "id;t;x\n1;\"a\n\"\"b\"\";\";2,5\n2;\"\";NA\n3;stray\"quote;4\n\n \n",
        "a\n1\n\n\n2\nNA\n3\n\n",
        "a\tb\n1\t2\n3\tx\n5\t6\n",
        "a,b\n1,2\n3,4\n5\n6,7\n",
        "a,b\n1,2\n\n\n3,4\n",
        "a,b\n1,2\n3,\"4\n5,6\n",
        "a,b\n1,2\n3,1e999",
    ]

    @Test(arguments: texts, MissingValues.allCases)
    func everyChunkSizeGivesTheSame(_ text: String, _ missing: MissingValues) {
        let file = TemporaryFile(text)
        for columns in [nil, text.hasPrefix("id") ? ["x", "id"] : nil] {
            for rowsAtOnce in [1, 2, 100] {
                let whole = Self.trace(
                    file, columns: columns, missing: missing, rowsAtOnce: rowsAtOnce, options: ReadingOptions())
                for chunkBytes in 1...text.utf8.count + 1 {
                    for threads in [1, 3] {
                        let options = ReadingOptions(chunkBytes: chunkBytes, headerBytes: chunkBytes, threads: threads)
                        let cut = Self.trace(
                            file, columns: columns, missing: missing, rowsAtOnce: rowsAtOnce, options: options)
                        #expect(cut == whole, "chunks of \(chunkBytes) bytes, \(threads) threads")
                    }
                }
            }
        }
    }

    @Test func manyRowsOnAnyNumberOfThreads() throws {
        var generator = SplitMix64(state: 7)
        let values = (0..<6000).map { _ in Double.random(in: -1e6...1e6, using: &generator) }
        let lines = (0..<2000).map { "\(values[3 * $0]),\"\(values[3 * $0 + 1])\", \(values[3 * $0 + 2])" }
        let text = "a,b,c\n" + lines.joined(separator: "\n")
        let expected = (0..<3).flatMap { column in (0..<2000).map { values[3 * $0 + column] } }
        for threads in [1, 2, 3, 8] {
            for chunkBytes in [1 << 9, 1 << 12, 1 << 22] {
                let options = ReadingOptions(chunkBytes: chunkBytes, threads: threads)
                #expect(try readCSV(text, options: options, rowsAtOnce: 333)?.values == expected)
            }
        }
    }
}
