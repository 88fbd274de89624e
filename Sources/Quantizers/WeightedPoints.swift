/// Points on the line in ascending order, each with a mass, a mean and a second moment, and the prefix sums that give
/// the weighted variance of any run of them in constant time.
///
/// Moments are taken about the middle point, and prefix sums run outward from it in both directions; so a sum for
/// points near the middle has no digits of an outlier in it, and a large common offset costs none.
struct WeightedPoints: RunCost, Sendable {
    /// What moments are relative to.
    let centre: Double
    /// The unit of moments, so that squares neither overflow nor underflow.
    let scale: Double
    /// Sums of (mass, mass·u, mass·u²) from the middle up to each boundary, u = (x − centre)/scale, negative before the
    /// middle; n + 1 boundaries.
    let prefix: [SIMD4<Double>]

    /// n, the number of points.
    var count: Int { prefix.count - 1 }

    /// Strictly ascending points with masses.
    init(ascending values: [Double], masses: [Double]) {
        let centre = values[values.count / 2]
        let reach = max(values[values.count - 1] - centre, centre - values[0])
        let scale = reach.isNormal ? reach.binade : 1
        self.init(count: values.count, centre: centre, scale: scale) { i in
            let u = (values[i] - centre) / scale
            return SIMD4(masses[i], masses[i] * u, masses[i] * u * u, 0)
        }
    }

    /// Sorted values with equal ones joined: the distinct values and how often each occurs.
    static func distinct(_ sorted: [Double]) -> (values: [Double], masses: [Double]) {
        var distinct: [Double] = []
        var masses: [Double] = []
        distinct.reserveCapacity(sorted.count)
        masses.reserveCapacity(sorted.count)
        var previous = Double.nan
        for value in sorted {
            if value == previous {
                masses[masses.count - 1] += 1
            } else {
                distinct.append(value)
                masses.append(1)
                previous = value
            }
        }
        return (distinct, masses)
    }

    /// n points with given moments (mass, mass·u, mass·u², 0) about a centre, in units of a scale.
    init(count: Int, centre: Double, scale: Double, moments: (Int) -> SIMD4<Double>) {
        self.centre = centre
        self.scale = scale
        var prefix = [SIMD4<Double>](repeating: .zero, count: count + 1)
        let middle = count / 2
        var sum = SIMD4<Double>.zero
        var rest = SIMD4<Double>.zero
        for i in middle..<count {
            WeightedPoints.accumulate(moments(i), &sum, &rest)
            prefix[i + 1] = sum
        }
        sum = .zero
        rest = .zero
        for i in (0..<middle).reversed() {
            WeightedPoints.accumulate(-moments(i), &sum, &rest)
            prefix[i] = sum
        }
        self.prefix = prefix
    }

    /// Kahan's compensated addition, four lanes at once.
    @inline(__always)
    private static func accumulate(_ term: SIMD4<Double>, _ sum: inout SIMD4<Double>, _ rest: inout SIMD4<Double>) {
        let corrected = term - rest
        let next = sum + corrected
        rest = (next - sum) - corrected
        sum = next
    }

    /// The weighted variance sum ∑ m(u − ū)² of the points from boundary i to boundary j > i, not below 0.
    @inline(__always)
    func cost(_ i: Int, _ j: Int) -> Double {
        let sums = prefix[j] - prefix[i]
        return sums.x > 0 ? max(0, sums.z - sums.y * sums.y / sums.x) : 0
    }

    /// The centroid of the points from boundary i to boundary j.
    func centroid(_ i: Int, _ j: Int) -> Double? {
        let sums = prefix[j] - prefix[i]
        return sums.x > 0 ? centre + scale * (sums.y / sums.x) : nil
    }

    /// The points joined into about `groups` groups. Within-group variance stays in the costs.
    func coarsened(_ groups: Int) -> WeightedPoints {
        let boundaries = groupBoundaries(groups)
        return WeightedPoints(count: boundaries.count - 1, centre: centre, scale: scale) { g in
            var sums = prefix[boundaries[g + 1]] - prefix[boundaries[g]]
            sums.w = 0
            return sums
        }
    }
}
