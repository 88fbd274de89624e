import Factorizations
import Matrices
import QuantizedMatrices

/// Refines a solution from codes on the original rows: the inverse moments M⁻¹ from the codes precondition steps
/// d = M⁻¹Aᵀ(b − A·x), one pass over the rows each.
///
/// Every pass computes the gradient at the present x from the rows themselves, so rounding does not accumulate, and AᵀA·d
/// for the step d that led there (the difference of the gradients has no digits of it where AᵀA hardly has the direction).
/// After each pass the residual is minimized over all steps, which makes them as good as those of preconditioned conjugate
/// gradients: the error falls by about (√κ − 1)/(√κ + 1) a pass
/// with κ the condition number of M⁻¹AᵀA, or by ‖I − M⁻¹AᵀA‖/2 where that is small. (Björck, *Numerical Methods for Least
/// Squares Problems*, 1996, 6.6 and 7.4.) Cost of a pass: 8·m·n flops a response.
struct OriginalRefinement {
    let table: RegressionTable
    let data: QuantizedRegression
    /// The solution on codes, all columns kept.
    let system: SolvedSystem
    /// W of the transform over the predictors; nil for the identity.
    let basis: DenseMatrix?

    /// Passes at most.
    private static let passLimit = 30
    /// The error ratio at which a solution counts as that of the numbers.
    private static let target = 1e-11

    /// Refined solutions of all responses.
    struct Result {
        /// Coefficients of the predictors that the codes hold, one array per response.
        var coefficients: [[Double]]
        /// Σ of squared residuals.
        var residualSquares: [Double]
        /// What is left: √(gᵀM⁻¹g/ρ), an estimate of ‖A(x̂ − x)‖, ρ ≤ 1 the least dᵀAᵀAd/dᵀMd of the steps d.
        var remaining: [Double]
        /// Passes over the rows.
        var passes: Int
    }

    /// Refines from the table's coefficients `start`, one array per response.
    func refined(from start: [[Double]]) throws(RegressionError) -> Result {
        var searches = start.map { Search(x: $0) }
        var passes = 0
        while passes < Self.passLimit {
            let sums = try gradients(searches.map(\.x), steps: searches.map(\.lastStep))
            passes += 1
            var isFinished = true
            for b in searches.indices {
                let floor = floor(searches[b].x, residual: sums[b].residualSquare)
                searches[b].advance(sums[b], floor: floor) { preconditioned($0) }
                if !searches[b].isFinished { isFinished = false }
            }
            if isFinished { break }
        }
        return Result(
            coefficients: searches.map(\.best), residualSquares: searches.map(\.residualSquare),
            remaining: searches.map(\.remaining), passes: passes)
    }

    /// The distance that counts as none: the target in units of sampling error, or the rounding of A·x.
    private func floor(_ x: [Double], residual square: Double) -> Double {
        let p = system.rank + (data.intercept ? 1 : 0)
        let freedom = Double(max(1, table.rows - p))
        let terms = x.indices.map { j in
            x[j] * data.moments[j].totalSquares(intercept: data.intercept).squareRoot()
        }
        return max(
            Self.target * (square / freedom * Double(p)).squareRoot(),
            .ulpOfOne * Double(p).squareRoot() * terms.norm)
    }

    /// W·M⁻¹·Wᵀ·g, M the best that is known of the moments.
    private func preconditioned(_ g: [Double]) -> [Double] {
        let inner = basis.map { BLAS.multiply($0, transposed: true, g) } ?? g
        let solved = BLAS.multiply(system.better?.inverse ?? system.inverse, system.kept.map { inner[$0] })
        var full = [Double](repeating: 0, count: g.count)
        for (a, j) in system.kept.enumerated() { full[j] = solved[a] }
        return basis.map { BLAS.multiply($0, full) } ?? full
    }

    /// What a pass finds: Aᵀ(b − A·x), AᵀA·d and ‖b − A·x‖².
    private struct Sums {
        var gradient, image: [Double]
        var residualSquare = 0.0
    }

