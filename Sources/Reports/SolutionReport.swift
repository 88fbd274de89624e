import LeastSquares

/// A solution as a person reads it: the verdict first, then a table per response in the manner of statistics programs.
public struct SolutionReport {
    private let solution: Solution
    private let source: String
    private let confidence: Double
    private let explain: Bool

    /// A report on a solution; `source` names the data, `explain` adds what solved it and why.
    public init(_ solution: Solution, source: String, confidence: Double, explain: Bool = false) {
        self.explain = explain
        self.solution = solution
        self.source = source
        self.confidence = confidence
    }

    /// Plain text.
    public func text() -> String {
        var lines = head()
        for response in solution.responses {
            lines += ["", "Response \(response.name)", ""]
            lines += table(response).text().map { "  " + $0 }
            lines += [""] + summary(response).map { "  " + $0 }
        }
        if explain { lines += ["", "Solver"] + solution.explanation.map { "  " + $0 } }
        if !solution.warnings.isEmpty { lines += ["", "Warnings"] + solution.warnings.map { "  " + $0 } }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Markdown.
    public func markdown() -> String {
        let lines = head()
        var result = ["# \(lines[0])", ""] + lines.dropFirst().map { "- " + $0 }
        for response in solution.responses {
            result += ["", "## Response \(response.name)", ""] + table(response).markdown() + [""]
            result += summary(response).map { "- " + $0 }
        }
        if explain { result += ["", "## Solver", ""] + solution.explanation.map { "- " + $0 } }
        if !solution.warnings.isEmpty { result += ["", "## Warnings", ""] + solution.warnings.map { "- " + $0 } }
        return result.joined(separator: "\n") + "\n"
    }

    // MARK: Parts

    private var isQuantized: Bool { solution.bits != nil }

    private func head() -> [String] {
        let title =
            solution.bits.map { "Least squares on \($0)-bit codes: \(source)" }
            ?? "Least squares in full precision: \(source)"
        let freedom = Double(solution.observations - solution.rank)
        let left = solution.responses.first?.residualDegreesOfFreedom ?? max(0, freedom)
        var lines = [
            title,
            "\(NumberFormat.count(solution.observations)) observations, \(solution.predictors) predictors"
                + (solution.intercept ? " and an intercept" : ", no intercept")
                + ", rank \(solution.rank), \(left == left.rounded() ? NumberFormat.count(Int(left)) : NumberFormat.general(left)) residual degrees of freedom",
        ]
        if solution.standardErrors != .classical {
            lines.append(
                "standard errors \(solution.standardErrors.rawValue.uppercased()), consistent where residual variances "
                    + "differ")
        }
        if let weighting = solution.weighting { lines.append(Self.words(weighting)) }
        if let sparse = solution.sparse {
            lines.append(Self.words(sparse, rows: solution.observations, columns: solution.predictors))
        }
        if !solution.droppedColumns.isEmpty {
            lines.append(
                "dropped: " + solution.droppedColumns.map { "\($0.name) (\($0.reason))" }.joined(separator: "; "))
        }
        let iterations =
            solution.iteration.map { " (\(NumberFormat.count($0.iterations)) iterations: \($0.reason))" } ?? ""
        let method = solution.methodTitle + iterations
        guard isQuantized else {
            return lines + [
                "\(method); condition number of the scaled columns \(NumberFormat.general(solution.conditionNumber, digits: 3))"
            ]
        }
        lines.append(
            "quantizer \(solution.quantizer?.rawValue ?? "none"), response "
                + (solution.responseBits.map { "\($0) bits" } ?? "in full precision")
                + ", transform \(solution.transform?.rawValue ?? "none")")
        lines.append(
            "\(method), bias correction \(solution.biasCorrection?.rawValue ?? "none"), condition number of the "
                + "scaled columns \(NumberFormat.general(solution.conditionNumber, digits: 3))")
        if let refinement = solution.refinement {
            lines.append(
                "refined on the original rows in \(refinement.passes) passes over them; what is left is "
                    + "\(NumberFormat.general(refinement.errorRatio, digits: 2)) of the sampling error")
        }
        if let redraws = solution.redraws {
            let ratios = zip(solution.responses, redraws.errorRatios).map { response, ratio in
                (solution.responses.count > 1 ? response.name + " " : "") + NumberFormat.general(ratio, digits: 3)
            }
            lines.append(
                "quantized \(redraws.count) times more: solutions scatter by \(ratios.joined(separator: ", ")) of the "
                    + "sampling error about their mean")
        }
        let ratio = Double(solution.fullPrecisionBytes) / Double(max(1, solution.bytes))
        lines.append(
            "\(NumberFormat.count(solution.bytes)) bytes with all side data; in double precision "
                + "\(NumberFormat.count(solution.fullPrecisionBytes)), \(NumberFormat.general(ratio, digits: 3)) times as many"
        )
        return lines
    }

    private func table(_ response: ResponseSolution) -> AlignedTable {
        var header = ["", "estimate", "std. error", "t", "P(>|t|)"]
        if isQuantized {
            let percent = NumberFormat.general(confidence * 100, digits: 4)
            header += ["quant. sd", "quant. bias", "\(percent)% for full precision"]
        }
        if response.reference != nil { header += ["full precision"] }
        var table = AlignedTable(header: header)
        for (place, c) in response.coefficients.enumerated() where place < Self.shownCoefficients {
            var row = [
                c.name, NumberFormat.general(c.estimate), NumberFormat.general(c.standardError, digits: 4),
                NumberFormat.general(c.tStatistic, digits: 4), NumberFormat.probability(c.pValue),
            ]
            if isQuantized {
                row += [
                    NumberFormat.general(c.quantizationStandardDeviation, digits: 3),
                    NumberFormat.general(c.quantizationBias, digits: 3),
                    c.quantizationInterval.map {
                        "[\(NumberFormat.general($0.lowerBound)), \(NumberFormat.general($0.upperBound))]"
                    } ?? "–",
                ]
            }
            if let reference = response.reference {
                row += [NumberFormat.general(reference.coefficients[place].estimate)]
            }
            table.rows.append(row)
        }
        return table
    }

    /// Coefficients that are printed at most; JSON has all.
    private static let shownCoefficients = 200

    private func summary(_ response: ResponseSolution) -> [String] {
        let hidden = response.coefficients.count - Self.shownCoefficients
        let rest = hidden > 0 ? ["\(NumberFormat.count(hidden)) more coefficients; --format json has them"] : []
        let norms = response.residualNorm.map {
            ["‖b − Ax‖ \(NumberFormat.general($0)), ‖x‖ \(NumberFormat.general(response.solutionNorm))"]
        }
        var lines =
            rest + (response.account.map(Self.words) ?? []) + (norms ?? []) + [
                "residual standard deviation \(NumberFormat.general(response.residualStandardDeviation)), "
                    + "R² \(NumberFormat.general(response.rSquared)), "
                    + "adjusted \(NumberFormat.general(response.adjustedRSquared)), "
                    + "F \(NumberFormat.general(response.fStatistic, digits: 5)) "
                    + "(P \(NumberFormat.probability(response.fPValue)))"
            ]
        if isQuantized, solution.refinement == nil {
            lines.append(
                "quantization moved the fit by \(NumberFormat.general(response.predictedErrorRatio, digits: 3)) of the "
                    + "sampling error (predicted from codes alone"
                    + (response.predictedErrorRatioInterval.map { range in
                        ", 90% between \(NumberFormat.general(range.lowerBound, digits: 2)) and "
                            + NumberFormat.general(range.upperBound, digits: 2)
                    } ?? "")
                    + (solution.chosenFrom != nil
                        ? ")"
                        : "; in the worst case "
                            + (response.worstCaseErrorRatio.map { NumberFormat.general($0, digits: 3) } ?? "unbounded")
                            + ")"))
        }
        if explain, let backward = response.backwardErrorRatio {
            lines.append(
                "backward error \(NumberFormat.general(backward, digits: 3)) of what quantization changed: the solution is "
                    + (backward <= 1 ? "" : "not ") + "consistent with the codes")
        }
        if let reference = response.reference {
            lines.append(
                "measured against full precision: \(NumberFormat.general(reference.errorRatio, digits: 3)) of the "
                    + "sampling error; coefficients off by "
                    + "\(NumberFormat.general(reference.coefficientErrorInStandardErrors, digits: 3)) standard errors (rms)"
            )
        }
        return lines
    }
}
