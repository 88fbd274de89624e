import Matrices
import QuantizedMatrices

extension ErrorPropagation {
    /// For rows that were chosen from those encoded together, f = `share` of them, at random or without regard to their
    /// errors: sums over rows without replacement, of which the total is known as far as it is for all rows.
    ///
    /// With C_κ the covariance of independent errors, the diagonal taken as known (κ = 1) or not (κ = 0): balanced codes
    /// have f²·V + (1 − f)·C₀, V what is left for all rows (the shares of the columns are scaled by f² already); of others only
    /// the diagonal's total is known, f·C₁ + (1 − f)·C₀. The means, exact for all rows, err by Σ Var τ·(1 − f)/m of balanced
    /// and of other codes alike, as the sums of the numbers are kept with both.
    func chosenResult(_ v: [Double], over rows: [Int]) -> Result {
        let f = data.matrix.share
        let (open, noise) = independentCovariance(v, over: rows, knownDiagonal: false)
        var covariance = open.scaled(by: 1 - f)
        if data.matrix.columns.allSatisfy({ $0.rounding == .balanced }) {
            covariance.add(balancedCovariance(v, over: rows))
        } else {
            covariance.add(independentCovariance(v, over: rows, knownDiagonal: true).covariance.scaled(by: f))
        }
        var result = Result(scoreCovariance: covariance, scoreBias: scoreBias(v, over: rows))
        if let pilot = data.matrix.pilot { result = pilotResult(pilot, covariance, v, over: rows) }
        result.constantSquare = data.intercept ? (1 - f) * noise / Double(max(1, data.matrix.rows)) : 0
        return result
    }
}

extension DenseMatrix {
    /// Adds a matrix of the same shape.
    mutating func add(_ other: DenseMatrix) {
        for i in elements.indices { elements[i] += other.elements[i] }
    }
}
