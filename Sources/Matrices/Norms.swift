extension DenseMatrix {
    /// The place of the first entry, column by column, that is NaN or infinite; `nil` when every entry is finite.
    /// Cost: m·n integer operations, free of branches when all is finite.
    public var firstNonFiniteEntry: (row: Int, column: Int)? {
        guard hasNonFiniteValue(elements), let index = elements.firstIndex(where: { !$0.isFinite }) else { return nil }
        return (index % rows, index / rows)
    }

    /// The largest sum of absolute values over a column, ‖A‖₁ = max_j Σ_i |a_ij|; 0 for an empty matrix. Cost: m·n.
    public var oneNorm: Double {
        var largest = 0.0
        for j in 0..<columns {
            var sum = 0.0
            for i in 0..<rows { sum += abs(self[i, j]) }
            largest = sum > largest || sum.isNaN ? sum : largest
        }
        return largest
    }

    /// The Frobenius norm √Σ a_ij², without overflow or underflow of the squares. Cost: m·n.
    public var frobeniusNorm: Double { euclideanNorm(elements) }
}

/// The Euclidean norm √Σ v_i², without overflow or underflow of the squares: where the plain sum of squares leaves the
/// safe range, the vector is divided by its largest absolute value first. 0 for an empty vector. Cost: n.
public func euclideanNorm(_ v: [Double]) -> Double {
    var plain = 0.0
    for x in v { plain += x * x }
    if plain > 1e-280 && plain < 1e300 { return plain.squareRoot() }
    var largest = 0.0
    for x in v {
        if x.isNaN { return .nan }
        largest = max(largest, abs(x))
    }
    if largest == 0 || largest.isInfinite { return largest }
    var sum = 0.0
    for x in v {
        let scaled = x / largest
        sum += scaled * scaled
    }
    return largest * sum.squareRoot()
}

extension Double {
    /// The power of two 2^⌊log₂ x⌋ of a positive finite number x; 1 for others.
    public var powerOfTwoBelow: Double {
        self > 0 && isFinite ? Double(sign: .plus, exponent: exponent, significand: 1) : 1
    }
}

/// Whether any of the values is NaN or infinite. An exponent of all ones carries into the sign bit when the lowest
/// exponent bit is added to it, so the test is an OR over integers and needs no branch in the loop. Cost: n.
public func hasNonFiniteValue(_ values: [Double]) -> Bool {
    var carry: UInt64 = 0
    for x in values {
        carry |= (x.bitPattern & 0x7FFF_FFFF_FFFF_FFFF) &+ 0x0010_0000_0000_0000
    }
    return carry >> 63 != 0
}
