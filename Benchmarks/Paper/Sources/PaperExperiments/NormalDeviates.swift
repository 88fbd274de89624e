import Foundation

/// Normal numbers from a linear congruential generator with a mixed output.
struct NormalDeviates {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var bits = state ^ (state >> 33)
        bits = bits &* 0xFF51_AFD7_ED55_8CCD
        bits ^= bits >> 33
        return (Double(bits >> 11) + 0.5) * 0x1p-53
    }

    mutating func normal() -> Double { (-2 * log(next())).squareRoot() * cos(2 * .pi * next()) }
}
