#if SuiteSparse
    import Foundation
    import Matrices
    import QuantizedMatrices
    import Quantizers

    extension SparseRun {
        /// Draws of the errors of the codes that predict the error of the solution.
        private static let draws = 32
        /// The most columns for which standard errors are computed, a solve with the factor each.
        private static let standardErrorLimit = 1000
        /// How much larger than expected rounding is taken to be in a worst case.
        private static let roundingBound = 10.0

        /// The solution with the account of its error.
        ///
        /// With each entry erring by √v, v the mean squared error of its column, the error of the normal
        /// equations is γ = Eᵀr − ÂᵀEx (theory of first order), that of the solution (ÂᵀÂ)⁻¹γ: 32 draws give its mean
        /// square to about a fifth for each coefficient, and q far better. Entries of different columns err independently;
        /// those of one column with the same code with the correlation that makes as many of them err alike as the codes
        /// know of (`SparseErrorDraws`).
        func describe(_ fit: Fit, names: [String]) -> Solution {
            let (m, n) = (matrix.rows, matrix.columns)
            let freedom = m - fit.rank
            let unscaled = inverseDiagonal(fit)
            let worst = worstCase(fit)
            let responses = names.indices.map { b in
                response(fit, b, name: names[b], freedom: freedom, inverseDiagonal: unscaled, worst: worst)
            }
            var warnings = SolutionWarnings()
            warnings.unbounded(responses)
            if fit.rank < n || fit.method.isIterative, let codes, !codes.isExact {
                warnings.add("No error is predicted without a factor of full rank.")
            }
            if let direction = fit.weakest, direction.noise > direction.singularValue {
                warnings.add(
                    "The codes alone cannot tell the columns from dependent ones: the least singular value of the columns "
                        + "scaled to norm 1 is \(SolutionWarnings.short(direction.singularValue)), the errors of the codes "
                        + "in its direction \(SolutionWarnings.short(direction.noise)).")
            }
            if fit.method.isIterative {
                warnings.iteration(fit.iteration, method: fit.method)
                warnings.add(
                    "\(fit.method.title) finds neither the rank nor standard errors; the rank shown is that of the shape."
                        + (isScaled
                            ? " The norms of the columns are far apart: they were scaled, and if the coefficients are not "
                                + "determined these are those of least norm in units of the scaled columns." : ""))
            } else if fit.rank < n {
                warnings.add(
                    "The rank is \(fit.rank) of \(n) columns: "
                        + (fit.isBasic
                            ? "the units of the columns are too far apart for the solution of least norm, this is a basic one."
                            : "of all coefficients that fit equally well these have the least sum of squares."))
                if !fit.dependent.isEmpty {
                    let names = fit.dependent.prefix(8).map { columnNames[$0] }.joined(separator: ", ")
                    warnings.add(
                        "Combinations of the other columns, in the order of the factorization: \(names)"
                            + (fit.dependent.count > 8 ? ", …" : "."))
                }
            } else if unscaled == nil {
                warnings.add("Standard errors are computed for up to \(Self.standardErrorLimit) columns.")
            }
            warnings.noFreedom(responses, freedom: Double(freedom))
            warnings.largeError(responses)
            warnings.degenerate(responses)
            let entries = matrix.storedCount, vectors = 8 * m * names.count
            let plain = (pattern: 8 * (entries + n + 1), entries: 8 * entries)
            let account = SparseAccount(
                storedEntries: entries, patternBytes: codes?.patternBytes ?? plain.pattern,
                entryBytes: codes.map { $0.codeBytes + $0.sideBytes } ?? plain.entries,
                rankTolerance: fit.rankTolerance, hasLeastNorm: fit.method.isIterative ? nil : !fit.isBasic)
            return Solution(
                observations: m, predictors: n, rank: fit.rank, intercept: false, droppedColumns: [],
                method: fit.method,
                quantizer: codes == nil ? nil : .optimal, transform: codes == nil ? nil : TransformChoice.none,
                biasCorrection: codes == nil ? nil : BiasCorrection.none, bits: problem.bits, responseBits: nil,
                bytes: account.patternBytes + account.entryBytes + vectors,
                fullPrecisionBytes: plain.pattern + plain.entries + vectors,
                responses: responses, conditionNumber: fit.condition, warnings: warnings.list, seconds: StageTimes(),
                iteration: fit.iteration, sparse: account)
        }

        /// The bound of the worst case; nil in full precision, where the rank is deficient, where there are more columns than
        /// standard errors are computed for, where its factor could take more than the limit, and where there is no finite
        /// bound.
        private func worstCase(_ fit: Fit) -> SparseWorstCase? {
            guard let codes, fit.rank == matrix.columns, matrix.columns <= Self.standardErrorLimit,
                factorBytes <= Double(problem.factorLimit)
            else { return nil }
            return SparseWorstCase(matrix, squaredErrors: codes.squaredErrors)
        }

        /// The rounding error to expect of A·x: ε·κ·√(n·Σ(x_j‖a_j‖)²).
        private func rounding(_ fit: Fit, _ x: [Double]) -> Double {
            let terms = zip(x, matrix.columnNorms).map { $0 * $1 }.norm
            return .ulpOfOne * max(1, fit.condition) * Double(max(1, x.count)).squareRoot() * terms
        }

        private func inverseDiagonal(_ fit: Fit) -> [Double]? {
            guard let solve = fit.solveNormal, matrix.columns <= Self.standardErrorLimit else { return nil }
            return (0..<matrix.columns).map { j in
                var unit = [Double](repeating: 0, count: matrix.columns)
                unit[j] = 1
                return solve(unit)[j]
            }
        }

        private func response(
            _ fit: Fit, _ b: Int, name: String, freedom: Int, inverseDiagonal: [Double]?, worst: SparseWorstCase?
        ) -> ResponseSolution {
            let x = fit.coefficients[b], right = rightHandSides[b]
            let residual = zip(right, matrix.multiply(x)).map(-)
            let error = predictedError(fit, x: x, residual: residual)
            let known = residualSquare(residual, error), rss = known?.square, total = right.dot(right)
            let variance = freedom > 0 ? rss.map { $0 / Double(freedom) } : nil
            let unit = variance.map { ($0 * Double(max(1, fit.rank))).squareRoot() }
            let spread = Distributions.studentQuantile(confidence: problem.confidence, degreesOfFreedom: .infinity)
            let coefficients = x.indices.map { j in
                let standardError = inverseDiagonal.flatMap { d in variance.map { ($0 * max(0, d[j])).squareRoot() } }
                let t = standardError.flatMap { $0 > 0 ? x[j] / $0 : nil }
                let deviation = error.map { $0.squares[j].squareRoot() }
                return Coefficient(
                    name: columnNames[j], estimate: x[j], standardError: standardError,
                    quantizationStandardDeviation: deviation, quantizationBias: deviation.map { _ in 0 },
                    quantizationInterval: deviation.map { (x[j] - spread * $0)...(x[j] + spread * $0) }, tStatistic: t,
                    pValue: t.map { Distributions.studentTwoSided($0, degreesOfFreedom: Double(freedom)) })
            }
            let explained = rss.map { max(0, total - $0) } ?? 0
            let f = variance.flatMap { fit.rank > 0 && $0 > 0 ? explained / Double(fit.rank) / $0 : nil }
            let ratio = error.flatMap { e in unit.flatMap { $0 > 0 ? e.norm / $0 : nil } }
            return ResponseSolution(
                name: name, coefficients: coefficients, residualStandardDeviation: variance?.squareRoot(),
                rSquared: total > 0 ? 1 - (rss ?? residual.dot(residual)) / total : nil,
                adjustedRSquared: total > 0
                    ? variance.map { 1 - $0 / (total / Double(matrix.rows)) } : nil,
                fStatistic: f, fPValue: f.map { Distributions.fisherUpper($0, Double(fit.rank), Double(freedom)) },
                predictedErrorRatio: ratio.map { q in
                    error?.freedom.map { RatioPrediction.median(rootMeanSquare: q, degreesOfFreedom: $0) } ?? q
                },
                drawnInterval: error.flatMap { e in
                    ratio.flatMap { q in
                        e.freedom.map {
                            let spread = known?.relativeDeviation ?? 0
                            return RatioPrediction.range(
                                rootMeanSquare: q, degreesOfFreedom: 1 / (1 / $0 + spread * spread / 2))
                        }
                    }
                },
                worstCaseErrorRatio: worst.flatMap { bound in
                    let norm = bound.norm(x, residual: residual) + Self.roundingBound * rounding(fit, x)
                    return unit.flatMap { $0 > 0 && norm.isFinite ? norm / $0 : nil }
                }, residualNorm: residual.norm, solutionNorm: x.norm, reference: nil)
        }

        /// What draws of the errors say of one response.
        private struct PredictedError {
            /// Root mean square of ‖A(x̂ − x)‖.
            let norm: Double
            /// Mean squares of the coefficients' errors.
            let squares: [Double]
            /// What the errors add to Σr²: its mean, and its standard deviation.
            var residualSquare = 0.0
            var residualDeviation = 0.0
            /// Degrees of freedom of the multiple of χ² with mean and variance of ‖A(x̂ − x)‖²; nil where nothing errs.
            var freedom: Double?
        }

        /// nil in full precision and without a factor of full rank.
        private func predictedError(_ fit: Fit, x: [Double], residual: [Double]) -> PredictedError? {
            guard let codes else { return nil }
            var squares = [Double](repeating: 0, count: x.count)
            if codes.isExact { return PredictedError(norm: 0, squares: squares) }
            guard let solve = fit.solveNormal else { return nil }
            let draws = SparseErrorDraws(codes, decoded: matrix)
            var generator = SplitMix64(seed: problem.seed), norms: [Double] = [], added: [Double] = []
            var crossSquare = 0.0
            for _ in 0..<Self.draws {
                var score = [Double](repeating: 0, count: x.count)
                var moved = [Double](repeating: 0, count: matrix.rows)
                draws.forEachEntry(&generator) { p, j, e in
                    score[j] += e * residual[matrix.rowIndices[p]]
                    moved[matrix.rowIndices[p]] += e * x[j]
                }
                // What the errors move beyond the space of the columns is left in the residuals.
                let within = matrix.multiplyTransposed(moved), cross = 2 * residual.dot(moved)
                added.append(max(0, moved.dot(moved) - within.dot(solve(within))))
                crossSquare += cross * cross / Double(Self.draws)
                score.subtract(within, times: 1)
                let delta = solve(score)
                norms.append(max(0, score.dot(delta)))
                for j in delta.indices { squares[j] += delta[j] * delta[j] / Double(Self.draws) }
            }
            let (mean, variance) = Self.moments(norms), (addedMean, addedVariance) = Self.moments(added)
            return PredictedError(
                norm: mean.squareRoot(), squares: squares, residualSquare: addedMean,
                residualDeviation: (addedVariance + crossSquare).squareRoot(),
                freedom: variance > 0 ? 2 * mean * mean / variance : nil)
        }

        private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
            let mean = values.reduce(0, +) / Double(values.count)
            return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        }

        /// Σr² without what the errors of the codes put into it; nil where it is less than they could make up.
        private func residualSquare(
            _ residual: [Double], _ error: PredictedError?
        ) -> (square: Double, relativeDeviation: Double)? {
            let square = residual.dot(residual)
            guard let error, error.residualSquare > 0 else { return (square, 0) }
            let rest = square - error.residualSquare
            guard rest > ResidualNoise.significance * error.residualDeviation else { return nil }
            return (rest, error.residualDeviation / rest)
        }
    }
#endif
