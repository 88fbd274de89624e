import Dispatch
import Foundation
import QuantizedLeastSquares

/// What the process does when it is told to end (Ctrl-C, a closed terminal, kill): it removes the files it has begun, then
/// ends by that signal, which a shell shows as exit code 130, 129 or 143.
enum Interruption {
    /// Only kept; nothing but `handle` touches it.
    private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []
    private static let signals = [SIGINT, SIGHUP, SIGTERM]

    /// To be called once, before anything is written.
    static func handle() {
        // A file that reaches the size limit of the process is a failed write with a message, not the end.
        _ = signal(SIGXFSZ, SIG_IGN)
        let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
        for number in signals where !isIgnored(number) {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { ReplacementFile.removeAll { end(by: number) } }
            source.resume()
            _ = signal(number, SIG_IGN)
            unsafe sources.append(source)
        }
    }

    /// Whether whoever started the process wants it to go on (nohup).
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return unsafe sigaction(number, nil, &action) == 0
            && (unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)) == 1
    }

    private static func end(by number: Int32) {
        _ = signal(number, SIG_DFL)
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        _ = unsafe sigaddset(&set, number)
        _ = unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(number)
        _exit(128 + number)
    }
}
