import Foundation
import Tables
import TestSupport

/// Damages corpus files, writes each result to the scratch folder and reads it there in several ways, which must agree.
struct FuzzWorker {
    private let arguments: FuzzArguments
    private let corpus: [(suffix: String, bytes: [UInt8])]
    private let end: Date
    private var mutator: ByteMutator
    /// Seconds that one input may take.
    private let patience: UInt32 = 120
    /// KiB by which one input may raise the most memory used so far.
    private let memoryLimit = 400 << 10

    init(_ arguments: FuzzArguments) throws {
        self.arguments = arguments
        corpus = try arguments.corpus()
        guard !corpus.isEmpty else { usage("no corpus file has a suffix of --only") }
        end = Date(timeIntervalSinceNow: arguments.seconds)
        mutator = ByteMutator(seed: arguments.seed)
    }

    mutating func run() throws {
        for (suffix, bytes) in corpus { try read(bytes, suffix: suffix) }
        var cases = 0
        while Date() < end, cases < arguments.cases {
            let (suffix, bytes) = corpus[mutator.number(below: corpus.count)]
            try read(mutator.mutated(bytes, others: corpus.map(\.bytes)), suffix: suffix)
            cases += 1
            if cases % 64 == 0 { try count(cases) }
        }
        try count(cases)
    }

    private func count(_ cases: Int) throws {
        try Data("\(cases)".utf8).write(to: URL(fileURLWithPath: arguments.scratch + "/cases"))
    }

    private mutating func read(_ bytes: [UInt8], suffix: String) throws {
        let file = arguments.scratch + "/input" + suffix
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let memory = peakMemory()
        alarm(patience)
        for missing in MissingValues.allCases {
            let trace = ReaderTrace.whole(file, missing: missing, rowsAtOnce: 1000)
            let rows = 1 + mutator.number(below: 9)
            let again = ReaderTrace.whole(file, missing: missing, rowsAtOnce: rows)
            guard trace == again else {
                fail("\(file), \(missing), \(rows) rows at a time: \(trace), then \(again)")
            }
            if missing == .error {
                ReaderTrace.checkStoredRows(file, plain: trace, chunkBytes: 1 << (8 + mutator.number(below: 13)))
            }
            try readContained(bytes, suffix: suffix, missing: missing, plain: trace)
        }
        alarm(0)
        if peakMemory() - memory > memoryLimit { fail("\(file): \(peakMemory() - memory) KiB more memory") }
        try FileManager.default.removeItem(atPath: file)
    }

    /// The same bytes in a container that holds them as they are are the same table.
    private mutating func readContained(
        _ bytes: [UInt8], suffix: String, missing: MissingValues, plain: ReaderTrace
    ) throws {
        guard !["gz", "zst"].contains(where: suffix.hasSuffix), arguments.only.isEmpty, mutator.number(below: 8) == 0
        else { return }
        let isCompressed = bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        for container in StoredContainer.allCases where !isCompressed {
            let file = arguments.scratch + "/input" + suffix + container.suffix
            try Data(container.holding(bytes)).write(to: URL(fileURLWithPath: file))
            let trace = ReaderTrace.whole(file, missing: missing, rowsAtOnce: 500)
            guard trace.isEquivalent(to: plain) else {
                fail("\(file), \(missing): \(trace), without the container \(plain)")
            }
            try FileManager.default.removeItem(atPath: file)
        }
    }

    /// KiB of memory used at most so far.
    private func peakMemory() -> Int {
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        return usage.ru_maxrss
    }
}
