/// Exact sums over rows of products of the integer levels: Σ_i L_ij·L_ik and Σ_i L_ij, for all columns.
///
/// Kept digit by digit in 64-bit integers, so that two of them add exactly: the result does not depend on the order
/// of rows, the block size, the number of threads or the instruction set. m rows need |digit|²·m < 2⁶³; with
/// digits of at most 2¹⁴ that is m < 2³⁵. What the integers have above a base is what the digits stand for.
public struct IntegerGram: Sendable, Equatable {
    /// The number of rows summed.
    public internal(set) var rows: Int
    let firstPlane: [Int]
    /// What the digits of a plane count for.
    let weights: [Int128]
    /// The base of each column.
    let bases: [Int128]
    /// Lower triangle of plane products, column-major.
    var products: [Int64]
    var sums: [Int64]

    init(planes: DigitPlanes) {
        rows = 0
        firstPlane = planes.firstPlane
        weights = planes.planes.map(\.weight)
        bases = planes.bases
        products = [Int64](repeating: 0, count: weights.count * weights.count)
        sums = [Int64](repeating: 0, count: weights.count)
    }

    /// Adds the sums of other rows with the same codebooks. Exact.
    public mutating func merge(_ other: IntegerGram) {
        precondition(
            firstPlane == other.firstPlane && weights == other.weights && bases == other.bases,
            "Only Gram matrices of the same columns can be merged.")
        rows += other.rows
        // Sums of products of digits of at most 16 bits: none overflows below 2³³ rows.
        let n = weights.count
        var target = products.mutableSpan
        let terms = other.products.span
        for column in 0..<n {
            for i in (column * n + column)..<(column * n + n) { target[i] &+= terms[i] }
        }
        for i in sums.indices { sums[i] += other.sums[i] }
    }

    /// Takes the sums of rows that were added before away again. Exact: what is left is as if they had never come.
    public mutating func subtract(_ other: IntegerGram) {
        precondition(
            firstPlane == other.firstPlane && weights == other.weights && bases == other.bases,
            "Only Gram matrices of the same columns can be subtracted.")
        rows -= other.rows
        for i in products.indices { products[i] -= other.products[i] }
        for i in sums.indices { sums[i] -= other.sums[i] }
    }

    /// The number of columns.
    public var columns: Int { firstPlane.count - 1 }

    /// Σ_i L_ij, exact.
    public func sum(_ j: Int) -> Int128 { Int128(rows) * bases[j] + sumAboveBase(j) }

    private func sumAboveBase(_ j: Int) -> Int128 {
        (firstPlane[j]..<firstPlane[j + 1]).reduce(0) { $0 + Int128(sums[$1]) * weights[$1] }
    }

    /// Σ_i L_ij·L_ik, exact.
    public func product(_ j: Int, _ k: Int) -> Int128 {
        let n = weights.count
        var total = bases[j] * sum(k) + bases[k] * sumAboveBase(j)
        for p in firstPlane[j]..<firstPlane[j + 1] {
            for q in firstPlane[k]..<firstPlane[k + 1] {
                let value = products[max(p, q) + min(p, q) * n]
                total += Int128(value) * weights[p] * weights[q]
            }
        }
        return total
    }

    /// Σ_i (L_ij − L̄_j)(L_ik − L̄_k): exact until the last rounding to `Double`.
    public func centeredProduct(_ j: Int, _ k: Int) -> Double {
        guard rows > 0 else { return 0 }
        let p = product(j, k), a = sum(j), b = sum(k), m = Int128(rows)
        let (mp, overflow1) = p.multipliedReportingOverflow(by: m)
        let (ab, overflow2) = a.multipliedReportingOverflow(by: b)
        if !overflow1 && !overflow2 {
            let (difference, overflow3) = mp.subtractingReportingOverflow(ab)
            if !overflow3 { return Self.nearest(difference) / Double(rows) }
        }
        // Beyond 128 bits: the quotient of the correction first, its remainder in floating point.
        let quotient = a / m, remainder = a % m
        return Double(p - quotient * b) - Double(remainder) * (Double(b) / Double(rows))
    }

    /// The nearest double. The conversion from 128 bits takes twenty times as long as that from 64.
    private static func nearest(_ x: Int128) -> Double {
        let low = Int64(truncatingIfNeeded: x)
        return Int128(low) == x ? Double(low) : Double(x)
    }
}
