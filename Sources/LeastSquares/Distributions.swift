import Foundation

/// Tail probabilities of the distributions that regression reports need.
public enum Distributions {
    /// I_x(a, b), the regularized incomplete beta function, by its continued fraction (Lentz's method), to about
    /// 1e−14. a, b > 0 and 0 ≤ x ≤ 1.
    public static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(
            lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        return x < (a + 1) / (a + b + 2)
            ? front * betaFraction(x, a, b) / a
            : 1 - front * betaFraction(1 - x, b, a) / b
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
        t.isInfinite ? 0 : regularizedBeta(nu / (nu + t * t), nu / 2, 0.5)
    }

    /// P(F > f) for Fisher's F with d₁ and d₂ degrees of freedom.
    public static func fisherUpper(_ f: Double, _ d1: Double, _ d2: Double) -> Double {
        guard f > 0 else { return 1 }
        return f.isInfinite ? 0 : regularizedBeta(d2 / (d2 + d1 * f), d2 / 2, d1 / 2)
    }

    /// t with P(|T| ≤ t) = confidence, by bisection to double precision; ν = ∞ gives the normal quantile.
    public static func studentQuantile(confidence: Double, degreesOfFreedom nu: Double) -> Double {
        guard confidence > 0, confidence < 1 else { return confidence <= 0 ? 0 : .infinity }
        func tail(_ t: Double) -> Double {
            nu.isInfinite ? erfc(t / 2.0.squareRoot()) : studentTwoSided(t, degreesOfFreedom: nu)
        }
        var low = 0.0, high = 1.0
        while tail(high) > 1 - confidence, high < 1e300 { high *= 2 }
        for _ in 0..<200 where low < high {
            let middle = low + (high - low) / 2
            if middle == low || middle == high { break }
            if tail(middle) > 1 - confidence { low = middle } else { high = middle }
        }
        return high
    }
}
