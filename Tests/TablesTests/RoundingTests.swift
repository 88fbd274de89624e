import Foundation
import Testing

@testable import Tables

/// Numbers in plain form take a way of their own; `strtod` of the C library says what they are.
@Suite struct RoundingTests {
    /// Decimal numbers around what is hard: many digits, ties of two doubles, zeros in front, exponents.
    static func decimal(_ kind: Int, using generator: inout SplitMix64) -> String {
        let wide = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
        let sign = Bool.random(using: &generator) ? "-" : ""
        switch kind {
        case 0: return sign + "0." + String(repeating: "0", count: .random(in: 0..<25, using: &generator)) + "\(wide)"
        case 1:
            var digits = "\(wide)"
            let place = Int.random(in: 1...digits.count, using: &generator)
            digits.insert(".", at: digits.index(digits.startIndex, offsetBy: place))
            return sign + digits
        case 2: return sign + "\(wide)e\(Int.random(in: -45...45, using: &generator))"
        case 3:
            // Half-way between two doubles, and one unit of the last digit beside it.
            let odd = generator.next() >> 10 | 1 << 53 | 1
            let tenths = (odd / 2, odd % 2 == 1 ? 5 : 0)
            return sign + "\(tenths.0).\(tenths.1)" + ["", "0", "00", "1", "0000001"].randomElement(using: &generator)!
        case 4: return sign + "\(wide % 4000)" + [".", ".5", ".25", "e+3", "E-2", ""].randomElement(using: &generator)!
        default:
            let number = Double.random(in: -10...10, using: &generator)
            return String(format: "%.\(Int.random(in: 0..<20, using: &generator))\(kind == 5 ? "e" : "g")", number)
        }
    }

    @Test func everyNumberIsRoundedCorrectly() throws {
        var generator = SplitMix64(state: 11)
        let rows = 12_000
        let cells = (0..<rows).map { _ in (0..<7).map { Self.decimal($0, using: &generator) } }
        let text = "a,b,c,d,e,f,g\n" + cells.map { $0.joined(separator: ",") + "\n" }.joined()
        let values = try #require(try readCSV(text, rowsAtOnce: rows)).values
        for j in 0..<7 {
            for i in 0..<rows {
                let expected = unsafe strtod(cells[i][j], nil)
                #expect(values[j * rows + i].bitPattern == expected.bitPattern, "\(cells[i][j])")
            }
        }
    }

    /// Fields that are not read may end at any place of a word, and hold anything.
    @Test func fieldsOfAnyLengthAreSkipped() throws {
        var text = "a,b,c,d\n"
        for length in 0..<40 {
            for other in [0, 1, 7, 8, 9] {
                let filler = String(repeating: "\u{FF}x-;\t", count: 8).unicodeScalars.prefix(length)
                text += "\(String(filler)),\(length),\(String(repeating: "+", count: other)),\(other)\n"
            }
        }
        let block = try #require(try readCSV(text, columns: ["d", "b"]))
        #expect(block.rows == 200)
        for row in 0..<200 {
            #expect(block[row, 1] == Double(row / 5) && block[row, 0] == [0.0, 1, 7, 8, 9][row % 5])
        }
    }
}
