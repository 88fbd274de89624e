import QuantizedMatrices

/// Compares ways to solve the same problem on codes by the errors that are predicted for them.
struct ErrorRanking {
    /// One response of a solved system with the errors of its normal equations.
    struct Response {
        let system: SolvedSystem
        /// Its place among the responses of the system.
        let index: Int
        let errors: ErrorPropagation.Result
    }

    /// A way to solve: its responses, and Σ over them of the expected ‖A(x̂ − x)‖², relative to the responses' squares.
    struct Entry {
        let responses: [Response]
        let predictedSquare: Double

        var correction: BiasCorrection { responses[0].system.correction }
    }

    let rows: Int
    let intercept: Bool
    /// Whether codes are nearest ones, whose errors go together.
    let isNearest: Bool

    init(rows: Int, intercept: Bool, columns: [QuantizedColumn]) {
        self.rows = rows
        self.intercept = intercept
        isNearest = columns.contains { $0.rounding == .nearest && !$0.isExact }
    }

    /// The place of the entry of least predicted q, corrected ones held back by the guard; of least error where q is not
    /// known of all, when nearest codes are not corrected if that can be helped.
    func best(of entries: [Entry]) -> Int {
        let ratios = entries.compactMap { ratio($0) }
        if ratios.count < entries.count, isNearest,
            let plain = entries.indices.filter({ entries[$0].correction == .none })
                .min(by: { entries[$0].predictedSquare < entries[$1].predictedSquare })
        {
            return plain
        }
        let squares = ratios.count == entries.count ? ratios.map { $0 * $0 } : entries.map(\.predictedSquare)
        let guarded = entries.indices.map { i in
            let correction = entries[i].correction
            if correction != .none { return squares[i] * correction.guardFactor }
            // Nor must the uncorrected answer be better if its bias is as small as it may be.
            let least = ratio(entries[i], sparing: true) ?? .infinity
            return min(squares[i], least * least * 2)
        }
        return guarded.indices.min { guarded[$0] < guarded[$1] }!
    }

    /// q, root mean square over the responses; nil without residual degrees of freedom, or where the residuals of one are
    /// not more than the errors of the codes can make up. `sparing` takes the `sparingSquare` of the errors.
    func ratio(_ entry: Entry, sparing: Bool = false) -> Double? {
        var sum = 0.0
        for response in entry.responses {
            let system = response.system, residuals = system.residualSquares[response.index]
            let p = (system.effectiveParameters ?? Double(system.rank)) + (intercept ? 1 : 0)
            let freedom = Double(rows) - p, noise = response.errors.residualNoise
            guard freedom > 0, p > 0, residuals > ResidualNoise.significance * noise.deviation(at: residuals) else {
                return nil
            }
            let rounding = system.roundingErrors[response.index]
            let errors = response.errors, expected = sparing ? errors.sparingSquare : errors.expectedSquare
            let square = expected + rounding * rounding
            sum += square / (residuals / freedom * p)
        }
        return sum >= 0 ? (sum / Double(entry.responses.count)).squareRoot() : nil
    }
}
