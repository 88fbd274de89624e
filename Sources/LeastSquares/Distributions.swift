import Foundation

/// Tail probabilities of the distributions that regression reports need.
public enum Distributions {
    /// I_x(a, b), the regularized incomplete beta function, by its continued fraction (Lentz's method), to 12 digits
    /// or more. a, b > 0 and 0 ≤ x ≤ 1.
    public static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        beta(x, complement: 1 - x, a, b).lower
    }

    /// I_x(a, b) and 1 − I_x(a, b), each accurate where it is small; y = 1 − x is given too, for x near 1.
    private static func beta(
        _ x: Double, complement y: Double, _ a: Double, _ b: Double
    ) -> (lower: Double, upper: Double) {
        guard x > 0 else { return (0, 1) }
        guard y > 0 else { return (1, 0) }
        if x < (a + 1) / (a + b + 2) {
            let lower = betaFront(x, y, a, b) * betaFraction(x, a, b) / a
            return (lower, 1 - lower)
        }
        let upper = betaFront(x, y, a, b) * betaFraction(y, b, a) / b
        return (1 - upper, upper)
    }

    /// x^a·y^b·Γ(a + b)/(Γ(a)Γ(b)), as deviations from the mode and Stirling remainders, so that large a and b cost no
    /// digits (Loader, "Fast and accurate computation of binomial probabilities", 2000).
    private static func betaFront(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
        let sum = a + b, excess = x * b - a * y
        func logRatio(_ part: Double, _ share: Double, _ excess: Double) -> Double {
            let relative = excess / share
            return abs(relative) < 0.5 ? log1p(relative) : log(part * sum / share)
        }
        let exponent = a * logRatio(x, a, excess) + b * logRatio(y, b, -excess)
        let remainders = stirlingRemainder(sum) - stirlingRemainder(a) - stirlingRemainder(b)
        return (a / sum * b / (2 * .pi)).squareRoot() * exp(exponent + remainders)
    }

    /// log Γ(z) − ((z − ½)·log z − z + ½·log 2π).
    private static func stirlingRemainder(_ z: Double) -> Double {
        guard z >= 15 else { return lgamma(z) - ((z - 0.5) * log(z) - z + 0.5 * log(2 * .pi)) }
        let w = 1 / (z * z)
        return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z
    }

    private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0, d = 1 - (a + b) * x / (a + 1)
        d = 1 / (abs(d) < tiny ? tiny : d)
        var result = d
        for k in 1...10_000 {
            let m = Double(k)
            for numerator in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 + numerator * d
                d = 1 / (abs(d) < tiny ? tiny : d)
                c = 1 + numerator / c
                if abs(c) < tiny { c = tiny }
                result *= c * d
            }
            if abs(c * d - 1) < 1e-16 { break }
        }
        return result
    }

    /// P(|T| > |t|) for Student's t with ν degrees of freedom.
    public static func studentTwoSided(_ t: Double, degreesOfFreedom nu: Double) -> Double {
        student(t, nu).tail
    }

    /// P(|T| > |t|) and P(|T| ≤ |t|); ν = ∞ is the normal distribution.
    private static func student(_ t: Double, _ nu: Double) -> (tail: Double, center: Double) {
        if nu.isInfinite { return (erfc(abs(t) / 2.0.squareRoot()), erf(abs(t) / 2.0.squareRoot())) }
        let square = t * t / nu
        let (tail, center) = beta(1 / (1 + square), complement: 1 / (1 + 1 / square), nu / 2, 0.5)
        return (tail, center)
    }

    /// P(F > f) for Fisher's F with d₁ and d₂ degrees of freedom.
    public static func fisherUpper(_ f: Double, _ d1: Double, _ d2: Double) -> Double {
        guard f > 0 else { return 1 }
        let ratio = d1 * f / d2
        return beta(1 / (1 + ratio), complement: 1 / (1 + 1 / ratio), d2 / 2, d1 / 2).lower
    }

    /// t with P(|T| ≤ t) = confidence, by bisection to double precision; ν = ∞ gives the normal quantile.
    public static func studentQuantile(confidence: Double, degreesOfFreedom nu: Double) -> Double {
        guard confidence > 0, confidence < 1 else { return confidence <= 0 ? 0 : .infinity }
        func isBelow(_ t: Double) -> Bool {
            let (tail, center) = student(t, nu)
            return confidence < 0.5 ? center < confidence : tail > 1 - confidence
        }
        var low = 0.0, high = 1.0
        while isBelow(high), high < 1e300 { high *= 2 }
        for _ in 0..<200 where low < high {
            let middle = low + (high - low) / 2
            if middle == low || middle == high { break }
            if isBelow(middle) { low = middle } else { high = middle }
        }
        return high
    }

    /// The quantile of χ²/ν with ν > 0 degrees of freedom that has the tail of a normal variable so many standard deviations
    /// above its mean (Wilson and Hilferty 1931).
    static func chiSquareRatio(_ nu: Double, deviations z: Double) -> Double {
        let root = max(0, 1 - 2 / (9 * nu) + z * (2 / (9 * nu)).squareRoot())
        return root * root * root
    }
}
