import Matrices

/// The minimizer x of ‖A·x − b‖ subject to l ≤ x ≤ u, by an active-set method: variables are at their lower bound, at
/// their upper one, or free; the free ones solve an ordinary problem by QR.
///
/// (Lawson and Hanson, *Solving Least Squares Problems*, 1974, chapter 23, for l = 0; Stark and Parker, "Bounded-variable
/// least squares: an algorithm and applications", Computational Statistics 10 (1995), for both bounds.) It ends at a
/// point that satisfies the Karush–Kuhn–Tucker conditions, which for this convex problem are those of the minimum.
public struct BoundedLeastSquares: Sendable {
    /// Where a variable is.
    public enum Place: String, Sendable { case free, lower, upper }

    /// The n coefficients.
    public let solution: [Double]
    /// Where each of them is.
    public let places: [Place]
    /// The largest violation of the Karush–Kuhn–Tucker conditions: |a_jᵀr| of a free variable, or a gradient that points
    /// into the allowed range at a bound, over ‖a_j‖‖b‖.
    public let violation: Double
    /// The number of ordinary problems that were solved.
    public let iterations: Int

    /// Solves for A of m × n with m ≥ n, b of m and bounds of n entries. Cost: about 2·m·n² flops per change of the set.
    ///
    /// Throws ``FactorizationError/emptyRange(index:)`` where a lower bound is above the upper one or one is NaN, a shape
    /// mismatch, entries that are not finite, dependent columns without bounds, and no convergence after 10·n + 100 changes.
    public init(
        _ a: DenseMatrix, _ b: [Double], lower: [Double], upper: [Double]
    ) throws(FactorizationError) {
        let n = a.columns
        guard lower.count == n, upper.count == n else {
            throw .shapeMismatch(
                expected: "\(n) lower and upper bounds", found: "\(lower.count) and \(upper.count)")
        }
        try LAPACKStatus.checkInput(a, "bvls")
        try LAPACKStatus.checkRightHandSide(DenseMatrix(column: b), rows: a.rows, "bvls")
        for j in 0..<n where !(lower[j] <= upper[j]) || lower[j] == .infinity || upper[j] == -.infinity {
            throw .emptyRange(index: j)
        }
        var search = ActiveSet(a, b, lower: lower, upper: upper)
        try search.run()
        solution = search.unscaled
        places = search.places
        violation = search.violation
        iterations = search.iterations
    }
}

/// The search, on columns scaled to norm 1.
private struct ActiveSet {
    private let a: DenseMatrix
    private let b: [Double]
    private let scales: [Double]
    private let lower: [Double]
    private let upper: [Double]
    private var x: [Double]
    private(set) var places: [BoundedLeastSquares.Place]
    private(set) var iterations = 0
    private let tolerance: Double

    init(_ matrix: DenseMatrix, _ rightHandSide: [Double], lower: [Double], upper: [Double]) {
        let n = matrix.columns
        var scaled = matrix
        scales = (0..<n).map { j in
            let norm = matrix.column(j).norm
            return norm > 0 ? norm : 1
        }
        for j in 0..<n {
            for i in 0..<matrix.rows { scaled[i, j] /= scales[j] }
        }
        a = scaled
        b = rightHandSide
        self.lower = zip(lower, scales).map { $0 * $1 }
        self.upper = zip(upper, scales).map { $0 * $1 }
        tolerance = 64 * .ulpOfOne * Double(max(1, n)) * rightHandSide.norm
        x = zip(self.lower, self.upper).map { min(max(0, $0), $1) }
        places = (0..<n).map { j in
            if lower[j] == -.infinity && upper[j] == .infinity { return .free }
            return lower[j] == -.infinity || (upper[j] <= 0 && lower[j] < upper[j]) ? .upper : .lower
        }
        for j in 0..<n where places[j] != .free { x[j] = places[j] == .lower ? self.lower[j] : self.upper[j] }
    }

    var unscaled: [Double] { zip(x, scales).map { $0 / $1 } }

    private var free: [Int] { places.indices.filter { places[$0] == .free } }

    private func gradient() -> [Double] {
        let fitted = BLAS.multiply(a, x)
        return BLAS.multiply(a, transposed: true, zip(b, fitted).map { $0 - $1 })
    }

    /// How far a gradient pushes a variable where it may go.
    private func push(_ j: Int, _ w: Double) -> Double {
        if lower[j] == upper[j] { return 0 }
        switch places[j] {
        case .free: return abs(w)
        case .lower: return w
        case .upper: return -w
        }
    }

    var violation: Double {
        let size = b.norm
        guard size > 0 else { return 0 }
        let w = gradient()
        return places.indices.reduce(0) { max($0, push($1, w[$1]) / size) }
    }

    mutating func run() throws(FactorizationError) {
        let limit = 10 * a.columns + 100
        try settle(limit)
        var refused: Set<Int> = []
        while true {
            let w = gradient()
            let candidates = places.indices.filter {
                places[$0] != .free && !refused.contains($0) && push($0, w[$0]) > tolerance
            }
            guard let j = candidates.max(by: { push($0, w[$0]) < push($1, w[$1]) }) else { return }
            let bound = places[j]
            places[j] = .free
            // A column that depends on the free ones, or whose step goes the wrong way by rounding, stays where it was.
            guard let z = try solveFree(), let step = zip(free, z).first(where: { $0.0 == j })?.1,
                bound == .lower ? step > x[j] : step < x[j]
            else {
                places[j] = bound
                refused.insert(j)
                continue
            }
            refused = []
            try settle(limit)
        }
    }

    /// Moves the free variables to their minimum, fixing those that meet a bound on the way.
    private mutating func settle(_ limit: Int) throws(FactorizationError) {
        while !free.isEmpty {
            guard let z = try solveFree() else { throw .singular(index: free.count) }
            iterations += 1
            if iterations > limit { throw .noConvergence(routine: "bvls", unconverged: free.count) }
            let list = free
            var alpha = 1.0, blocking: Int?
            for (target, j) in zip(z, list) {
                let bound = target < lower[j] ? lower[j] : target > upper[j] ? upper[j] : nil
                guard let bound else { continue }
                let share = (bound - x[j]) / (target - x[j])
                if share < alpha || blocking == nil { (alpha, blocking) = (max(0, min(1, share)), j) }
            }
            for (target, j) in zip(z, list) { x[j] += alpha * (target - x[j]) }
            guard let blocking else {
                for (target, j) in zip(z, list) { x[j] = target }
                return
            }
            for (target, j) in zip(z, list) where j == blocking || x[j] <= lower[j] || x[j] >= upper[j] {
                places[j] = target < lower[j] || (j != blocking && x[j] <= lower[j]) ? .lower : .upper
                x[j] = places[j] == .lower ? lower[j] : upper[j]
            }
        }
    }

    /// The minimum over the free variables with the others fixed; nil where the free columns are dependent or none.
    private func solveFree() throws(FactorizationError) -> [Double]? {
        let list = free
        guard !list.isEmpty else { return nil }
        var fixed = x
        for j in list { fixed[j] = 0 }
        let rest = zip(b, BLAS.multiply(a, fixed)).map { $0 - $1 }
        let columns = a.selectingColumns(list)
        if list.count > a.rows { return nil }
        let qr = try QRFactorization(columns)
        for i in list.indices where abs(qr.r[i, i]) <= 1e-13 { return nil }
        return try qr.leastSquares(rest)
    }
}
