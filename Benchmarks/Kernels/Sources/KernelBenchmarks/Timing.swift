import CCeilings

/// Processor time of this thread that pieces of work take, one list for each. The pieces take turns, so that a noisy
/// spell of the machine does not hit one of them alone.
func times(rounds: Int, _ work: [() -> Void]) -> [[Double]] {
    timed(rounds: rounds, clock: thread_seconds, work)
}

/// The same in time by the clock, for work on several threads.
func wallTimes(rounds: Int, _ work: [() -> Void]) -> [[Double]] {
    let clock = ContinuousClock(), start = clock.now
    return timed(rounds: rounds, clock: { (clock.now - start) / .seconds(1) }, work)
}

private func timed(rounds: Int, clock: () -> Double, _ work: [() -> Void]) -> [[Double]] {
    var lists = [[Double]](repeating: [], count: work.count)
    for _ in 0..<rounds {
        for (i, piece) in work.enumerated() {
            let start = clock()
            piece()
            lists[i].append(clock() - start)
        }
    }
    return lists
}

/// The time of the fastest round of each piece.
func fastest(rounds: Int, _ work: [() -> Void]) -> [Double] {
    times(rounds: rounds, work).map { $0.min() ?? .infinity }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// A number with one or two digits after the point, padded to a column.
func cell(_ value: Double) -> String {
    let digits = value < 10 ? 100.0 : 10.0
    let text = "\((value * digits).rounded() / digits)"
    return String(repeating: " ", count: max(1, 10 - text.count)) + text
}

/// A linear congruential generator (Knuth's MMIX constants): the same data in every run.
struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 33
    }
}

/// Stops the program with a message: a benchmark of wrong answers is worth nothing.
func check(_ condition: Bool, _ what: String) {
    guard condition else { fatalError("\(what): wrong answer") }
}
