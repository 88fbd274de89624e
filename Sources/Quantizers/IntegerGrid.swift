import Foundation

/// Levels as integers on a common grid: level c ≈ offset + scale·integers[c].
///
/// Sums of products of integers are exact, so a Gram matrix accumulated from them does not depend on order, threads
/// or instruction set; offset and scale enter once at the end.
public struct IntegerGrid: Sendable, Equatable {
    /// The value of the integer 0.
    public let offset: Double
    /// The width of a grid step; positive.
    public let scale: Double
    /// One integer per level, strictly ascending.
    public let integers: [Int64]

    /// A grid from its parts; the integers have to be strictly ascending and the scale positive.
    public init(offset: Double, scale: Double, integers: [Int64]) {
        precondition(
            scale > 0 && scale.isFinite && offset.isFinite, "A grid needs a finite offset and a positive scale.")
        precondition(
            zip(integers, integers.dropFirst()).allSatisfy { $0 < $1 },
            "The integers of a grid have to ascend strictly.")
        self.offset = offset
        self.scale = scale
        self.integers = integers
    }

    /// The value of level c on the grid, computed as `offset + scale * Double(integers[c])`.
    public func value(_ code: Int) -> Double { offset + scale * Double(integers[code]) }

    /// The signed width: the smallest b with |integers| ≤ 2^(b−1) − 1 for all of them.
    public var bits: Int {
        let largest = integers.map(\.magnitude).max() ?? 0
        return UInt64.bitWidth - largest.leadingZeroBitCount + 1
    }

    /// The greatest common divisor of the steps between the integers; 0 for fewer than two of them.
    public var commonStep: Int64 {
        integers.dropFirst().reduce(0) { Self.greatestCommonDivisor($0, $1 - integers[0]) }
    }

    /// A grid on which a list of exact values lies, if there is one with |integers| < 2^44.
    ///
    /// First the coarsest decimal grid: the smallest d in 0 … 15 for which every value is the `Double` nearest to a
    /// whole number of 10^−d. Then a binary grid, for values that come from narrow floating-point formats. Common
    /// factors are divided out, so that 0, 1000, 2000 become 0, 1, 2.
    ///
    /// - Parameters:
    ///   - values: strictly ascending and finite.
    ///   - centre: the grid point nearest to it becomes the offset; nil for the middle of the range.
    static func exact(_ values: [Double], near centre: Double?) -> IntegerGrid? {
        for digits in 0...15 {
            let power = pow(10, Double(digits))
            if let whole = wholeNumbers(values, { ($0 * power).rounded() }, { $0 / power }),
                let grid = reduced(whole, near: centre, { $0 * power }, { $0 / power })
            {
                return grid
            }
        }
        let exponents = values.filter { $0 != 0 }.map(lowestBitExponent)
        guard let lowest = exponents.min(), lowest > -1000, lowest < 900 else { return nil }
        let unit = Double(sign: .plus, exponent: lowest, significand: 1)
        guard let whole = wholeNumbers(values, { ($0 / unit).rounded() }, { $0 * unit }) else { return nil }
        return reduced(whole, near: centre, { $0 / unit }, { $0 * unit })
    }

    /// The values as whole numbers below 2^53 that convert back to exactly these values, if they are.
    private static func wholeNumbers(
        _ values: [Double], _ toWhole: (Double) -> Double, _ fromWhole: (Double) -> Double
    ) -> [Int64]? {
        var result: [Int64] = []
        result.reserveCapacity(values.count)
        for value in values {
            let whole = toWhole(value)
            guard abs(whole) < 0x1p53, fromWhole(whole) == value else { return nil }
            result.append(Int64(whole))
        }
        return result
    }

    /// Whole numbers relative to one near the centre, in units of their greatest common divisor.
    private static func reduced(
        _ whole: [Int64], near centre: Double?, _ toWhole: (Double) -> Double, _ fromWhole: (Double) -> Double
    ) -> IntegerGrid? {
        let first = whole[0]
        let range = whole[whole.count - 1] - first
        var divisor: Int64 = 0
        for value in whole { divisor = greatestCommonDivisor(divisor, value - first) }
        if divisor == 0 { divisor = 1 }
        let target = centre.map(toWhole).map { min(max($0, Double(first)), Double(first + range)) }
        let steps = target.map { Int64((($0 - Double(first)) / Double(divisor)).rounded()) } ?? range / divisor / 2
        let origin = first + steps * divisor
        let integers = whole.map { ($0 - origin) / divisor }
        guard integers.allSatisfy({ $0.magnitude < 1 << 44 }) else { return nil }
        return IntegerGrid(offset: fromWhole(Double(origin)), scale: fromWhole(Double(divisor)), integers: integers)
    }

    /// The exponent of the lowest bit that is set in a number.
    private static func lowestBitExponent(_ value: Double) -> Int {
        let fraction = value.significandBitPattern
        return Int(value.ulp.exponent) + (fraction == 0 ? Double.significandBitCount : fraction.trailingZeroBitCount)
    }

    private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return abs(a)
    }
}
