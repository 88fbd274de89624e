import Matrices
import QuantizedMatrices

/// How new rows of a column differ from those that its codebook was made for.
public struct ColumnDrift: Sendable {
    /// The column's name.
    public let name: String
    /// (New mean − old mean) / old standard deviation, of the table's numbers. 0 where both vary by nothing.
    public let meanShift: Double
    /// New standard deviation / old one; 1 where both are 0.
    public let deviationRatio: Double
    /// The share of the new numbers, after the transform, that lie outside the range of the old ones; of a column that was
    /// represented exactly, of those that are none of its values. Nil where it was not counted.
    public let outsideShare: Double?
    /// New squared error per entry / old one; 1 where both are 0, infinite where only the old one is.
    public let distortionRatio: Double

    /// The largest `outsideShare` that is not much: one in a hundred, what rows of the same distribution have, and three
    /// standard deviations of the two together.
    public let outsideLimit: Double

    /// Distortion that grows by more than this is much.
    public static let distortionLimit = 4.0

    /// Whether the codebook fits the new rows so badly that their codes cost much more accuracy than those of the old rows.
    public var isLarge: Bool {
        distortionRatio > Self.distortionLimit || outsideShare.map { $0 > outsideLimit } ?? false
    }
}

extension QuantizedRegression {
    /// How the rows of another store with the same codebooks differ from those of this one. `outside` has the numbers
    /// out of range of each column, if they were counted.
    func drift(of other: QuantizedRegression, outside: [Int]? = nil) -> [ColumnDrift] {
        // Of m + 1 numbers alike, one is the largest and one the smallest.
        let expected = 0.01 + 2 / Double(matrix.rows + 1)
        let limit = expected + 3 * (expected / Double(max(1, other.matrix.rows))).squareRoot()
        return matrix.columns.indices.map { j in
            let old = moments[j], new = other.moments[j]
            let oldError = matrix.columns[j].totalSquaredError / Double(max(1, matrix.rows))
            let newError = other.matrix.columns[j].totalSquaredError / Double(max(1, other.matrix.rows))
            func ratio(_ new: Double, _ old: Double) -> Double { old > 0 ? new / old : new > 0 ? .infinity : 1 }
            return ColumnDrift(
                name: matrix.columns[j].name,
                meanShift: new.mean == old.mean ? 0 : (new.mean - old.mean) / old.standardDeviation,
                deviationRatio: ratio(new.standardDeviation, old.standardDeviation),
                outsideShare: outside.map { Double($0[j]) / Double(max(1, other.matrix.rows)) },
                distortionRatio: ratio(newError, oldError), outsideLimit: limit)
        }
    }
}
