import CNumberParsing
import Testing

/// What a faster implementation finds in a text is what the scalar definition finds, to the last bit.
@Suite struct CSVKernelTests {
    /// A cell of one of many kinds, most of them numbers where `plain`.
    static func cell(_ separator: Character, plain: Bool, using generator: inout SplitMix64) -> String {
        func number(_ kind: Int) -> String { RoundingTests.decimal(kind, using: &generator) }
        switch Int.random(in: 0..<(plain ? 2000 : 20), using: &generator) {
        case 0:
            return "\"" + ["", "a\(separator)b", "1.5", "x\n", "a\"\"b\"\""].randomElement(using: &generator)! + "\""
        case 1: return ["NA", "", " 7 ", "+1", "1e5", "1,5", "1.2.3"].randomElement(using: &generator)!
        case 2: return ["5\" wide", "\"a\"b\"c", " \"1\"", "\"1\" "].randomElement(using: &generator)!
        case 3: return String(repeating: "0", count: .random(in: 0..<40, using: &generator)) + "1"
        case 4:
            return "\"" + String(repeating: "q\(separator)\r\n", count: .random(in: 0..<60, using: &generator)) + "\""
        default: return number(Int.random(in: 0..<7, using: &generator))
        }
    }

    static func text(_ separator: Character, fields: Int, using generator: inout SplitMix64) -> [CChar] {
        var text = ""
        let plain = Bool.random(using: &generator)
        for _ in 0..<Int.random(in: 0..<80, using: &generator) {
            let isRagged = Int.random(in: 0..<2000, using: &generator) == 0
            let cells = (0..<fields + (isRagged ? 1 : 0)).map { _ in
                cell(separator, plain: plain, using: &generator)
            }
            text += cells.joined(separator: String(separator)) + (Bool.random(using: &generator) ? "\r\n" : "\n")
            if Int.random(in: 0..<2000, using: &generator) == 0 { text += " \n" }
        }
        return text.utf8.map { CChar(bitPattern: $0) }
    }

    @Test(arguments: [",", ";", "\t"] as [Character])
    func everyImplementationGivesTheSame(_ separator: Character) throws {
        let scalar = unsafe try #require(csv_available(0)).pointee
        guard let fast = unsafe csv_available(1)?.pointee else { return }
        var generator = SplitMix64(state: UInt64(separator.asciiValue!))
        let byte = CChar(separator.asciiValue!)
        var complete = 0
        for _ in 0..<400 {
            let fields = Int.random(in: 1..<12, using: &generator)
            var text = Self.text(separator, fields: fields, using: &generator)
            let cut = Int.random(in: 0...text.count, using: &generator)
            for length in [cut, text.count] {
                var quotes = (1, 1)
                let found = unsafe scalar.last_row_end(text, length, byte, &quotes.0)
                #expect(unsafe fast.last_row_end(text, length, byte, &quotes.1) == found)
                #expect(quotes.0 == quotes.1)
                #expect(unsafe fast.count_newlines(text, length) == scalar.count_newlines(text, length))
                if length == text.count { text.removeLast(text.count - found) }
            }
            for missing in [csv_missing_rule.stops, .drops, .is_kept] {
                for selected in [Self.all, Self.someInReverse] {
                    let a = unsafe Self.scan(scalar, text, byte, fields, missing, selected)
                    let b = unsafe Self.scan(fast, text, byte, fields, missing, selected)
                    #expect(a == b)
                    complete += a.problem == .none ? 1 : 0
                }
            }
        }
        #expect(complete > 400, "most texts would stop at a problem")
    }

    struct Scan: Equatable {
        var counts: [Int]
        var problem: csv_problem
        var bits: [UInt64]
    }

    /// All columns.
    static func all(_ fields: Int) -> [Int] { Array(0..<fields) }

    /// All columns but the first of every three, in reverse order.
    static func someInReverse(_ fields: Int) -> [Int] { (0..<fields).filter { $0 % 3 != 0 || fields < 3 }.reversed() }

