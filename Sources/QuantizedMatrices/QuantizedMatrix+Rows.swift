import Matrices
import QuantizedKernels

extension QuantizedMatrix {
    /// How many rows were encoded together, where these were chosen from them; nil otherwise.
    public var chosenFrom: Int? { share < 1 ? Int((Double(rows) / share).rounded()) : nil }

    /// The rows of the table that are chosen (one flag per row of it), with what is known of them.
    ///
    /// Sums that are exact for all rows are not for some. Of these rows the codes are known, and for each code the mean
    /// squared error of all its entries; so with E = Σ(x̂ − x)² taken as the sum of those over the rows chosen, and φ the
    /// part that is of the E of all rows, the products Σ(x̂ − x)(x − c) are taken as φ times, the sums Σ(x̂ − x) as f times
    /// those of all rows, f = `share`, and the moments follow from these and the decoded numbers. For f = 1 that is exact.
    /// Squares of discrepancies of balanced codes become f² of what they were; what the choice of the rows adds to them
    /// is not in them.
    ///
    /// - Parameters:
    ///   - isChosen: one flag per row of the table.
    ///   - constants: columns to leave out, of those in `constantColumns(among:)`; they pass the transform unchanged, so that
    ///     the others lose only a constant with them.
    /// - Throws: where the temporary file of the codes cannot be written.
    /// - Complexity: the codes of all rows.
    public func selecting(
        rows isChosen: [Bool], without constants: [(column: Int, value: Double)] = []
    ) throws(StoreError) -> QuantizedMatrix {
        precondition(isChosen.count == rows && order.rows == rows, "one flag per row of the table")
        let left = constants.map(\.column)
        let kept = columns.indices.filter { !left.contains($0) }
        let further = refinements.indices.filter { kept.contains(refinements[$0].base) }
        let taken = kept + further.map { columns.count + $0 }
        let spool = CodeSpool(bits: taken.map { coded[$0].bits }, rowsPerBlock: codes.layout.rowsPerBlock)
        var sums = kept.map { SelectedColumn(parts(of: $0).map { coded[$0] }) }
        let places = kept.map { j in parts(of: j).map { taken.firstIndex(of: $0)! } }
        try forEachChosen(isChosen, of: taken) { (chosen) throws(StoreError) in
            for q in kept.indices { sums[q].add(places[q].map { chosen[$0] }) }
            let codes = chosen.flatMap { $0 }
            try spool.append(codes.span, rows: chosen.first?.count ?? 0)
        }
        let f = Double(spool.rows) / Double(max(1, rows))
        var result = QuantizedMatrix(
            codes: try spool.finish(), columns: zip(kept, sums).map { columns[$0].selected($1, share: f) },
            refinements: further.map { r in
                let base = kept.firstIndex(of: refinements[r].base)!
                let counts = sums[base].counts[parts(of: refinements[r].base).firstIndex(of: columns.count + r)!]
                return refinements[r].selected(base: base, counts: counts)
            },
            transform: transform.removing(constants))
        result.share = share * f
        result.pilot = pilot?.selecting(columns: kept)
        return result
    }

    /// The columns that are represented exactly, are not transformed, and have one value in the rows chosen; and that value.
    public func constantColumns(among isChosen: [Bool]) -> [(column: Int, value: Double)] {
        let flags = order.flags(isChosen)
        return columns.indices.filter { columns[$0].isExact && transform.kept[$0] }.compactMap { j in
            constant(j, among: flags).map { (j, $0) }
        }
    }

    /// The value of a column that has only one in the rows flagged. Cost: its codes up to the second value.
    private func constant(_ j: Int, among flags: [Bool]) -> Double? {
        var found: UInt8?, first = 0
        for piece in codes.layout.pieces(first: 0, count: rows, size: 1 << 16) {
            let codes = codes(column: j, first: first, count: piece.count)
            for i in codes.indices where flags[first + i] {
                if let found, found != codes[i] { return nil }
                found = codes[i]
            }
            first += piece.count
        }
        return found.map { columns[j].codebook.levels[Int($0)] }
    }

