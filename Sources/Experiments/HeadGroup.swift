import Factorizations
import Matrices
import Quantizers

/// A key head with the query heads that use it: the calibration of every method for them.
struct HeadGroup {
    let queryHeads: [Int]
    let keyTarget: CodeTarget
    let queryTargets: [CodeTarget]
    /// The correlation of query and key entries at equal position and coordinate, per query head.
    let correlations: [Double]
    private let balancing: ProductTransform
    private let rotation: ProductTransform

    init(_ data: AttentionData, keyHead: Int, seed: UInt64) throws(FactorizationError) {
        let heads = data.queries.indices.filter { data.keyHead(of: $0) == keyHead }
        let keys = data.calibrationKeys[keyHead]
        let keyMoment = SecondMoments(keys).secondMoment
        let targets = heads.map { CodeTarget(vectors: data.calibrationQueries[$0], metric: keyMoment) }
        var metric = DenseMatrix(rows: keys.columns, columns: keys.columns)
        for target in targets {
            // Every head counts by its relative error.
            let moment = target.moments.secondMoment
            let size = zip(moment.elements, keyMoment.elements).reduce(0) { $0 + $1.0 * $1.1 }
            guard size > 0 else { continue }
            for i in metric.elements.indices { metric.elements[i] += moment.elements[i] / size }
        }
        queryHeads = heads
        queryTargets = targets
        keyTarget = CodeTarget(vectors: keys, metric: metric)
        correlations = targets.map { Self.correlation($0.vectors, keys) }
        rotation = .hadamard(keys.columns, seed: seed)
        balancing = try ProductTransform.balancing(leftMoment: metric, rightMoment: keyMoment).followed(by: rotation)
    }

    /// The code of the keys.
    func keyCode(_ method: AttentionMethod, bits: Int) throws -> VectorCode {
        let mean = correlations.reduce(0, +) / Double(max(1, correlations.count))
        return try code(method, keyTarget, bits: bits, correlation: mean, side: \.right, back: \.left)
    }

    /// The code of the queries of the head at a place of `queryHeads`.
    func queryCode(_ method: AttentionMethod, at place: Int, bits: Int) throws -> VectorCode {
        try code(
            method, queryTargets[place], bits: bits, correlation: correlations[place], side: \.left, back: \.right)
    }

    private func code(
        _ method: AttentionMethod, _ target: CodeTarget, bits: Int, correlation: Double,
        side: KeyPath<ProductTransform, DenseMatrix>, back: KeyPath<ProductTransform, DenseMatrix>
    ) throws -> VectorCode {
        switch method {
        case .principal: return try .principal(target, bitsPerEntry: bits)
        case .triangular: return try .triangular(target, bitsPerEntry: bits)
        case .standardizedAllocated: return try .standardized(target, bits: bits, allocated: true)
        case .standardized: return try .standardized(target, bits: bits, allocated: false)
        case .weightedLloydMax: return try .lloydMax(target, bits: bits, weighted: true)
        case .lloydMax: return try .lloydMax(target, bits: bits, weighted: false)
        case .scaledCompanding: return try .scaledCompanding(target, bits: bits)
        case .companding: return try .companding(target, bits: bits, correlation: correlation)
        case .gaussianCompanding: return try .companding(target, bits: bits, correlation: 0)
        case .integer: return .integer(target, bits: bits)
        case .float: return .float(target, bits: bits)
        case .balancedHadamard, .balancedCompanding, .hadamard:
            let transform = method == .hadamard ? rotation : balancing
            return try target.transformed(by: transform[keyPath: side], back: transform[keyPath: back]) { inner in
                method == .balancedCompanding
                    ? try .companding(inner, bits: bits, correlation: 0) : try .pooled(inner, bits: bits)
            }
        }
    }

    /// The correlation of all pairs (x_ij, y_ij), with means taken off; 0 where one side is constant.
    private static func correlation(_ x: DenseMatrix, _ y: DenseMatrix) -> Double {
        let count = Double(x.elements.count)
        let (meanX, meanY) = (x.elements.reduce(0, +) / count, y.elements.reduce(0, +) / count)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x.elements, y.elements) {
            let (u, v) = (a - meanX, b - meanY)
            xx += u * u
            yy += v * v
            xy += u * v
        }
        let size = (xx * yy).squareRoot()
        return size > 0 ? max(-1, min(1, xy / size)) : 0
    }
}

extension CodeTarget {
    /// A code made in another basis, x·analysis, and brought back.
    func transformed(
        by analysis: DenseMatrix, back inverseTransposed: DenseMatrix, _ design: (CodeTarget) throws -> VectorCode
    ) throws -> VectorCode {
        let synthesis = inverseTransposed.transposed()
        let metricInBasis = BLAS.multiply(
            synthesis, BLAS.multiply(metric, transposed: false, synthesis, transposed: true))
        var code = try design(CodeTarget(vectors: BLAS.multiply(vectors, analysis), metric: metricInBasis))
        let offset = BLAS.multiply(synthesis, transposed: true, code.offset)
        code = VectorCode(
            offset: offset, analysis: analysis, synthesis: synthesis, feedback: code.feedback, tables: code.tables)
        return code
    }
}
