import Foundation
import Testing

@testable import Tables

/// Damaged files give an error or a table of numbers, never a crash, and the same on every way of cutting them.
///
/// `QLS_SEED` sets another seed; `QLS_FUZZ_ROUNDS` more rounds.
@Suite struct MutationTests {
    static let seed = UInt64(ProcessInfo.processInfo.environment["QLS_SEED"] ?? "") ?? 20_241_124
    static let rounds = Int(ProcessInfo.processInfo.environment["QLS_FUZZ_ROUNDS"] ?? "") ?? 60

    /// Bytes that mean something to a reader.
    static let tokens: [[UInt8]] = [
        "\"", "\"\"", "\n", "\r\n", "\r", ",", ";", "\t", " ", "NA", "nan", "inf", "1e999", "-", "+", ".", "e", "0",
        "\0",
        "\u{FEFF}", "'", "(", ")", "{", "}", ":", "True", "<f4", "4294967296", "9223372036854775807", "\n\n\n",
    ].map { Array($0.utf8) }

    /// One to four random edits: flipped bits, tokens put in, pieces removed, repeated, or cut off.
    static func mutated(_ bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !result.isEmpty {
            let place = Int.random(in: 0..<result.count, using: &generator)
            let end = min(result.count, place + Int.random(in: 0..<12, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: result.insert(contentsOf: tokens.randomElement(using: &generator)!, at: place)
            case 2: result.removeSubrange(place..<end)
            case 3: result.insert(contentsOf: result[place..<end], at: place)
            case 4: result.replaceSubrange(place..<end, with: tokens.randomElement(using: &generator)!)
            default: result.removeSubrange(place...)
            }
        }
        return result
    }

    @Test(arguments: CSVChunkTests.texts, MissingValues.allCases)
    func damagedText(_ text: String, _ missing: MissingValues) {
        var generator = SplitMix64(state: Self.seed)
        for round in 0..<Self.rounds {
            let bytes = Self.mutated(Array(text.utf8), using: &generator)
            let file = TemporaryFile(bytes)
            let whole = CSVChunkTests.trace(
                file, columns: nil, missing: missing, rowsAtOnce: 2, options: ReadingOptions())
            #expect(!whole.contains { $0.contains(" inf") && $0.hasPrefix("TableBlock") })
            #expect(missing == .keep || !whole.contains { $0.hasPrefix("TableBlock") && $0.contains("nan") })
            let options = ReadingOptions(
                chunkBytes: Int.random(in: 1...20, using: &generator),
                headerBytes: Int.random(in: 1...20, using: &generator), threads: 2)
            let cut = CSVChunkTests.trace(file, columns: nil, missing: missing, rowsAtOnce: 2, options: options)
            #expect(cut == whole, "seed \(Self.seed), round \(round): \(bytes)")
        }
    }

    @Test(arguments: ["<f8", ">f4", "<i2", "|b1"], [false, true])
    func damagedArrays(_ type: String, _ fortran: Bool) throws {
        var generator = SplitMix64(state: Self.seed)
        let good = NPYFixture.table(NPYTests.samples(type), columns: 3, type: type, fortran: fortran)
        for round in 0..<4 * Self.rounds {
            let file = TemporaryFile(Self.mutated(good, using: &generator), suffix: ".npy")
            do throws(TableError) {
                let table = try readAll(NPYReader(path: file.path), rowsAtOnce: 3)
                #expect(table?.values.allSatisfy(\.isFinite) == true, "seed \(Self.seed), round \(round)")
            } catch {
                #expect(error.category == .badData && error.description.hasPrefix(file.path))
            }
        }
    }
}
