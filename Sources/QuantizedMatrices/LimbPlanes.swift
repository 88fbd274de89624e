import Quantizers

/// The integer levels of the columns, cut into balanced base-2¹⁵ digits so that every plane fits 16-bit kernels.
///
/// L = Σ_l d_l·2^{15l} with −2¹⁴ ≤ d_l < 2¹⁴, the last digit ≤ 2¹⁴. Columns whose integers lie within ±2¹⁴ have a
/// single plane.
struct LimbPlanes: Sendable {
    /// One plane: a digit of one column's integer levels.
    struct Plane: Sendable {
        let column: Int
        let limb: Int
        /// The digit for each code.
        let levels: [Int16]
    }

    static let radixBits = 15

    let planes: [Plane]
    /// The first plane of each column, and one past the last.
    let firstPlane: [Int]
    /// The largest |digit| in any plane.
    let largestMagnitude: Int

    init(_ columns: [QuantizedColumn]) {
        var planes: [Plane] = [], firstPlane = [0], largest = 1
        for (j, column) in columns.enumerated() {
            var rest = column.grid.integers
            for limb in 0..<column.grid.limbCount {
                let isLast = limb == column.grid.limbCount - 1
                var digits = [Int16](repeating: 0, count: rest.count)
                for c in rest.indices {
                    let digit = isLast ? rest[c] : Self.balancedDigit(rest[c])
                    digits[c] = Int16(digit)
                    rest[c] = (rest[c] - digit) >> Int64(Self.radixBits)
                    largest = max(largest, Int(abs(digit)))
                }
                planes.append(Plane(column: j, limb: limb, levels: digits))
            }
            firstPlane.append(planes.count)
        }
        self.planes = planes
        self.firstPlane = firstPlane
        self.largestMagnitude = largest
    }

    /// The digit d ≡ value (mod 2¹⁵) with −2¹⁴ ≤ d < 2¹⁴.
    private static func balancedDigit(_ value: Int64) -> Int64 {
        let half: Int64 = 1 << 14
        return ((value + half) & 0x7FFF) - half
    }
}

extension IntegerGrid {
    /// How many base-2¹⁵ digits the integers need: 1 up to ±2¹⁴, 2 up to ±2²⁹, 3 up to ±2⁴⁴.
    public var limbCount: Int {
        let largest = integers.reduce(0) { max($0, abs($1)) }
        var limbs = 1
        var reach: Int64 = 1 << 14
        while largest > reach {
            limbs += 1
            reach <<= 15
        }
        return limbs
    }
}
