/// Seconds of the fastest of several rounds, one figure for each piece of work. The pieces take turns, so that a noisy
/// spell of the machine does not hit one of them alone.
func fastest(rounds: Int, _ work: [() -> Void]) -> [Double] {
    var best = [Double](repeating: .infinity, count: work.count)
    let clock = ContinuousClock()
    for _ in 0..<rounds {
        for (i, piece) in work.enumerated() { best[i] = min(best[i], clock.measure(piece) / .seconds(1)) }
    }
    return best
}

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
