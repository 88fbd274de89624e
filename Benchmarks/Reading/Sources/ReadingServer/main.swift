import Foundation
import QuantizedLeastSquares

// Reads tables on request, so that another program can take turns with it. A request is a line on standard input,
// answered by seconds on standard output:
//
//   pass PATH         the whole table in blocks of 16,384 rows, as a store is made
//   matrix PATH       the whole table as one matrix
//   column NAME PATH  one column, in blocks
//   dump OUT PATH     the whole table as float64, column after column, into the file OUT

/// Reads in blocks and returns the number of rows.
func pass(_ path: String, columns: [String]? = nil) throws -> Int {
    let source = try openTable(path: path, columns: columns)
    var rows = 0
    while let block = try source.nextBlock(maximumRows: 16384) { rows += block.rows }
    return rows
}

func answer(_ words: [String]) throws {
    switch (words[0], words.count) {
    case ("pass", 2): print(try seconds { _ = try pass(words[1]) })
    case ("matrix", 2): print(try seconds { _ = try openTable(path: words[1]).readMatrix() })
    case ("column", 3): print(try seconds { _ = try pass(words[2], columns: [words[1]]) })
    case ("dump", 3):
        let matrix = try openTable(path: words[2]).readMatrix()
        let data = matrix.elements.withUnsafeBytes { Data($0) }
        print(try seconds { try data.write(to: URL(fileURLWithPath: words[1])) })
    default: throw CocoaError(.featureUnsupported)
    }
}

/// Seconds that work takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = Date()
    try work()
    return Date().timeIntervalSince(start)
}

while let line = readLine() {
    try answer(line.split(separator: " ").map(String.init))
    fflush(nil)
}