    /// Calls `body` with the codes of the rows chosen, of the parts listed, in the order of the matrix.
    private func forEachChosen(
        _ isChosen: [Bool], of parts: [Int], _ body: ([[UInt8]]) throws(StoreError) -> Void
    ) throws(StoreError) {
        let flags = order.flags(isChosen)
        var first = 0
        for piece in codes.layout.pieces(first: 0, count: rows, size: 1 << 16) {
            let places = (0..<piece.count).filter { flags[first + $0] }
            if !places.isEmpty {
                try body(
                    parts.map { part in
                        let all = codes(part: part, first: first, count: piece.count, kernels: .best)
                        return places.map { all[$0] }
                    })
            }
            first += piece.count
        }
    }
}

extension Refinement {
    /// This refinement over rows chosen.
    fileprivate func selected(base: Int, counts: [Int]) -> Refinement {
        var result = Refinement(base: base, column: column)
        result.column.counts = counts
        return result
    }
}

extension ColumnTransform {
    /// Without some columns that pass unchanged and have one value each: what they explained of others is a constant,
    /// which moves to the centers.
    func removing(_ constants: [(column: Int, value: Double)]) -> ColumnTransform {
        guard !constants.isEmpty else { return self }
        let left = Set(constants.map(\.column))
        let t = inverseMatrix()
        var centers = centers
        if !isIdentity {
            for (j, value) in constants {
                for k in 0..<columns where k != j && !kept[k] { centers[k] += (value - self.centers[j]) * t[j, k] }
            }
        }
        let rest = (0..<columns).filter { !left.contains($0) }
        let positions = order.indices.filter { !left.contains(order[$0]) }
        return ColumnTransform(
            centers: rest.map { centers[$0] }, scales: rest.map { scales[$0] },
            order: positions.map { rest.firstIndex(of: order[$0])! }, kept: rest.map { kept[$0] },
            coefficients: positions.map { q in
                coefficients[q].isEmpty ? [] : positions.filter { $0 < q }.map { coefficients[q][$0] }
            })
    }
}

/// Sums over the rows chosen of what a column's codes stand for.
private struct SelectedColumn {
    private let parts: [QuantizedColumn]
    /// Per part (the column, then its refinements) and code.
    private(set) var counts: [[Int]]
    private(set) var minimum = Double.infinity
    private(set) var maximum = -Double.infinity
    /// Σ(x̂ − c) and Σ(x̂ − c)² about the shift of the column's moments.
    private(set) var sum = CompensatedSum()
    private(set) var squares = CompensatedSum()

    init(_ parts: [QuantizedColumn]) {
        self.parts = parts
        counts = parts.map { [Int](repeating: 0, count: $0.counts.count) }
    }

    mutating func add(_ codes: [[UInt8]]) {
        let shift = parts[0].moments.shift
        for i in codes[0].indices {
            var value = 0.0
            for (part, code) in codes.enumerated() {
                counts[part][Int(code[i])] += 1
                value += parts[part].codebook.levels[Int(code[i])]
            }
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            sum.add(value - shift)
            squares.add((value - shift) * (value - shift))
        }
    }
}

extension QuantizedColumn {
    /// This column over rows chosen of its own, the part f of all.
    fileprivate func selected(_ chosen: SelectedColumn, share f: Double) -> QuantizedColumn {
        var result = self
        let count = chosen.counts[0].reduce(0, +)
        result.counts = chosen.counts[0]
        result.squaredErrors = zip(errorVariances, result.counts).map { $0 * Double($1) }
        let phi = isExact ? 0 : result.totalSquaredError / totalSquaredError
        result.errorSum = f * errorSum
        result.errorProduct = phi * errorProduct
        result.moments = ColumnMoments(
            shift: moments.shift, count: count, minimum: chosen.minimum, maximum: chosen.maximum,
            shiftedSum: chosen.sum.value - result.errorSum,
            shiftedSumOfSquares: chosen.squares.value - 2 * result.errorProduct - result.totalSquaredError)
        result.discrepancy = discrepancy?.scaled(by: f * f)
        return result
    }
}
