import QuantizedKernels
import Quantizers

/// The integer levels of the columns as sums of digits that the kernels can multiply: L = base + Σ_l weight_l·d_l.
///
/// Narrow digits (radix 127, |d| ≤ 63) are 8-bit entries, wide ones (radix 2¹⁵, |d| ≤ 2¹⁴) 16-bit entries, both with
/// base 0. Binary digits count the steps above the lowest level, in units of the greatest common divisor of all steps: two
/// levels are one digit. All columns take the same kind, the one whose Gram matrix costs least.
struct DigitPlanes: Sendable {
    /// What the digits are.
    enum Kind: Sendable { case binary, narrow, wide }

    /// One plane: a digit of one column's integer levels.
    struct Plane: Sendable {
        let column: Int
        let weight: Int128
        /// The digit for each code.
        let digits: [Int16]
    }

    let kind: Kind
    let planes: [Plane]
    /// The first plane of each column, and one past the last.
    let firstPlane: [Int]
    /// The base of each column.
    let bases: [Int128]
    /// The largest |digit| in any plane, at least 1.
    let largestMagnitude: Int

    /// The kind that costs least: a product of narrow digits takes about 0.6 of the time of one of wide ones, of binary
    /// ones 0.2.
    init(_ columns: [QuantizedColumn]) {
        func cost(_ kind: Kind, _ factor: Double) -> Double {
            let count = columns.reduce(0) { $0 + $1.grid.digitCount(kind) }
            return factor * Double(count) * Double(count)
        }
        let narrow = cost(.narrow, 0.6), wide = cost(.wide, 1)
        let kind: Kind = cost(.binary, 0.2) < min(narrow, wide) ? .binary : narrow <= wide ? .narrow : .wide
        self.init(columns, kind: kind)
    }

    init(_ columns: [QuantizedColumn], kind: Kind) {
        let digits = columns.map { $0.grid.digits(kind) }
        self.kind = kind
        bases = digits.map(\.base)
        planes = digits.enumerated().flatMap { j, digits in
            digits.planes.map { Plane(column: j, weight: $0.weight, digits: $0.digits) }
        }
        firstPlane = digits.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.planes.count) }
        largestMagnitude = planes.reduce(1) { max($0, Int($1.digits.map(\.magnitude).max() ?? 1)) }
    }
}

extension IntegerGrid {
    /// How many digits the integers have.
    func digitCount(_ kind: DigitPlanes.Kind) -> Int {
        guard integers.count > 1 else { return digits(kind).planes.count }
        let ends = [integers[0], integers[integers.count - 1]]
        if kind == .binary { return Int64.bitWidth - ((ends[1] - ends[0]) / commonStep).leadingZeroBitCount }
        // A rest falls or rises with its integer, so the outermost ones need the most digits.
        return IntegerGrid(offset: offset, scale: scale, integers: ends).digits(kind).planes.count
    }

    /// The integers as base + Σ weight·digit, the lowest digit first: for each digit its value for every level.
    func digits(_ kind: DigitPlanes.Kind) -> (base: Int128, planes: [(weight: Int128, digits: [Int16])]) {
        switch kind {
        case .binary: (Int128(integers.first ?? 0), binaryDigits)
        case .narrow: (0, balancedDigits(radix: 127, largest: Int64(Kernels.largestNarrowEntry)))
        case .wide: (0, balancedDigits(radix: 1 << 15, largest: 1 << 14))
        }
    }

    /// Digits between −largest and largest, at least one.
    private func balancedDigits(radix: Int64, largest: Int64) -> [(weight: Int128, digits: [Int16])] {
        var rest = integers, planes: [(weight: Int128, digits: [Int16])] = [], weight: Int128 = 1
        while rest.contains(where: { $0.magnitude > largest.magnitude }) {
            // The digit that leaves a multiple of the radix, between −radix/2 and radix/2.
            let digits = rest.map { value in
                let low = ((value % radix) + radix) % radix
                return low > (radix - 1) / 2 ? low - radix : low
            }
            planes.append((weight, digits.map { Int16($0) }))
            rest = zip(rest, digits).map { ($0 - $1) / radix }
            weight *= Int128(radix)
        }
        return planes + [(weight, rest.map { Int16($0) })]
    }

    /// The bits of the number of steps from the lowest level to each; none for a single level.
    private var binaryDigits: [(weight: Int128, digits: [Int16])] {
        let unit = commonStep
        guard unit > 0 else { return [] }
        let steps = integers.map { ($0 - integers[0]) / unit }
        return (0..<Int64.bitWidth - steps[steps.count - 1].leadingZeroBitCount).map { bit in
            (weight: Int128(unit) << Int128(bit), digits: steps.map { Int16($0 >> Int64(bit) & 1) })
        }
    }
}
