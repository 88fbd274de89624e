import Dispatch
import Synchronization

/// f(0) … f(count − 1), computed by up to `threads` threads at the same time. The result does not depend on how many
/// there are. Where an element fails, the error of the first one that does, in order, is thrown.
func parallelMap<T: Sendable, Failure: Error>(
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
