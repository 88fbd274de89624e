import ArgumentParser
import Foundation

/// Rows by their numbers, as `--rows` and `--exclude-rows` take them: 17, 1-1000, or 3/10 for every tenth row from the
/// third on, separated by commas; or @FILE, a file of such terms separated by commas, blanks or lines.
struct RowChoice: ExpressibleByArgument {
    private let text: String

    init?(argument: String) { text = argument }

    /// The rows, ascending and counted from 0, of a store of `count` rows.
    ///
    /// - Throws: `ValidationError` for what is no row number or range, a row beyond the last, or no row at all;
    ///   `ExitCode` for a file that cannot be read.
    func rows(of count: Int) throws -> [Int] {
        var flags = [Bool](repeating: false, count: count)
        for term in try terms() {
            for row in try Self.rows(term, of: count) { flags[row] = true }
        }
        let rows = flags.indices.filter { flags[$0] }
        guard !rows.isEmpty else { throw ValidationError("\"\(text)\" names no row.") }
        return rows
    }

    private func terms() throws -> [Substring] {
        let isSeparator = { (c: Character) in c == "," || c.isWhitespace }
        guard text.hasPrefix("@") else { return text.split(whereSeparator: isSeparator) }
        let path = String(text.dropFirst())
        guard let data = FileManager.default.contents(atPath: path) else {
            Console.complain("\(path): no such file, or it cannot be read")
            throw Exit.noInput
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: isSeparator)
    }

    private static func rows(_ term: Substring, of count: Int) throws -> StrideTo<Int> {
        func number(_ part: Substring) throws -> Int {
            guard let value = Int(part), value > 0 else {
                throw ValidationError(
                    "\"\(term)\" names no rows; expected a number, a range like 1-1000, or 3/10 for every tenth from the third."
                )
            }
            return value
        }
        let parts = term.split(
            separator: term.contains("/") ? "/" : "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try number(parts[0]), second = parts.count == 2 ? try number(parts[1]) : first
        let last = term.contains("/") ? first : max(first, second)
        guard last <= count else {
            throw ValidationError("\(term): there is no row \(last); the store has \(count).")
        }
        if term.contains("/") { return stride(from: first - 1, to: count, by: second) }
        guard first <= second else { throw ValidationError("\(term): the first row is beyond the last.") }
        return stride(from: first - 1, to: second, by: 1)
    }
}
