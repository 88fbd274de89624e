import Dispatch
import Synchronization

/// f(0) … f(count − 1), computed by up to `threads` threads at the same time. The result does not depend on how many
/// there are. Where an element fails, the error of the first one that does, in order, is thrown.
package func parallelMap<T: Sendable, Failure: Error>(
    _ count: Int, threads: Int, _ f: @Sendable (Int) throws(Failure) -> T
) throws(Failure) -> [T] {
    guard threads > 1, count > 1 else {
        var results: [T] = []
        for i in 0..<count { results.append(try f(i)) }
        return results
    }
    let results = Mutex([Result<T, Failure>?](repeating: nil, count: count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
        while true {
            let i = next.add(1, ordering: .relaxed).oldValue
            guard i < count else { return }
            let result = Result { () throws(Failure) -> T in try f(i) }
            results.withLock { $0[i] = result }
        }
    }
    var values: [T] = []
    for result in results.withLock({ $0 }) { values.append(try result!.get()) }
    return values
}

/// f(0) … f(count − 1), computed by up to `threads` threads, this one among them, and handed to `use` on this thread in
/// their order, each as soon as it and those before are there. Up to `count` results wait at a time. The first error ends
/// it.
package func parallelForEach<T: Sendable, Failure: Error>(
    _ count: Int, threads: Int, _ f: @Sendable (Int) throws(Failure) -> T, use: (T) throws(Failure) -> Void
) throws(Failure) {
    guard threads > 1, count > 1 else {
        for i in 0..<count { try use(try f(i)) }
        return
    }
    try withoutActuallyEscaping(f) { (f) throws(Failure) in
        let queue = ResultQueue(count: count, f)
        let workers = DispatchGroup()
        for _ in 1..<min(threads, count) {
            DispatchQueue.global().async(group: workers) { while queue.computeNext() { queue.changed.signal() } }
        }
        defer {
            queue.stop()
            workers.wait()
        }
        for i in 0..<count {
            var result = queue.take(i)
            while result == nil {
                if !queue.computeNext() { queue.changed.wait() }
                result = queue.take(i)
            }
            try use(try result!.get())
        }
    }
}

/// The results of a function of numbers below a limit, computed by several threads and taken out in order.
private final class ResultQueue<T: Sendable, Failure: Error>: Sendable {
    private let f: @Sendable (Int) throws(Failure) -> T
    private let results: Mutex<[Result<T, Failure>?]>
    private let next = Atomic(0)
    private let count: Int
    /// Signalled after each result of a thread other than the one that takes them.
    let changed = DispatchSemaphore(value: 0)

    init(count: Int, _ f: @escaping @Sendable (Int) throws(Failure) -> T) {
        self.f = f
        self.count = count
        results = Mutex([Result<T, Failure>?](repeating: nil, count: count))
    }

    /// Computes the next number's result; false where none is left.
    func computeNext() -> Bool {
        let i = next.add(1, ordering: .relaxed).oldValue
        guard i < count else { return false }
        let result = Result { () throws(Failure) -> T in try f(i) }
        results.withLock { $0[i] = result }
        return true
    }

    /// Takes a result out, if it is there.
    func take(_ i: Int) -> Result<T, Failure>? {
        results.withLock { results in
            defer { results[i] = nil }
            return results[i]
        }
    }

    /// No further number is begun.
    func stop() { next.store(count, ordering: .relaxed) }
}
