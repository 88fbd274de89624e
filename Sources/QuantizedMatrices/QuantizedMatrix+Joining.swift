import Matrices
import QuantizedKernels

extension QuantizedMatrix {
    /// The rows of several matrices with the same codebooks, one below the other, with the exact sums of all.
    ///
    /// Discrepancies of balanced codes that were made independently are independent: in the units of the columns their
    /// variances add. They are put together for every pair of columns, and the shares of the whole are fitted to that.
    ///
    /// - Parameters:
    ///   - parts: matrices that `difference(from:)` finds alike; at least one.
    ///   - predictors: how many of the columns are predictors.
    ///   - centered: whether columns were standardized about their means.
    /// - Throws: where the temporary file of the codes cannot be written.
    /// - Complexity: the codes of all but the whole blocks of the first matrix, and p² per matrix.
    public static func joining(
        _ parts: [QuantizedMatrix], predictors: Int, centered: Bool, kernels: Kernels = .best
    ) throws(StoreError) -> QuantizedMatrix {
        let layout = parts[0].codes.layout
        let spool = CodeSpool(bits: layout.bits, rowsPerBlock: layout.rowsPerBlock, kernels: kernels)
        for part in parts { try spool.append(part.codes) }
        var joined = joiningSums(parts, codes: try spool.finish(), predictors: predictors, centered: centered)
        joined.order = parts[0].order
        for part in parts.dropFirst() { joined.order.append(part.order) }
        return joined
    }

    /// What is known of the rows of several matrices together, without their codes; as `joining`.
    ///
    /// - Complexity: p² per matrix.
    public static func joiningSums(_ parts: [QuantizedMatrix], predictors: Int, centered: Bool) -> QuantizedMatrix {
        let layout = parts[0].codes.layout, rows = parts.reduce(0) { $0 + $1.rows }
        let codes = PackedCodes.absent(
            CodeLayout(rows: rows, rowsPerBlock: layout.rowsPerBlock, bits: layout.bits))
        return joiningSums(parts, codes: codes, predictors: predictors, centered: centered)
    }

    private static func joiningSums(
        _ parts: [QuantizedMatrix], codes: PackedCodes, predictors: Int, centered: Bool
    ) -> QuantizedMatrix {
        let first = parts[0]
        var columns = first.columns
        for part in parts.dropFirst() {
            for j in columns.indices { columns[j].merge(part.columns[j]) }
        }
        if columns.allSatisfy({ $0.rounding == .balanced }), parts.count > 1 {
            let shares = joinedShares(parts, columns, predictors: predictors, centered: centered)
            for j in columns.indices { columns[j].discrepancy = shares[j] }
        }
        // A refinement's own counts say nothing but that its codes are in range.
        var refinements = first.refinements
        for part in parts.dropFirst() {
            for r in refinements.indices {
                for c in refinements[r].column.counts.indices {
                    refinements[r].column.counts[c] += part.refinements[r].column.counts[c]
                }
            }
        }
        var joined = QuantizedMatrix(
            codes: codes, columns: columns, refinements: refinements, transform: first.transform)
        joined.pilot = joinedPilot(parts, columns, centered: centered)
        return joined
    }

    /// The pilots of all parts together; nil if one has none.
    private static func joinedPilot(
        _ parts: [QuantizedMatrix], _ columns: [QuantizedColumn], centered: Bool
    ) -> PilotDifferences? {
        func units(_ part: QuantizedMatrix) -> [Double] {
            zip(part.columns, columns).map { own, whole in
                let scale = whole.moments.meanSquare(centered: centered)
                return scale > 0 ? (own.moments.meanSquare(centered: centered) / scale).squareRoot() : 0
            }
        }
        guard var result = parts[0].pilot else { return nil }
        var own = units(parts[0])
        for part in parts.dropFirst() {
            guard let pilot = part.pilot else { return nil }
            result = result.merged(pilot, units: (own, units(part)))
            own = [Double](repeating: 1, count: columns.count)
        }
        return result
    }

    /// Shares for the sums over the parts of Var D_jk·σ_j²σ_k² (each in its own units), divided by σ_j²σ_k² of the whole.
    private static func joinedShares(
        _ parts: [QuantizedMatrix], _ columns: [QuantizedColumn], predictors: Int, centered: Bool
    ) -> [DiscrepancyShare] {
        let p = columns.count
        let units = columns.map { $0.moments.meanSquare(centered: centered) }
        var squares = [Double](repeating: 0, count: p * p)
        for part in parts {
            let model = DiscrepancyModel(part.columns, predictors: predictors)
            let own = part.columns.map { $0.moments.meanSquare(centered: centered) }
            for j in 0..<p {
                for k in 0..<p where k != j && units[j] > 0 && units[k] > 0 {
                    squares[j * p + k] += model.variance(j, k) * (own[j] / units[j]) * (own[k] / units[k])
                }
            }
        }
        return DiscrepancyShare.fit(exact: columns.map(\.isExact), predictors: predictors) { squares[$0 * p + $1] }
    }

    /// What keeps another matrix from being joined to this one; nil if nothing does.
    public func difference(from other: QuantizedMatrix) -> String? {
        guard columns.map(\.name) == other.columns.map(\.name) else { return "they have other columns" }
        guard transform == other.transform else { return "their transforms differ" }
        guard refinements.map(\.base) == other.refinements.map(\.base) else { return "their codebooks differ" }
        for (own, column) in zip(coded, other.coded) {
            guard own.bits == column.bits, own.grid == column.grid, own.rounding == column.rounding else {
                return "their codebooks differ (column \(own.name))"
            }
        }
        return nil
    }
}

extension QuantizedColumn {
    /// Adds the sums over other rows with the same codebook.
    mutating func merge(_ other: QuantizedColumn) {
        // Σ e(x − c) about this shift.
        errorProduct += other.errorProduct + (other.moments.shift - moments.shift) * other.errorSum
        errorSum += other.errorSum
        moments.merge(other.moments)
        for code in counts.indices {
            counts[code] += other.counts[code]
            squaredErrors[code] += other.squaredErrors[code]
        }
    }
}

extension CodeSpool {
    /// Adds codes that are packed already. Whole blocks that fall on blocks are taken as they are.
    public func append(_ codes: PackedCodes) throws(StoreError) {
        let layout = codes.layout
        for k in 0..<layout.blockCount {
            let count = layout.rows(ofBlock: k).count
            if takesWholeBlock(of: layout, rows: count) {
                appendWholeBlock(codes.block(k), rows: count)
                continue
            }
            var unpacked = [UInt8](repeating: 0, count: count * layout.bits.count)
            codes.withBlock(k) { bytes in
                var target = unpacked.mutableSpan
                for j in layout.bits.indices {
                    var part = target._mutatingExtracting((j * count)..<((j + 1) * count))
                    kernels.unpack(
                        bytes.extracting(layout.bytes(ofPart: j, inBlock: k, first: 0, count: count)),
                        bits: layout.bits[j], into: &part)
                }
            }
            try append(unpacked.span, rows: count)
        }
    }
}
