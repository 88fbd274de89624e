import QuantizedMatrices

/// How the relative distortion of a column falls with its bits.
struct DistortionCurve: Sendable {
    let name: String
    /// δ(b) for b = 1 … 8.
    private(set) var values: [Double] = []
    /// Bits that codes of a codebook of at most b bits take: fewer where the column has few distinct values.
    private(set) var bits: [Int] = []

    init(name: String) { self.name = name }

    /// Adds a column quantized with one bit more than the last; of several columns one after the other.
    mutating func add(_ column: QuantizedColumn, intercept: Bool) {
        let square = column.moments.meanSquare(centered: intercept) * Double(column.moments.count)
        values.append(square > 0 ? column.totalSquaredError / square : 0)
        bits.append(column.bits)
    }

    /// Turns the entries of several columns in turn into their means.
    mutating func average(over columns: Int) {
        let groups = stride(from: 0, to: values.count, by: columns)
        values = groups.map { first in values[first..<(first + columns)].reduce(0, +) / Double(columns) }
        bits = groups.map { first in bits[first..<(first + columns)].max() ?? 1 }
    }

    /// δ(b), 0 for a column that was left out.
    func distortion(_ b: Int) -> Double { values.indices.contains(b - 1) ? values[b - 1] : 0 }

    /// Bits that are used of b.
    func used(_ b: Int) -> Int { bits.indices.contains(b - 1) ? bits[b - 1] : 1 }
}

/// Plans of more and more bits, each step where it takes most from Σ_j(δ_j + δ_y) per bit.
struct PlanSequence {
    private let curves: [DistortionCurve]
    private let responses: Int
    private var levels: [[Int]] = []

    /// For the curves of the predictors, then that of the responses.
    init(curves: [DistortionCurve], responses: Int) {
        self.curves = curves
        self.responses = responses
        var bits = [Int](repeating: 1, count: curves.count)
        levels.append(bits)
        while let (place, step) = nextStep(bits) {
            bits[place] += step
            levels.append(bits)
        }
    }

    /// Where a bit helps most: looking ahead, as a column may become exact all at once.
    private func nextStep(_ bits: [Int]) -> (place: Int, step: Int)? {
        var best: (place: Int, step: Int)?, largest = 0.0
        let predictors = curves.count - 1
        for (place, curve) in curves.enumerated() {
            let weight = place == predictors ? Double(predictors) / Double(responses) : 1
            for step in stride(from: 1, through: 8 - bits[place], by: 1) {
                let gain =
                    weight * (curve.distortion(bits[place]) - curve.distortion(bits[place] + step)) / Double(step)
                if gain > largest { (best, largest) = ((place, step), gain) }
            }
        }
        return best
    }

    var count: Int { levels.count }

    subscript(i: Int) -> BitPlan {
        let bits = levels[i]
        return BitPlan(
            columns: zip(curves, bits).dropLast().map { .init(name: $0.name, bits: $0.used($1)) },
            responseBits: bits[bits.count - 1], responses: responses)
    }

    /// The first plan of which a condition holds that holds for all after it, by bisection; the last if there is none.
    func first(where holds: (Int) throws(RegressionError) -> Bool) throws(RegressionError) -> Int {
        var low = 0, high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if try holds(middle) { high = middle } else { low = middle + 1 }
        }
        _ = try holds(low)
        return low
    }
}
