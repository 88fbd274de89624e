import Factorizations
import Matrices
import QuantizedMatrices

/// What a pilot sample of rows says about dependence between the columns.
///
/// The columns are p = n predictors and r responses; with an intercept they are centred first.
struct PilotModel: Sendable {
    let sample: DenseMatrix
    let centers: [Double]
    /// Standard deviations of the columns (about 0 without intercept), 1 for constant ones.
    let scales: [Double]
    let predictors: Int
    let intercept: Bool
    /// R of the QR factorization of the centred sample (p × p), where it is known.
    private var triangle: DenseMatrix?

    init(sample: DenseMatrix, centers: [Double], scales: [Double], predictors: Int, intercept: Bool) {
        self.sample = sample
        self.centers = centers
        self.scales = scales
        self.predictors = predictors
        self.intercept = intercept
    }

    /// The same with the sample factorized: the triangles of any columns cost p³ then, whatever the rows. Cost: 2·k·p² flops
    /// for a sample of k rows.
    func factorized() throws(RegressionError) -> PilotModel {
        var result = self
        result.triangle = try triangle(of: Array(centers.indices))
        return result
    }

    /// The model of some of the columns, `predictors` of them predictors.
    func selecting(_ columns: [Int], predictors: Int) -> PilotModel {
        var result = PilotModel(
            sample: sample.selectingColumns(columns), centers: columns.map { centers[$0] },
            scales: columns.map { scales[$0] }, predictors: predictors, intercept: intercept)
        if columns.elementsEqual(centers.indices) { result.triangle = triangle }
        return result
    }

    /// R of the centred sample over the columns listed.
    private func triangle(of list: [Int]) throws(RegressionError) -> DenseMatrix {
        guard let triangle else { return try RegressionError.triangle(of: centered(list)) }
        if list.elementsEqual(0..<list.count) {
            return triangle.submatrix(rows: 0..<list.count, columns: 0..<list.count)
        }
        return try RegressionError.triangle(of: triangle.selectingColumns(list))
    }

    /// The sample less its centers, for the columns given (k × count).
    private func centered(_ columns: [Int]) -> DenseMatrix {
        sample.centered(columns, at: columns.map { centers[$0] })
    }

    /// A predictor that looks, on the sample, like a linear combination of earlier ones.
    struct Dependency {
        let column: Int
        /// Earlier predictors and their coefficients.
        let terms: [(column: Int, coefficient: Double)]
    }

    /// Candidates for dependent columns, in table order: relative residual below 1e−10 after the earlier columns.
    func dependencies() throws(RegressionError) -> [Dependency] {
        guard predictors > 0 else { return [] }
        let r = try triangle(of: Array(0..<predictors))
        let kept = r.independentColumns(Array(0..<predictors), tolerance: 1e-10)
        let independent = Set(kept)
        return try (0..<predictors).filter { !independent.contains($0) }.map { (j) throws(RegressionError) in
            Dependency(column: j, terms: try terms(of: j, by: Array(kept.prefix { $0 < j }), r: r))
        }
    }

    private func terms(of j: Int, by kept: [Int], r: DenseMatrix) throws(RegressionError) -> [(
        column: Int, coefficient: Double
    )] {
        guard !kept.isEmpty else { return [] }
        let solution = try RegressionError.factorizing { () throws(FactorizationError) in
            try PivotedQR(r.selectingColumns(kept)).leastSquares(r.column(j))
        }
        return zip(kept, solution).map { (column: $0, coefficient: $1) }
    }

    /// The decorrelating transforms for the columns kept in each: exact predictors first and unchanged, then the others,
    /// each less its regression on all before it; responses not kept less their regression on the predictors.
    ///
    /// T comes from the QR factorization of the centred sample (columns in the elimination order), its rows divided
    /// by their diagonal: the column at position q is u_q + Σ_{l<q} T_lq·u_l.
    func decorrelations(exact: [Bool], keeping choices: [[Bool]]) throws(RegressionError) -> [ColumnTransform] {
        let p = centers.count
        let order =
            (0..<predictors).filter { exact[$0] } + (0..<predictors).filter { !exact[$0] } + Array(predictors..<p)
        let usable = sample.rows > predictors + (intercept ? 1 : 0)
        let r = usable ? try triangle(of: order) : DenseMatrix(rows: 0, columns: 0)
        return try choices.map { (keeps) throws(RegressionError) in
            guard usable, keeps.contains(false) else { return .identity(columns: p) }
            return ColumnTransform(
                centers: centers, scales: scales, order: order, kept: keeps,
                coefficients: try (0..<p).map { (q) throws(RegressionError) in
                    keeps[order[q]] ? [] : try coefficients(q, order: order, keeps: keeps, r: r)
                })
        }
    }

    /// The coefficients of position q on the transformed columns before it. Those that the transform leaves as they
    /// are come first and are not orthogonal to each other: their coefficients solve a triangular system.
    private func coefficients(
        _ q: Int, order: [Int], keeps: [Bool], r: DenseMatrix
    ) throws(RegressionError) -> [Float] {
        let before = min(q, predictors)
        let raw = (0..<before).prefix { keeps[order[$0]] }.count
        var result = [Float](repeating: 0, count: q)
        if raw > 0 {
            let block = r.submatrix(rows: 0..<raw, columns: 0..<raw)
            let rightHandSide = (0..<raw).map { r[$0, q] }
            let solution = try RegressionError.factorizing { () throws(FactorizationError) in
                try PivotedQR(block).leastSquares(rightHandSide)
            }
            for l in 0..<raw { result[l] = dimensionless(solution[l], l, q, order) }
        }
        for l in raw..<max(raw, before) where r[l, l] != 0 {
            result[l] = dimensionless(r[l, q] / r[l, l], l, q, order)
        }
        return result
    }

    /// A coefficient of position l in position q, in units of their scales; 0 beyond single precision.
    private func dimensionless(_ coefficient: Double, _ l: Int, _ q: Int, _ order: [Int]) -> Float {
        let value = Float(coefficient * (scales[order[l]] / scales[order[q]]))
        return value.isFinite ? value : 0
    }
}

extension RegressionError {
    /// The triangular factor R of A = QR.
    static func triangle(of a: DenseMatrix) throws(RegressionError) -> DenseMatrix {
        try factorizing { () throws(FactorizationError) in
            var qr = TallSkinnyQR(columns: a.columns)
            try qr.append(rows: a)
            return try qr.r
        }
    }
}
