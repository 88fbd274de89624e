// A table far larger than memory, made on the fly: its rows are functions of their numbers, so every pass makes them
// anew. Quantizes it, solves it, and compares with the coefficients that made it; prints times and peak memory.
//
//     swift run -c release LargeTable [GIGABYTES [COLUMNS [BITS]]]

import Foundation
import QuantizedLeastSquares

/// Rows x_ij, uniform in (−√3, √3) with a common part per row, and y = Σ_j b_j·x_j + noise.
struct GeneratedRows: StoredRows {
    let rows: Int
    let columnNames: [String]
    let coefficients: [Double]

    init(rows: Int, columns: Int) {
        self.rows = rows
        columnNames = (1..<columns).map { "x\($0)" } + ["y"]
        coefficients = (1..<columns).map { Double($0 % 7) - 3 }
    }

    private func uniform(_ row: Int, _ column: Int) -> Double {
        var z = UInt64(row * columnNames.count + column) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (Double((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1) * 3.0.squareRoot()
    }

    func read(first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>) throws(TableError) {
        let n = coefficients.count
        var response = [Double](repeating: 0, count: count)
        var values = [Double](repeating: 0, count: n * count)
        for i in 0..<count {
            let common = 0.5 * uniform(first + i, n)
            var sum = 4 * uniform(first + i, 1 << 40)
            for j in 0..<n {
                let x = uniform(first + i, j) + common
                values[j * count + i] = x
                sum += coefficients[j] * x
            }
            response[i] = sum
        }
        for (place, column) in columns.enumerated() {
            for i in 0..<count {
                block[place * count + i] = column == n ? response[i] : values[column * count + i]
            }
        }
    }
}

final class GeneratedSource: TableSource {
    let stored: GeneratedRows
    init(_ stored: GeneratedRows) { self.stored = stored }
    var columnNames: [String] { stored.columnNames }
    var rowCountHint: Int? { stored.rows }
    var droppedRows: Int { 0 }
    var fractionRead: Double? { nil }
    var storedRows: (any StoredRows)? { stored }
    func select(columns: [String]) throws(TableError) {}
    func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? { nil }
}

/// Kilobytes of the largest resident set so far, less the pages of mapped files; Linux only.
func peakMemory() -> [String: Int] {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    var result: [String: Int] = [:]
    for line in text.split(separator: "\n") {
        let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
        if parts.count > 1, let kilobytes = Int(parts[1]) { result[String(parts[0])] = kilobytes }
    }
    return result
}

let arguments = CommandLine.arguments.dropFirst().compactMap(Double.init)
let gigabytes = arguments.first ?? 20, columns = arguments.count > 1 ? Int(arguments[1]) : 20
let bits = arguments.count > 2 ? Int(arguments[2]) : 4
let source = GeneratedRows(rows: Int(gigabytes * 1e9 / 8) / columns, columns: columns)
let threads = ProcessInfo.processInfo.activeProcessorCount
print("\(source.rows) × \(columns) numbers, \(gigabytes) GB in double precision; \(bits) bits, \(threads) threads")

let start = Date()
func lap(_ what: String) {
    let memory = peakMemory()
    let megabytes = (memory["VmHWM"] ?? 0) / 1024, anonymous = (memory["RssAnon"] ?? 0) / 1024
    print(
        "\(what): \(Int(Date().timeIntervalSince(start))) s, peak \(megabytes) MB, now \(anonymous) MB without mapped files"
    )
}

let table = try RegressionTable(reading: GeneratedSource(source), predictors: columns - 1, threads: threads)
lap("first pass")
var options = QuantizationOptions()
options.bits = bits
let data = try QuantizedRegression(quantizing: table, options: options, threads: threads)
lap("quantized, \(data.matrix.codeBytes / 1_000_000) MB of codes")
var problem = LeastSquaresProblem()
problem.threads = threads
let solution = try problem.solve(data).responses[0]
lap("solved")

var worst = 0.0
for (coefficient, truth) in zip(solution.coefficients.dropFirst(), source.coefficients) {
    worst = max(worst, abs(coefficient.estimate - truth) / coefficient.standardError!)
}
print("predicted error ratio \(solution.predictedErrorRatio ?? .nan)")
print("largest distance from the true coefficients: \(worst) sampling standard errors")
guard worst < 5 else { fatalError("the coefficients are not those that made the table") }