    /// Reads the columns selected.
    static func scan(
        _ kernels: csv_kernels, _ text: [CChar], _ separator: CChar, _ fields: Int, _ missing: csv_missing_rule,
        _ selected: (Int) -> [Int]
    ) -> Scan {
        let read = selected(fields)
        var columns = [Int64](repeating: -1, count: fields)
        for (place, field) in read.enumerated() { columns[field] = Int64(place) }
        let capacity = text.count { $0 == 10 } + 1
        var values = [Double](repeating: 0, count: capacity * read.count)
        let scan = unsafe columns.withUnsafeBufferPointer { columns in
            let layout = unsafe csv_layout(
                separator: separator, missing: missing, field_count: fields, columns: columns.baseAddress)
            return unsafe kernels.scan_rows(text, text.count, layout, &values, capacity)
        }
        let stored = (0..<read.count).flatMap { values[$0 * capacity..<$0 * capacity + scan.rows] }
        var counts = [scan.rows, scan.source_rows, scan.dropped_rows, scan.trailing_blank_lines]
        counts += scan.problem == .none ? [scan.missing_values] : [scan.field, scan.offset, scan.length]
        return Scan(counts: counts, problem: scan.problem, bits: stored.map(\.bitPattern))
    }
}

extension CSVKernelTests {
    @Test func linesPassed() throws {
        var generator = SplitMix64(state: 5)
        for _ in 0..<300 {
            let odds = Int.random(in: 1..<200, using: &generator)
            let text = (0..<Int.random(in: 0..<2000, using: &generator)).map { _ -> CChar in
                Int.random(in: 0..<odds, using: &generator) == 0 ? 10 : 49
            }
            let ends = text.indices.filter { text[$0] == 10 }.map { $0 + 1 }
            for most in [0, 1, 2, ends.count / 2, ends.count - 1, ends.count, ends.count + 1, 5000] where most >= 0 {
                for index in 0..<2 {
                    guard let kernels = unsafe csv_available(index)?.pointee else { continue }
                    var lines = most
                    let end = unsafe kernels.pass_lines(text, text.count, &lines)
                    #expect(lines == min(most, ends.count) && end == (lines == 0 ? 0 : ends[lines - 1]))
                }
            }
        }
    }

    /// What may stand in a cell that is read four at a time: any length, a point at any place, signs and other bytes.
    static func oddCell(using generator: inout SplitMix64) -> [CChar] {
        let length = Int.random(in: 0..<36, using: &generator)
        var cell = (0..<length).map { _ in CChar(48 + Int.random(in: 0..<10, using: &generator)) }
        if Bool.random(using: &generator) { cell = cell.map { $0 > 51 ? 48 : $0 } }
        if Bool.random(using: &generator) { cell.insert(45, at: 0) }
        if Bool.random(using: &generator), !cell.isEmpty { cell[cell.indices.randomElement(using: &generator)!] = 46 }
        if Int.random(in: 0..<3, using: &generator) == 0, !cell.isEmpty {
            let place = cell.indices.randomElement(using: &generator)!
            cell[place] = [45, 46, 44, 47, 58, 43, 32, 13, 101, 0, -80, -128, -1].randomElement(using: &generator)!
        }
        return cell
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 11, 33, 40]) func oddCells(_ fields: Int) throws {
        let scalar = unsafe try #require(csv_available(0)).pointee
        guard let fast = unsafe csv_available(1)?.pointee else { return }
        var generator = SplitMix64(state: UInt64(fields))
        var complete = 0
        for round in 0..<600 {
            var text: [CChar] = []
            let odd = Int.random(in: 0..<8 * fields, using: &generator), isLong = Bool.random(using: &generator)
            for place in 0..<9 * fields {
                var cell = RoundingTests.decimal(isLong ? place % 7 : 0, using: &generator).utf8.map { CChar($0) }
                if place - fields == odd || round % 3 == 0 && place % 5 == 1 { cell = Self.oddCell(using: &generator) }
                text += cell + ((place + 1) % fields == 0 ? (round % 2 == 0 ? [10] : [13, 10]) : [44])
            }
            for selected in [Self.all, Self.someInReverse] {
                let a = unsafe Self.scan(scalar, text, 44, fields, .is_kept, selected)
                let b = unsafe Self.scan(fast, text, 44, fields, .is_kept, selected)
                #expect(a == b, "round \(round)")
                complete += a.problem == .none ? 1 : 0
            }
        }
        #expect(complete > 100, "most texts would stop at a problem")
    }
}