    /// The sums of each response for its x and d, everything about its mean with an intercept: one pass.
    private func gradients(_ x: [[Double]], steps: [[Double]]) throws(RegressionError) -> [Sums] {
        let places = data.description.places, n = places.count
        let columns = places + x.indices.map { table.predictors + $0 }
        let centers = columns.map { data.intercept ? table.moments[$0].mean : 0 }
        let zeros = [Double](repeating: 0, count: n)
        var sums = [Sums](repeating: Sums(gradient: zeros, image: zeros), count: x.count)
        var squares = [CompensatedSum](repeating: CompensatedSum(), count: x.count)
        var residualSums = [Double](repeating: 0, count: x.count)
        var columnSums = zeros
        try table.forEachBlock { (block) throws(RegressionError) in
            let rows = block.centered(columns, at: centers)
            let predictors = rows.submatrix(rows: 0..<rows.rows, columns: 0..<n)
            let ones = [Double](repeating: 1, count: rows.rows)
            if data.intercept { columnSums.subtract(BLAS.multiply(predictors, transposed: true, ones), times: -1) }
            for b in x.indices {
                var residual = rows.column(n + b)
                residual.subtract(BLAS.multiply(predictors, x[b]), times: 1)
                sums[b].gradient.subtract(BLAS.multiply(predictors, transposed: true, residual), times: -1)
                let change = BLAS.multiply(predictors, steps[b])
                sums[b].image.subtract(BLAS.multiply(predictors, transposed: true, change), times: -1)
                squares[b].add(residual.dot(residual))
                residualSums[b] += residual.reduce(0, +)
            }
        }
        for b in x.indices {
            sums[b].residualSquare = squares[b].value
            guard data.intercept else { continue }
            // The centers are means up to rounding; the intercept takes what is left.
            let share = 1 / Double(max(1, table.rows)), mean = residualSums[b] * share
            sums[b].gradient.subtract(columnSums, times: mean)
            sums[b].image.subtract(columnSums, times: columnSums.dot(steps[b]) * share)
            sums[b].residualSquare = max(0, squares[b].value - mean * residualSums[b])
        }
        return sums
    }

    /// The refinement of one response: the steps done, orthonormal in the product of AᵀA, and their images.
    private struct Search {
        /// Where the next pass looks.
        private(set) var x: [Double]
        /// The least residual over the steps done, and what is known there.
        private(set) var best: [Double]
        private(set) var residualSquare = 0.0
        private(set) var remaining = Double.infinity
        private(set) var isFinished = false
        /// The last step, and the gradient where it started.
        private var step: (d: [Double], from: [Double])?
        private var steps: [(d: [Double], image: [Double])] = []
        private var stalls = 0
        /// The least dᵀAᵀAd/dᵀMd of the steps, at most 1: by how much M may overrate AᵀA, and √(gᵀM⁻¹g) underrate the error.
        private var leastRatio = 1.0

        init(x: [Double]) {
            self.x = x
            best = x
        }

        /// The step that led to x; 0 at the start.
        var lastStep: [Double] { step?.d ?? [Double](repeating: 0, count: x.count) }

        mutating func advance(_ sums: Sums, floor: Double, preconditioned: ([Double]) -> [Double]) {
            guard !isFinished else { return }
            let gradient = sums.gradient, square = sums.residualSquare
            if let step {
                let ratio = step.d.dot(sums.image) / step.d.dot(step.from)
                if ratio > 0 { leastRatio = min(leastRatio, ratio) }
                learn(step.d, image: sums.image)
            }
            let left = (max(0, gradient.dot(preconditioned(gradient))) / leastRatio).squareRoot()
            // Gradients may rise for some passes with a poor preconditioner; near the floor that is rounding.
            stalls = left > 0.5 * remaining ? stalls + (left < 100 * floor ? 3 : 1) : 0
            isFinished = left <= floor || stalls >= 8
            if left < remaining { (best, remaining, residualSquare) = (x, left, square) }
            var point = x, g = gradient
            for (d, image) in steps {
                let c = d.dot(g)
                point.subtract(d, times: -c)
                g.subtract(image, times: c)
            }
            let next = preconditioned(g)
            step = (next, g)
            x = zip(point, next).map(+)
        }

        /// Adds a step and AᵀA times it to those known.
        private mutating func learn(_ d: [Double], image: [Double]) {
            var d = d, image = image
            let before = d.dot(image)
            for (known, knownImage) in steps {
                let c = known.dot(image)
                d.subtract(known, times: c)
                image.subtract(knownImage, times: c)
            }
            let square = d.dot(image)
            guard square > 1e-12 * before, square > 0 else { return }
            d.scale(by: 1 / square.squareRoot())
            image.scale(by: 1 / square.squareRoot())
            steps.append((d, image))
        }
    }
}

/// How far refinement on the original rows came.
public struct RefinementSummary: Sendable, Equatable {
    /// Passes over the rows.
    public let passes: Int
    /// The error ratio q that is left, estimated from the gradient on the rows; the largest of the responses, nil where
    /// residuals vanish.
    public let errorRatio: Double?
}
