import Factorizations
import Matrices

/// Exact sums over rows of the products of columns, and of the columns themselves.
///
/// Every number is cut at fixed places into digits of 20 bits, x = Σ d_s·2^{20s}; products of digits summed over 4096 rows
/// stay below 2⁵², so BLAS forms them without a rounding error, whatever its order, and they are added up in 128-bit
/// integers, one per pair of columns and place. The sums depend on the rows only as a set: not on their order, nor on how
/// they came in blocks or were merged, and rows can be taken out again without a trace. (Error-free splitting as in Ozaki,
/// Ogita, Oishi, Rump, "Error-free transformations of matrix multiplication", Numerical Algorithms 59 (2012), at places
/// that do not depend on the data.)
struct ExactMoments: Sendable, Equatable {
    /// Bits of a digit.
    static let digitBits = 20
    /// Rows of a product at most.
    static let blockRows = 4096
    /// Numbers above 2^limit, or with bits below 2^−limit, are refused.
    static let limit = 400

    /// The number of columns, without the constant.
    let columns: Int
    /// The number of rows summed.
    private(set) var rows = 0
    /// Per place s + t: lower triangle, column-major, of the sums of products of columns; column 0 is the constant 1.
    private(set) var places: [Int: [Int128]] = [:]

    init(columns: Int) { self.columns = columns }

    /// From stored parts; nil where a part has a wrong length.
    init?(columns: Int, rows: Int, places: [Int: [Int128]]) {
        self.columns = columns
        self.rows = rows
        guard places.values.allSatisfy({ $0.count == count }) else { return nil }
        self.places = places
    }

    /// Entries of a triangle.
    private var count: Int { (columns + 1) * (columns + 2) / 2 }

    /// The place of entry (i, j), i ≥ j, in a triangle.
    private func index(_ i: Int, _ j: Int) -> Int { i + j * (2 * columns + 1 - j) / 2 }

    /// Whether a number has digits within the limits.
    static func holds(_ x: Double) -> Bool {
        x == 0 || (x.isFinite && x.exponent < limit && Int(x.exponent) - 52 + x.significand.trailing > -limit)
    }

    /// Adds rows (sign 1) or takes them away (sign −1): k × columns, every number within the limits.
    /// Cost: up to 16·k·p² flops for p columns, k·p² for columns of small whole numbers.
    mutating func add(_ block: DenseMatrix, sign: Int128 = 1) {
        for first in stride(from: 0, to: block.rows, by: Self.blockRows) {
            addPart(block, first: first, count: min(Self.blockRows, block.rows - first), sign: sign)
        }
    }

    /// A digit plane: the digits of one column at one place.
    private struct Plane {
        let column: Int
        let place: Int
        var digits: [Double]
    }

    private mutating func addPart(_ block: DenseMatrix, first: Int, count k: Int, sign: Int128) {
        var planes = [Plane(column: 0, place: 0, digits: [Double](repeating: 1, count: k))]
        for j in 0..<columns {
            let start = j * block.rows + first
            planes += Self.planes(block.elements[start..<(start + k)], column: j + 1)
        }
        var gram = DenseMatrix(rows: planes.count, columns: planes.count)
        let digits = DenseMatrix(rows: k, columns: planes.count, elements: planes.flatMap(\.digits))
        BLAS.symmetricRankUpdate(digits, beta: 0, into: &gram)
        let empty = [Int128](repeating: 0, count: count)
        for (q, second) in planes.enumerated() {
            for (p, first) in planes.enumerated() where first.column >= second.column {
                guard gram[p, q] != 0 else { continue }
                let place = first.place + second.place, entry = index(first.column, second.column)
                places[place, default: empty][entry] += sign * Int128(gram[p, q])
            }
        }
        rows += Int(sign) * k
        if sign < 0 { places = places.filter { $0.value.contains { $0 != 0 } } }
    }

    private static func planes(_ values: ArraySlice<Double>, column: Int) -> [Plane] {
        var planes: [Int: [Double]] = [:]
        for (i, value) in values.enumerated() {
            var rest = value
            while rest != 0 {
                let place = Int((Double(rest.exponent) / Double(digitBits)).rounded(.down))
                let unit = Double(sign: .plus, exponent: digitBits * place, significand: 1)
                let digit = (rest / unit).rounded(.towardZero)
                planes[place, default: [Double](repeating: 0, count: values.count)][i] = digit
                rest -= digit * unit
            }
        }
        return planes.keys.sorted().map { Plane(column: column, place: $0, digits: planes[$0]!) }
    }

    /// Adds (or takes away) the sums of other rows of the same columns. Exact.
    mutating func merge(_ other: ExactMoments, sign: Int128 = 1) {
        precondition(columns == other.columns, "Only moments of the same columns can be merged.")
        rows += Int(sign) * other.rows
        for (place, values) in other.places {
            if places[place] == nil { places[place] = [Int128](repeating: 0, count: count) }
            for i in values.indices where values[i] != 0 { places[place]![i] += sign * values[i] }
        }
        places = places.filter { $0.value.contains { $0 != 0 } }
    }

    /// Σ x_j·x_k to about 31 digits, correctly carried; −1 stands for the constant 1.
    func product(_ j: Int, _ k: Int) -> DoubleDouble {
        let entry = index(max(j, k) + 1, min(j, k) + 1)
        guard let lowest = places.keys.min(), let highest = places.keys.max() else { return .zero }
        // Carry, so that every digit but the highest lies in 0 ..< 2²⁰.
        var digits: [Int128] = [], carry: Int128 = 0
        for place in lowest...highest {
            carry += places[place]?[entry] ?? 0
            digits.append(carry & ((1 << Int128(Self.digitBits)) - 1))
            carry >>= Int128(Self.digitBits)
        }
        var result = Self.value(carry, place: highest + 1)
        for (offset, digit) in digits.enumerated().reversed() where digit != 0 {
            result = result + Self.value(digit, place: lowest + offset)
        }
        return result
    }

    private static func value(_ integer: Int128, place: Int) -> DoubleDouble {
        let unit = Double(sign: .plus, exponent: digitBits * place, significand: 1)
        let high = integer >> 50, low = integer - (high << 50)
        return DoubleDouble(Double(high) * unit * 0x1p50) + DoubleDouble(Double(low) * unit)
    }

    /// Σ (x_j − x̄_j)(x_k − x̄_k), or Σ x_j·x_k where not centred.
    func moment(_ j: Int, _ k: Int, centered: Bool) -> DoubleDouble {
        guard centered, rows > 0 else { return product(j, k) }
        return product(j, k) - product(-1, j) * product(-1, k) / DoubleDouble(Double(rows))
    }
}

extension Double {
    /// Trailing zeros of the 52 bits after the point.
    fileprivate var trailing: Int {
        let bits = significandBitPattern
        return bits == 0 ? 52 : bits.trailingZeroBitCount
    }
}
