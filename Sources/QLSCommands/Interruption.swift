import Foundation
import QuantizedLeastSquares

/// What the process does when it is told to end (Ctrl-C, a closed terminal, kill): it removes the files it has begun, then
/// ends by that signal, which a shell shows as exit code 130, 129 or 143.
enum Interruption {
    private static let signals = [SIGINT, SIGHUP, SIGTERM]

    /// To be called once, before anything is written and on the only thread: all threads that it starts block these signals,
    /// so that they wait for one that does nothing else but take them. (Ignored ones would be lost.)
    static func handle() {
        // A file that reaches the size limit of the process is a failed write with a message, not the end.
        _ = signal(SIGXFSZ, SIG_IGN)
        let awaited = set(of: signals.filter { !isIgnored($0) })
        mask(SIG_BLOCK, awaited)
        Thread.detachNewThread {
            var own = awaited, number: Int32 = 0
            while unsafe sigwait(&own, &number) == 0 { ReplacementFile.removeAll { end(by: number) } }
        }
    }

    private static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for number in numbers { _ = unsafe sigaddset(&set, number) }
        return set
    }

    private static func mask(_ how: Int32, _ set: sigset_t) {
        var set = set
        _ = unsafe pthread_sigmask(how, &set, nil)
    }

    /// Whether whoever started the process wants it to go on (nohup).
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return unsafe sigaction(number, nil, &action) == 0
            && (unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)) == 1
    }

    private static func end(by number: Int32) {
        mask(SIG_UNBLOCK, set(of: [number]))
        raise(number)
        _exit(128 + number)
    }
}
