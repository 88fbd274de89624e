import Testing

@testable import Tables

/// Expected values: exact rational arithmetic, rounded to nearest even (Python's fractions; also its float.hex).
@Suite struct NumberParsingTests {
    static let hardNumbers: [(String, Double)] = [
        ("0.1", 0x1.999999999999ap-4),
        ("1e23", 0x1.52d02c7e14af6p+76),
        ("8.5e22", 0x1.1ffdbf6b2b2ebp+76),
        ("9007199254740993", 0x1p+53),
        ("9007199254740992.999999999999999999999", 0x1p+53),
        ("9007199254740993.000000000000000000000000000000001", 0x1.0000000000001p+53),
        ("9007199254740993." + String(repeating: "0", count: 900) + "1", 0x1.0000000000001p+53),
        ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown),
        ("2.2250738585072014e-308", 0x1p-1022),
        ("2.2250738585072012e-308", 0x1p-1022),
        ("4.9406564584124654e-324", 0x0.0000000000001p-1022),
        ("2.4703282292062328e-324", 0x0.0000000000001p-1022),
        ("2.4703282292062327e-324", 0),
        ("1e-400", 0),
        ("1" + String(repeating: "0", count: 308), 0x1.1ccf385ebc8ap+1023),
        ("0." + String(repeating: "0", count: 5000) + "1e5001", 1),
        ("0." + String(repeating: "0", count: 400) + "1e-5", 0),
        ("0e999999999999999999999", 0),
        ("1e-99999999999999999999999", 0),
        ("1.7976931348623157e308", 0x1.fffffffffffffp+1023),
        ("1.7976931348623158e308", 0x1.fffffffffffffp+1023),
        ("3.08984926168550152811e-32", 0x1.40de48676653bp-105),
        ("1.8254370818746402660437411213933955878019332885742187", 0x1.d34fd8378ea83p+0),
        ("123456789012345678901234567890e-10", 0x1.56a95319d63e1p+63),
        ("6.62607015e-34", 0x1.b860bde023111p-111),
        ("7.2057594037927933e16", 0x1p+56),
        ("5E-324", 0x0.0000000000001p-1022),
        ("1e-323", 0x0.0000000000002p-1022),
        ("17976931348623157e292", 0x1.fffffffffffffp+1023),
        ("0.000000000000000000000000000000000000000123e+40", 0x1.3ae147ae147aep+0),
        ("1.00000000000000011102230246251565404236316680908203125", 1),
        ("1.00000000000000011102230246251565404236316680908203124", 1),
        ("1.00000000000000011102230246251565404236316680908203126", 0x1.0000000000001p+0),
        ("89255.0e-22", 0x1.494af6ce5221fp-57),
        ("104110013277974872254e-225", 0x1.0b661a31987aep-681),
    ]

    /// Each number in every dress: sign, blanks, quotes, decimal comma, at the end of a row or not.
    @Test(arguments: [",", ";", "\t"]) func hardNumbersAreCorrectlyRounded(_ separator: String) throws {
        for (text, value) in Self.hardNumbers {
            for (sign, factor) in [("", 1.0), ("+", 1), ("-", -1)] {
                var dresses = ["\(sign)\(text)", "  \(sign)\(text) ", "\"\(sign)\(text)\"", "\" \(sign)\(text) \""]
                if separator == ";" { dresses.append(sign + text.replacing(".", with: ",")) }
                for dress in dresses {
                    let row = [dress, "0", dress].joined(separator: separator)
                    let table = try #require(try readCSV("a\(separator)b\(separator)c\n\(row)"))
                    #expect(table.values == [factor * value, 0, factor * value], "\(dress.prefix(60))")
                    #expect(table.values[0].sign == (factor < 0 ? .minus : .plus))
                }
            }
        }
    }

    @Test(arguments: [
        "abc", "1x", "x1", "1 2", "1e", "1e+", "e5", ".", "-", "+", "+-1", "-+1", "++1", "--1", "1.2.3", "1,2", "1_000",
        "0x10", "1d5", "$1", "1%", "#N/A", "none", "infinit", "nan()", "1\"", "\"1\"2", "\"\"1\"\"", "\u{A0}1",
        "−1",
        "1\u{0}", "True", "2020-01-01",
    ]) func notANumber(_ text: String) {
        let message = csvMessage("a\tb\n1\t\(text)\n")
        let expected = "FILE:2: data row 1, column \"b\": found "
        #expect(message.hasPrefix(expected) && message.hasSuffix(", expected a number"), "\(message)")
    }

    @Test(arguments: [
        "inf", "-inf", "+Inf", "INFINITY", "-Infinity", "1e999", "-1e309", "1.7976931348623159e308",
        "1e99999999999999999999",
        "0.001e400", "\" 1e999 \"", "10000e305",
    ]) func nonFinite(_ text: String) {
        let shown = text.hasPrefix("\"") ? text : "\"\(text)\""
        let expected = "FILE:2: data row 1, column \"b\": non-finite value \(shown), expected a finite number"
        for missing in MissingValues.allCases {
            #expect(csvMessage("a,b\n1,\(text)\n", missing: missing) == expected)
        }
    }

    /// Random doubles of all magnitudes, written by Swift's shortest round-trip description.
    @Test func randomDoublesRoundTrip() throws {
        var generator = SplitMix64(state: 20_240_607)
        let values = (0..<20_000).map { _ in
            let value = Double(bitPattern: generator.next())
            return value.isFinite ? value : 1 / 3
        }
        let table = try #require(try readCSV("v\n" + values.map { "\($0)" }.joined(separator: "\n"), rowsAtOnce: 7000))
        #expect(table.values == values)
    }
}

/// The SplitMix64 generator (Steele, Lea and Flood 2014), for reproducible tests.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
