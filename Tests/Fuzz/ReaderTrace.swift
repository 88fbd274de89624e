import Foundation
import Tables
import TestSupport

/// What a caller sees of a table: its rows up to the end, or an error.
struct ReaderTrace: Equatable, CustomStringConvertible {
    /// Rows delivered, where there was no error.
    var rows = 0
    /// A hash of all numbers, row by row, where there was no error.
    var hash = FNVHash()
    /// The columns' names.
    var names: [String] = []
    /// The rows left out.
    var dropped = 0
    /// The message of the error.
    var error: String?

    /// For a message.
    var description: String {
        error ?? "\(rows) rows of \(names.count) columns (\(hash.value)), \(dropped) dropped"
    }

    /// Reads a table from beginning to end.
    static func whole(_ file: String, missing: MissingValues, rowsAtOnce: Int) -> ReaderTrace {
        var trace = ReaderTrace()
        do throws(TableError) {
            let source = try openTable(path: file, missing: missing)
            trace.names = source.columnNames
            while let block = try source.nextBlock(maximumRows: rowsAtOnce) {
                guard block.rows > 0, block.rows <= rowsAtOnce, block.firstRow == trace.rows else {
                    fail("\(file): a block of \(block.rows) rows from \(block.firstRow) on, after \(trace.rows)")
                }
                for value in block.values where !value.isFinite {
                    let isAllowed = value.isNaN && missing == .keep && block.hasMissing
                    guard isAllowed else { fail("\(file): \(value)") }
                }
                for i in 0..<block.rows {
                    for j in 0..<block.columnCount { trace.hash.add((block[i, j]).bitPattern) }
                }
                trace.rows += block.rows
            }
            trace.dropped = source.droppedRows
        } catch {
            let message = error.description
            guard error.category == .badData, message.hasPrefix(file), message.utf8.count < 2000,
                !message.unicodeScalars.contains(where: {
                    $0.properties.generalCategory == .control || $0.value == 0x2028
                })
            else { fail("an unfit error message: \(message.debugDescription)") }
            return ReaderTrace(error: message)
        }
        return trace
    }

    /// Reads the rows in place, if they can be, in chunks of about so many bytes: in order, which has to give the same rows
    /// or the same error, and in any order.
    static func checkStoredRows(_ file: String, plain: ReaderTrace, chunkBytes: Int) {
        var options = ReadingOptions.standard
        (options.chunkBytes, options.memoryBytes) = (chunkBytes, 0)
        guard let source = try? openTable(path: file, missing: .error, options: options),
            let stored = source.storedRows
        else { return }
        var trace = ReaderTrace(names: source.columnNames)
        do throws(TableError) {
            var blocks: [TableBlock] = []
            for first in stride(from: 0, to: stored.rows, by: 100) {
                let block = try stored.block(first: first, count: min(100, stored.rows - first))
                for i in 0..<block.rows {
                    for j in 0..<block.columnCount { trace.hash.add(block[i, j].bitPattern) }
                }
                trace.rows += block.rows
                if blocks.count < 20 { blocks.append(block) }
            }
            for block in blocks.reversed() {
                let part = (block.rows / 3)..<(block.rows - block.rows / 4)
                let again = try stored.block(first: block.firstRow + part.lowerBound, count: part.count)
                for (k, i) in part.enumerated() {
                    for j in 0..<block.columnCount where again[k, j] != block[i, j] {
                        fail("\(file): other stored rows")
                    }
                }
            }
        } catch {
            trace = ReaderTrace(error: error.description)
        }
        if trace != plain { fail("\(file): \(plain), in place \(trace)") }
    }

    /// Whether two files, one of which contains the other, are the same table or both bad.
    func isEquivalent(to other: ReaderTrace) -> Bool {
        (error == nil) == (other.error == nil)
            && (error != nil
                || (rows, names, dropped) == (other.rows, other.names, other.dropped) && hash == other.hash)
    }
}

/// Ends the program with exit code 99: the readers broke a promise.
func fail(_ problem: String) -> Never {
    FileHandle.standardError.write(Data("ReaderFuzzer: \(problem)\n".utf8))
    exit(99)
}
