import QuantizedKernels
import Quantizers

/// The integer levels of the columns, cut into balanced digits that the kernels can multiply: L = Σ_l d_l·radix^l.
///
/// Narrow digits (radix 127, |d| ≤ 63) are 8-bit entries, wide ones (radix 2¹⁵, |d| ≤ 2¹⁴) 16-bit entries. A column
/// whose integers are small enough has one digit. All columns take the same kind, the one whose Gram matrix costs less.
struct DigitPlanes: Sendable {
    /// One plane: a digit of one column's integer levels.
    struct Plane: Sendable {
        let column: Int
        /// radix^l.
        let weight: Int128
        /// The digit for each code.
        let digits: [Int16]
    }

    /// The digits of a kind.
    struct Kind: Sendable {
        let radix: Int64
        let largest: Int64
        static let narrow = Kind(radix: 127, largest: Int64(Kernels.largestNarrowEntry))
        static let wide = Kind(radix: 1 << 15, largest: 1 << 14)
    }

    let planes: [Plane]
    /// The first plane of each column, and one past the last.
    let firstPlane: [Int]
    /// Whether the digits are narrow.
    let isNarrow: Bool
    /// The largest |digit| in any plane, at least 1.
    let largestMagnitude: Int

    /// The kind that costs less: a product of narrow digits takes about 0.6 of the time of one of wide ones.
    init(_ columns: [QuantizedColumn]) {
        let narrow = columns.map { $0.grid.digits(.narrow) }, wide = columns.map { $0.grid.digits(.wide) }
        let narrowCount = Double(narrow.reduce(0) { $0 + $1.count }),
            wideCount = Double(wide.reduce(0) { $0 + $1.count })
        isNarrow = 0.6 * narrowCount * narrowCount <= wideCount * wideCount
        var planes: [Plane] = [], firstPlane = [0]
        for (j, digits) in (isNarrow ? narrow : wide).enumerated() {
            var weight: Int128 = 1
            for plane in digits {
                planes.append(Plane(column: j, weight: weight, digits: plane))
                weight *= Int128((isNarrow ? Kind.narrow : .wide).radix)
            }
            firstPlane.append(planes.count)
        }
        self.planes = planes
        self.firstPlane = firstPlane
        largestMagnitude = planes.reduce(1) { max($0, Int($1.digits.map(\.magnitude).max() ?? 1)) }
    }
}

extension IntegerGrid {
    /// The balanced digits of the integers, lowest first: for each digit its value for every level. At least one digit.
    func digits(_ kind: DigitPlanes.Kind) -> [[Int16]] {
        var rest = integers, planes: [[Int16]] = []
        while rest.contains(where: { $0.magnitude > kind.largest.magnitude }) {
            // The digit that leaves a multiple of the radix, between −radix/2 and radix/2.
            let digits = rest.map { value in
                let low = ((value % kind.radix) + kind.radix) % kind.radix
                return low > (kind.radix - 1) / 2 ? low - kind.radix : low
            }
            planes.append(digits.map { Int16($0) })
            rest = zip(rest, digits).map { ($0 - $1) / kind.radix }
        }
        return planes + [rest.map { Int16($0) }]
    }
}
