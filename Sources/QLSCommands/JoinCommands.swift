import ArgumentParser
import Foundation
import QuantizedLeastSquares

/// `qls append`: adds rows to a store.
struct AppendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Add the rows of a table to a store, under its codebooks, and report how they differ from its own.",
        discussion: """
            The table needs the columns of the store, by name. Codebooks, transform and bits stay those of the store; \
            where the new rows differ much from the old ones, their codes cost more accuracy, which the report shows per \
            column and a solution of the store counts in. The store is replaced when the new one is whole.
            """)

    @Argument(help: "The store.")
    var store: String

    @Argument(help: "A table as for qls solve, or - for standard input.")
    var data: String

    @Option(name: [.short, .customLong("output")], help: "Write to another store and leave this one as it is.")
    var output: String?

    @Flag(help: "Compress blocks of codes; a compressed store stays so without.")
    var compress = false

    @Option(help: "Missing values: error, or drop the rows that have them.")
    var missing: MissingChoice = .error

    @Option(parsing: .unconditional, help: "Threads (default: all cores). The result does not depend on it.")
    var threads: Int?

    @Option(parsing: .unconditional, help: "Seed of random rounding.")
    var seed: UInt64 = 1

    @Option(help: "Report as text, json or markdown.")
    var format: ReportFormat = .text

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1.") }
        try FileIdentity.refuse(output ?? store, amongInputs: [data])
    }

    private var threadCount: Int { threads.orOnePerProcessor }

    func run() throws {
        let kernels = try chosenKernels(), progress = ProgressBar()
        defer { progress.finish() }
        let old = try Console.reporting(store) { try QuantizedRegression(store: store, kernels: kernels) }
        let (joined, drift) = try Console.reporting(data) {
            let table = try TableOptions.read(
                data, like: old, missing: missing.value, seed: seed, progress: progress)
            return try old.appending(table, seed: seed, threads: threadCount, kernels: kernels) {
                progress.update("quantizing", $0)
            }
        }
        progress.finish()
        let target = output ?? store
        let compressing = compress || old.matrix.codes.compressedBlocks > 0
        try Console.reporting(target) {
            try joined.write(store: target, compressing: compressing, threads: threadCount)
        }
        let report = DriftReport(
            drift, rows: old.matrix.rows, newRows: joined.matrix.rows - old.matrix.rows,
            store: URL(fileURLWithPath: target).lastPathComponent,
            source: data == "-" ? "standard input" : URL(fileURLWithPath: data).lastPathComponent)
        do {
            switch format {
            case .text: try Console.write(report.text())
            case .markdown: try Console.write(report.markdown())
            case .json: try Console.write(report.json())
            }
        } catch {
            Console.complain("the rows are in \(target) all the same")
            throw error
        }
        Console.warn(drift)
    }
}

/// `qls merge`: puts stores together.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Put stores with the same codebooks together into one.",
        discussion: """
            Stores made independently have different codebooks and cannot be merged; make all but the first with \
            qls quantize --like FIRST. The rows of the stores must be different ones.
            """)

    @Argument(help: "The stores, two or more.")
    var stores: [String]

    @Option(name: [.short, .customLong("output")], help: "The store to write; may be one of those merged.")
    var output: String

    @Flag(help: "Compress blocks of codes with Zstandard where that makes them shorter.")
    var compress = false

    func validate() throws {
        guard stores.count > 1 else { throw ValidationError("merge takes two stores or more.") }
        for (place, path) in stores.enumerated() {
            let former = stores[..<place].first {
                $0 == path || FileIdentity($0).map { $0 == FileIdentity(path) } ?? false
            }
            if let former {
                throw ValidationError("\(path) is the same store as \(former): its rows would count twice.")
            }
        }
    }

    func run() throws {
        let kernels = try chosenKernels()
        let all = try stores.map { path in
            try Console.reporting(path) { try QuantizedRegression(store: path, kernels: kernels) }
        }
        for (path, other) in zip(stores, all).dropFirst() {
            if let difference = all[0].difference(from: other) {
                Console.complain("\(stores[0]) and \(path) cannot be merged: \(difference).")
                throw Exit.badData
            }
            Console.warn(all[0].drift(of: other), of: path)
        }
        let merged = try Console.reporting(output) { try all[0].merging(Array(all.dropFirst()), kernels: kernels) }
        try Console.reporting(output) { try merged.write(store: output, compressing: compress) }
    }
}

extension Console {
    /// Names the columns whose new rows the codebooks fit badly.
    static func warn(_ drift: [ColumnDrift], of source: String = "the new rows") {
        let large = drift.filter(\.isLarge).map(\.name)
        guard !large.isEmpty else { return }
        let shown = large.prefix(5).joined(separator: ", ") + (large.count > 5 ? ", … (\(large.count) columns)" : "")
        complain("warning: \(source) differ much from those the codebooks were made for: \(shown)")
    }
}
