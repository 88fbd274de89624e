/// A sum of `Double`s with Neumaier's compensation: the error stays near one rounding of the result whatever the
/// number of terms (Neumaier 1974; Higham, *Accuracy and Stability*, section 4.3).
public struct CompensatedSum: Sendable, Equatable {
    private var sum = 0.0
    private var compensation = 0.0

    /// The empty sum.
    public init() {}

    /// The sum so far.
    public var value: Double { sum + compensation }

    /// The sum with one more term.
    public func adding(_ term: Double) -> Double {
        var sum = self
        sum.addTerm(term)
        return sum.value
    }

    /// Adds one term.
    @inlinable
    public mutating func add(_ term: Double) { addTerm(term) }

    @usableFromInline
    mutating func addTerm(_ term: Double) {
        let total = sum + term
        compensation += abs(sum) >= abs(term) ? (sum - total) + term : (term - total) + sum
        sum = total
    }
}

/// Count, sum and sum of squares of a column about a fixed shift, each compensated.
///
/// With the shift near the mean, `mean` and `sumOfSquaredDeviations` lose no digits to cancellation.
public struct ColumnMoments: Sendable, Equatable {
    /// The number c that is subtracted from every value before it is summed.
    public let shift: Double
    /// The number of values, m.
    public private(set) var count = 0
    /// The smallest value, +∞ before the first.
    public private(set) var minimum = Double.infinity
    /// The largest value, −∞ before the first.
    public private(set) var maximum = -Double.infinity
    private var shifted = CompensatedSum()
    private var squared = CompensatedSum()
    private var pendingSum = 0.0
    private var pendingSquares = 0.0

    /// No values yet; sums will be taken about `shift`.
    public init(shift: Double = 0) { self.shift = shift }

    /// From sums that were taken before, for instance stored ones.
    public init(
        shift: Double, count: Int, minimum: Double, maximum: Double, shiftedSum: Double, shiftedSumOfSquares: Double
    ) {
        self.shift = shift
        self.count = count
        self.minimum = minimum
        self.maximum = maximum
        shifted.add(shiftedSum)
        squared.add(shiftedSumOfSquares)
    }

    /// Adds the values x. The sums of 128 values at a time, counted from the first value of all, are plain, then
    /// compensated: the result does not depend on how the values came in slices. Cost: `values.count`.
    public mutating func add(_ values: ArraySlice<Double>) {
        var start = values.startIndex
        while start < values.endIndex {
            let end = min(start + 128 - count % 128, values.endIndex)
            var sum = pendingSum, squares = pendingSquares
            for i in start..<end {
                let x = values[i], d = x - shift
                sum += d
                squares += d * d
                minimum = min(minimum, x)
                maximum = max(maximum, x)
            }
            count += end - start
            start = end
            if count % 128 == 0 {
                shifted.add(sum)
                squared.add(squares)
                (sum, squares) = (0, 0)
            }
            (pendingSum, pendingSquares) = (sum, squares)
        }
    }

    /// Adds all values of a column.
    public mutating func add(_ values: [Double]) { add(values[...]) }

    /// Adds a block of values by its count, range, and sums about the shift of these moments.
    public mutating func add(
        count: Int, minimum: Double, maximum: Double, shiftedSum: Double, shiftedSumOfSquares: Double
    ) {
        self.count += count
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        shifted.add(shiftedSum)
        squared.add(shiftedSumOfSquares)
    }

    /// Σ(x − c).
    public var shiftedSum: Double { shifted.adding(pendingSum) }
    /// Σ(x − c)².
    public var shiftedSumOfSquares: Double { squared.adding(pendingSquares) }
    /// The mean, 0 for no values.
    public var mean: Double { count == 0 ? 0 : shift + shiftedSum / Double(count) }
    /// Σ(x − mean)².
    public var sumOfSquaredDeviations: Double {
        guard count > 0, minimum < maximum else { return 0 }
        return max(0, shiftedSumOfSquares - shiftedSum * shiftedSum / Double(count))
    }
    /// √(Σx²/m).
    public var rootMeanSquare: Double {
        count == 0 ? 0 : (sumOfSquaredDeviations / Double(count) + mean * mean).squareRoot()
    }
    /// The population standard deviation, √(Σ(x − mean)²/m).
    public var standardDeviation: Double { count == 0 ? 0 : (sumOfSquaredDeviations / Double(count)).squareRoot() }
}
