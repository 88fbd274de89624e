/// An unevaluated sum of two `Double`s, about 32 digits (Dekker 1971; Hida, Li, Bailey 2001).
public struct DoubleDouble: Sendable, Equatable {
    /// The leading part: the value rounded to `Double`.
    public private(set) var high: Double
    /// What the leading part leaves.
    public private(set) var low: Double

    /// A number.
    @inlinable
    public init(_ value: Double) { self.init(high: value, low: 0) }

    @usableFromInline
    init(high: Double, low: Double) {
        self.high = high
        self.low = low
    }

    /// a − b, exactly.
    @inlinable
    public static func difference(_ a: Double, _ b: Double) -> DoubleDouble {
        let difference = a - b
        let part = difference - a
        return DoubleDouble(high: difference, low: (a - (difference - part)) - (b + part))
    }

    /// a·b to about 31 digits.
    @inlinable
    public static func product(_ a: DoubleDouble, _ b: DoubleDouble) -> DoubleDouble {
        let product = a.high * b.high
        let rest = (-product).addingProduct(a.high, b.high) + (a.high * b.low + a.low * b.high)
        return normalized(product, rest)
    }

    /// a + b to about 31 digits of the larger.
    @inlinable
    public static func + (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
        let sum = a.high + b.high
        let part = sum - a.high
        let rest = (a.high - (sum - part)) + (b.high - part)
        return normalized(sum, rest + (a.low + b.low))
    }

    /// −a.
    @inlinable
    public static prefix func - (a: DoubleDouble) -> DoubleDouble { DoubleDouble(high: -a.high, low: -a.low) }

    /// For |rest| small beside |sum|.
    @usableFromInline
    static func normalized(_ sum: Double, _ rest: Double) -> DoubleDouble {
        let high = sum + rest
        return DoubleDouble(high: high, low: rest - (high - sum))
    }
}
