import Foundation
import QuantizedLeastSquares
import Testing

@testable import QuantizedMatrices

/// Changes valid stores at random, gives them right checksums again so that the checks behind these are reached, and reads
/// and solves what comes of it: an error or a result, never a crash, a hang or a huge allocation.
///
/// QLS_FUZZ_SECONDS runs it that long, QLS_FUZZ_SEED elsewhere. The store that is being read stays in the temporary folder
/// if the process ends.
@Suite struct StoreFuzzTests {
    @Test func mutatedStores() throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["QLS_FUZZ_SECONDS"].flatMap { Double($0) }
        var random = RandomNumbers(seed: environment["QLS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1)
        let stores = try Self.stores(), folder = try StoreFolder(), start = Date()
        var tries = 0, read = 0, solved = 0
        while seconds.map({ Date().timeIntervalSince(start) < $0 }) ?? (tries < 400) {
            tries += 1
            let bytes = Self.mutated(stores, &random), began = Date()
            if let store = try? folder.read(bytes) {
                read += 1
                if try Self.use(store, folder: folder) { solved += 1 }
            }
            #expect(Date().timeIntervalSince(began) < 60, "a store of \(bytes.count) bytes took long")
            if seconds != nil, tries % 20_000 == 0 { print("\(tries) stores, \(read) read, \(solved) solved") }
        }
        if seconds != nil { print("\(tries) stores, \(read) read, \(solved) solved") }
    }

    /// Everything that is done with a store. Returns whether it was solved.
    private static func use(
        _ store: (matrix: QuantizedMatrix, description: StoreDescription), folder: StoreFolder
    ) throws -> Bool {
        let rows = min(store.matrix.rows, 1 << 16)
        _ = store.matrix.integerGram(threads: 2)
        _ = store.matrix.decoded(first: 0, count: rows)
        try StoreFile.write(store.matrix, store.description, to: folder.path("again.qls"), compressing: true)
        let again = try StoreFile.read(folder.path("again.qls"))
        #expect(again.matrix.rows == store.matrix.rows && again.matrix.sideBytes == store.matrix.sideBytes)
        guard let data = try? QuantizedRegression(store: folder.path("again.qls")) else { return false }
        _ = try StoreReport(data, source: "again.qls", kernels: "").json()
        _ = StoreReport(data, source: "again.qls", kernels: "").text()
        var solved = false
        for method in SolverMethod.allCases {
            var problem = LeastSquaresProblem()
            problem.method = method
            if let solution = try? problem.solve(data) {
                solved = true
                _ = SolutionReport(solution, source: "again.qls", confidence: 0.95).text()
                _ = try SolutionJSON(solution).text()
            }
        }
        return solved
    }

    /// Stores of all roundings, with and without blocks, refinements, intercept, transform and compression.
    private static func stores() throws -> [[UInt8]] {
        var result = [
            try ExampleStore().encoded(), try ExampleStore(rowsPerBlock: 16).encoded(),
            try ExampleStore(rows: 400, rowsPerBlock: 200).encoded(compressing: true),
            try ExampleStore(rows: 2).encoded(),
        ]
        var random = RandomNumbers(seed: 5)
        let values = (0..<60).map { i in
            let x = random.gaussian(), y = x + random.gaussian()
            return [x, y, Double(i % 3), 0.1 * Double(i), x - y + random.gaussian(), random.gaussian()]
        }
        for quantizer in [Quantizer.balanced, .optimal, .stochastic] {
            for intercept in [true, false] {
                let source = try ArrayTableSource(
                    names: ["a", "b", "c", "d", "y", "z"], columns: (0..<6).map { j in values.map { $0[j] } })
                let table = try RegressionTable(reading: source, predictors: 4)
                var options = QuantizationOptions()
                options.bits = 3
                options.quantizer = quantizer
                options.responseBits = intercept ? 8 : nil
                let data = try QuantizedRegression(quantizing: table, options: options, intercept: intercept)
                let folder = try StoreFolder()
                try data.write(store: folder.path("a.qls"))
                result.append(try folder.bytes("a.qls"))
            }
        }
        return result
    }

    // MARK: Mutations

    private static func mutated(_ stores: [[UInt8]], _ random: inout RandomNumbers) -> [UInt8] {
        let bytes = stores.randomElement(using: &random)!
        if random.next() % 16 == 0 {
            var raw = bytes
            change(&raw, stores.randomElement(using: &random)!, &random)
            return raw
        }
        var parts = StoreParts(bytes)
        let other = StoreParts(stores.randomElement(using: &random)!)
        for _ in 0...(random.next() % 3) {
            switch random.next() % 12 {
            case 0: parts.rowsPerBlock = Int(random.next() % 5) * 8
            case 1: parts.rowsPerBlock = 8 << Int(random.next() % 26)
            case 2: change(&parts.blocks, other.blocks, &random)
            case 3: if let entry = other.entries.randomElement(using: &random) { parts.entries.append(entry) }
            case 4: if !parts.entries.isEmpty { parts.entries.removeLast() }
            case 5:
                guard let k = parts.entries.indices.randomElement(using: &random) else { break }
                parts.entries[k].length = Int(truncatingIfNeeded: interesting(&random) & 0x7FFF_FFFF_FFFF_FFFF)
            case 6:
                guard let k = parts.entries.indices.randomElement(using: &random) else { break }
                parts.entries[k].encoding = parts.entries[k].encoding == .plain ? .zstandard : .plain
            default: change(&parts.description, other.description, &random)
            }
        }
        return parts.encoded(blockChecksums: random.next() % 16 != 0)
    }

    private static func change(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout RandomNumbers) {
        guard !bytes.isEmpty else { return }
        let place = Int(random.next() % UInt64(bytes.count)), count = Int(random.next() % 40)
        let range = place..<min(bytes.count, place + count)
        switch random.next() % 8 {
        case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
        case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.removeSubrange(range)
        case 3: bytes.insert(contentsOf: bytes[range], at: place)
        case 4: bytes.removeLast(min(bytes.count, count))
        case 5:
            let start = min(place, other.count), end = min(other.count, start + count)
            bytes.replaceSubrange(range, with: other[start..<end])
        case 6:
            let value = UInt32(truncatingIfNeeded: interesting(&random))
            for i in 0..<4 where place + i < bytes.count {
                bytes[place + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i))
            }
        default:
            let value = interesting(&random)
            for i in 0..<8 where place + i < bytes.count {
                bytes[place + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i))
            }
        }
    }

    /// Numbers at the borders of integers and doubles.
    private static func interesting(_ random: inout RandomNumbers) -> UInt64 {
        let numbers: [Double] = [
            0, -0.0, 1, -1, .infinity, .nan, 1e308, -1e308, 1e-308, .leastNonzeroMagnitude, 1e150, 1e70, 1e-150, 0.5,
        ]
        switch random.next() % 4 {
        case 0: return numbers.randomElement(using: &random)!.bitPattern
        case 1: return 1 << (random.next() % 64)
        case 2: return (1 << (random.next() % 64)) &- 1
        default: return random.next() % 300
        }
    }
}
