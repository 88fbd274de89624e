import Foundation
import Quantizers
import TestSupport

/// Rows of `density_constants.json`.
struct DensityConstants: Decodable {
    struct Row: Decodable {
        var rho: String
        var Z: String
        var C: String
        var gain_over_panter_dite: String
        var peak: String
    }
    var rows: [Row]
}

/// Rows of `gaussian_pairs.json`.
struct GaussianPairs: Decodable {
    struct Method: Decodable {
        var e2: Double
        var e1: Double
        var gain: Double
        var e2_gain: Double
        var levels: [Double]?
    }
    struct Row: Decodable {
        var rho: Double
        var levels: Int
        var gauss: Method
        var paper: Method
        var lloyd: Method
        var wlloyd: Method
    }
    var rows: [Row]
}

/// Rows of `lloyd_max.json`.
struct LloydMaxLevels: Decodable {
    struct Row: Decodable {
        var rho: String
        var count: Int
        var levels: [String]
    }
    var rows: [Row]
}

func reference<T: Decodable>(_ name: String, as type: T.Type) throws -> T {
    try JSONDecoder().decode(T.self, from: Data(contentsOf: Checkout.references.appendingPathComponent(name)))
}

/// SplitMix64: the tests' own deterministic numbers.
struct TestGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func uniform() -> Double { Double.random(in: 0..<1, using: &self) }
    mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform())
    }
    mutating func laplace() -> Double { (uniform() < 0.5 ? -1 : 1) * -log(1 - uniform()) }
}

/// The sample distributions that designs are tested on.
enum Source: String, CaseIterable, Sendable {
    case normal, laplace, lognormal, mixture

    func sample(_ count: Int, seed: UInt64 = 1) -> [Double] {
        var generator = TestGenerator(seed: seed)
        return (0..<count).map { _ in
            switch self {
            case .normal: generator.normal()
            case .laplace: generator.laplace()
            case .lognormal: exp(generator.normal())
            case .mixture: generator.uniform() < 0.3 ? 5 + 0.1 * generator.normal() : generator.normal()
            }
        }
    }
}
