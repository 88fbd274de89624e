extension DoubleDouble {
    /// 0.
    public static let zero = DoubleDouble(0)

    /// a − b to about 31 digits of the larger.
    @inlinable
    public static func - (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble { a + (-b) }

    /// a·b to about 31 digits.
    @inlinable
    public static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble { product(a, b) }

    /// a/b to about 31 digits: three digits-worth of long division, each quotient a `Double`.
    public static func / (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
        let first = a.high / b.high
        let rest = a - b * DoubleDouble(first)
        let second = rest.high / b.high
        let third = (rest - b * DoubleDouble(second)).high / b.high
        return DoubleDouble(first) + DoubleDouble(second) + DoubleDouble(third)
    }

    /// √a to about 31 digits for a ≥ 0: one Newton step on the root of the leading part.
    public func squareRoot() -> DoubleDouble {
        guard high > 0 else { return .zero }
        let root = DoubleDouble(high.squareRoot())
        return root + (self - root * root) / DoubleDouble(2 * root.high)
    }
}
