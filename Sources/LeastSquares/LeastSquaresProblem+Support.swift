extension LeastSquaresProblem {
    /// Where the rows of a problem come from.
    enum Source {
        case table, codes, sums
    }

    /// Throws `unsupported` for choices that cannot be had together. `Documentation/solver-choice.md` has the table.
    func checkSupport(_ source: Source, reduced: Bool) throws(RegressionError) {
        let codes = if case .quantized = precision { source != .sums } else { source == .codes }
        if reduced || source == .sums {
            // The rows are reduced once to a factor, in one way.
            let own: SolverMethod? = source == .sums ? nil : codes ? .normal : .qr
            guard method == .automatic || method == own else {
                throw .unsupported(
                    "The method \(method.rawValue) is for ordinary problems on rows. Sums of rows, weights, penalties, "
                        + "constraints, bounds and columns chosen after quantization are solved from one factor: "
                        + (own.map { "choose auto or \($0.rawValue)." } ?? "choose auto."))
            }
        }
        guard standardErrors == .classical || !(reduced || source == .sums) else {
            throw .unsupported(
                "Standard errors \(standardErrors.rawValue) are made of the rows of an ordinary problem: no weights, "
                    + "penalties, constraints or bounds, and all columns of a store.")
        }
        try checkRedraws(source, reduced: reduced)
        guard refines else { return }
        if source != .table {
            throw .unsupported(
                "Refinement needs the original rows; codes alone determine only the solution of the quantized problem.")
        }
        if reduced {
            throw .unsupported(
                "Refinement is for ordinary problems, without weights, penalties, constraints or bounds.")
        }
        if !codes { throw .unsupported("Refinement is for codes; a solution in full precision needs none.") }
        if method == .svd {
            throw .unsupported("Refinement is for solutions with all columns, not for those of least norm (svd).")
        }
    }

    private func checkRedraws(_ source: Source, reduced: Bool) throws(RegressionError) {
        guard redraws > 0 else { return }
        guard source == .table, !reduced, case .quantized(let options) = precision else {
            throw .unsupported(
                "Redraws quantize the original rows of an ordinary problem again: not a store, not in full precision, no "
                    + "weights, penalties, constraints or bounds.")
        }
        guard options.quantizer.rounding != .nearest else {
            throw .unsupported("Redraws are for random codes; nearest ones are the same each time.")
        }
        if refines { throw .unsupported("A refined solution does not depend on the codes: redraws show nothing.") }
    }
}
