import Foundation
import Synchronization

/// A bar on standard error, on a terminal only, and only once the work has taken a second.
final class ProgressBar {
    private let isTerminal = isatty(2) == 1
    private let start = Date()
    private var last = Date.distantPast
    private var isShown = false

    /// Shows how much of a stage is done.
    func update(_ stage: String, _ fraction: Double) {
        guard isTerminal else { return }
        let now = Date()
        guard now.timeIntervalSince(start) > 1, now.timeIntervalSince(last) > 0.1 else { return }
        last = now
        isShown = true
        let width = 30, filled = Int(Double(width) * min(1, max(0, fraction)))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        let line = "\r\(stage) [\(bar)] \(Int(100 * min(1, max(0, fraction))))%\u{1B}[K"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    /// Wipes the bar.
    func finish() {
        guard isShown else { return }
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K".utf8))
        isShown = false
    }
}

/// A progress bar that several threads may report to.
final class SharedProgress: Sendable {
    private let bar = Mutex(ProgressBar())

    /// Shows how much of a stage is done.
    func update(_ stage: String, _ fraction: Double) { bar.withLock { $0.update(stage, fraction) } }

    /// Wipes the bar.
    func finish() { bar.withLock { $0.finish() } }
}
