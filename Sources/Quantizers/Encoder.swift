/// A codebook with a table that makes encoding blocks of values fast: the leading bits of x − centre, on a logarithmic
/// scale to both sides, give the code of the least value with these bits; thresholds passed after it are counted.
///
/// The codes are those of `Codebook.encode`, bit for bit.
public struct Encoder: Sendable {
    /// The codebook.
    public let codebook: Codebook
    private let thresholds: [Double]
    private let centre: Double
    private let lowestKey: Int
    private let firstCode: [UInt8]

    private static let mantissaBits = 8
    private static let bins = 14 << mantissaBits

    /// Prepares a table of 7 KB. Cost: about that many searches among the thresholds.
    public init(_ codebook: Codebook) {
        let inner = codebook.thresholds.filter(\.isFinite)
        let centre = inner.isEmpty ? 0 : inner[inner.count / 2]
        let reach = inner.map { abs($0 - centre) }.max() ?? 0
        let highest = Encoder.key(min(2 * reach, .greatestFiniteMagnitude))
        let lowest = max(0, highest - Encoder.bins + 1)
        var codes: [UInt8] = []
        codes.reserveCapacity(2 * Encoder.bins)
        for side in [-1.0, 1.0] {
            for bin in 0..<Encoder.bins {
                let near = bin == 0 ? 0 : Encoder.magnitude(lowest + bin)
                let far = bin == Encoder.bins - 1 ? Double.infinity : Encoder.magnitude(lowest + bin + 1)
                // Below every x of the bin by more than the rounding of x − centre.
                let least = side < 0 ? centre - far : centre + near
                codes.append(codebook.encode(least - 4 * max(least.ulp, centre.ulp)))
            }
        }
        self.codebook = codebook
        self.thresholds = codebook.thresholds
        self.centre = centre
        lowestKey = lowest
        firstCode = codes
    }

    /// The code of x, as `Codebook.encode` gives it.
    @inline(__always)
    public func encode(_ x: Double) -> UInt8 {
        let distance = x - centre
        if distance.isNaN { return codebook.encode(x) }
        let bin = max(0, min(Encoder.bins &- 1, Encoder.key(abs(distance)) &- lowestKey))
        var code = Int(firstCode[distance < 0 ? bin : Encoder.bins &+ bin])
        while code < thresholds.count, thresholds[code] < x { code &+= 1 }
        return UInt8(truncatingIfNeeded: code)
    }

    /// The codes of n values. Cost: a few steps each.
    public func encode(_ values: [Double]) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: values.count)
        for i in values.indices { codes[i] = encode(values[i]) }
        return codes
    }

    /// Writes the codes of n values. `codes` has to be as long as `values`. Cost: a few steps each.
    public func encode(_ values: Span<Double>, into codes: inout MutableSpan<UInt8>) {
        precondition(values.count == codes.count, "There is one code for each value.")
        for i in values.indices { codes[i] = encode(values[i]) }
    }

    @inline(__always)
    private static func key(_ magnitude: Double) -> Int {
        Int(truncatingIfNeeded: magnitude.bitPattern &>> UInt64(52 - mantissaBits))
    }

    private static func magnitude(_ key: Int) -> Double {
        Double(bitPattern: UInt64(key) << UInt64(52 - mantissaBits))
    }
}
