import Foundation
import QuantizedKernels

/// What a store keeps of the discrepancies of balanced codes: three means per column, from which the variance of each
/// cross product's error is predicted.
///
/// The discrepancies themselves are not kept, and the means only as powers of two: enough to predict an error to a
/// fifth, too coarse to undo it. Units: the discrepancy of columns j and k, each standardized.
public struct DiscrepancyShare: Sendable, Equatable {
    /// Mean of D_jk² over predictors k that are represented exactly. 0 if this column is exact.
    public let towardExact: Double
    /// Predictors: the share a_j in D_jk² ≈ a_j + a_k over inexact predictors k. Responses: the mean of D_jk² over
    /// inexact predictors k.
    public let towardInexact: Double
    /// For an exact predictor: the mean of D_jk² over inexact predictors j, this column being k. Otherwise 0.
    public let fromInexact: Double

    private init(coarse towardExact: Double, _ towardInexact: Double, _ fromInexact: Double) {
        // Stores keep single precision; what is beyond, or lost all sense on the way (rows 10¹⁰ deviations out that joined a
        // store), is as large as can be.
        func coarse(_ value: Double) -> Double {
            value <= 0 ? 0 : value < 0x1p127 ? exp2(log2(value).rounded()) : 0x1p127
        }
        self.init(
            towardExact: coarse(towardExact), towardInexact: coarse(towardInexact), fromInexact: coarse(fromInexact))
    }

    /// Shares of discrepancies whose squares are those of this one's times a factor.
    func scaled(by factor: Double) -> DiscrepancyShare {
        DiscrepancyShare(
            towardExact: factor * towardExact, towardInexact: factor * towardInexact, fromInexact: factor * fromInexact)
    }

    /// From its parts.
    init(towardExact: Double, towardInexact: Double, fromInexact: Double) {
        self.towardExact = towardExact
        self.towardInexact = towardInexact
        self.fromInexact = fromInexact
    }

    /// The shares of all columns after encoding. Cost: p².
    static func fit(_ balance: BalancedRounding, exact: [Bool], predictors: Int) -> [DiscrepancyShare] {
        fit(exact: exact, predictors: predictors) { j, k in
            let d = Double(balance.discrepancy(j, partner: k + 1))
            return d * d
        }
    }

    /// The shares that describe the (expected) squares of the discrepancies of pairs of columns. Cost: p² squares.
    static func fit(exact: [Bool], predictors n: Int, square: (Int, Int) -> Double) -> [DiscrepancyShare] {
        let exactOnes = (0..<n).filter { exact[$0] }, inexactOnes = (0..<n).filter { !exact[$0] }
        func mean(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }
        let additive = additiveShares(inexactOnes, square: square)
        return exact.indices.map { j in
            let isResponse = j >= n
            if exact[j] && !isResponse {
                return DiscrepancyShare(coarse: 0, 0, mean(inexactOnes.map { square($0, j) }))
            }
            return DiscrepancyShare(
                coarse: mean(exactOnes.map { square(j, $0) }),
                isResponse ? mean(inexactOnes.map { square(j, $0) }) : additive[j] ?? 0, 0)
        }
    }

    /// a_j of D_jk² ≈ a_j + a_k by least squares over all pairs of the columns given, in closed form, kept above a
    /// tenth of the row's mean.
    private static func additiveShares(_ columns: [Int], square: (Int, Int) -> Double) -> [Int: Double] {
        let count = columns.count
        guard count > 1 else { return [:] }
        let sums = columns.map { j in columns.reduce(0) { $1 == j ? $0 : $0 + square(j, $1) } }
        let total = sums.reduce(0, +) / Double(2 * (count - 1))
        var result: [Int: Double] = [:]
        for (j, sum) in zip(columns, sums) {
            let own = count > 2 ? (sum - total) / Double(count - 2) : sum / 2
            result[j] = max(own, 0.1 * sum / Double(count - 1))
        }
        return result
    }
}

/// The variance of the discrepancy of any pair of columns, in standardized units, from the shares of the columns.
public struct DiscrepancyModel: Sendable {
    private let shares: [DiscrepancyShare]
    private let exact: [Bool]
    private let predictors: Int
    private let meanTowardExact: Double

    /// A model of balanced columns, predictors first.
    public init(_ columns: [QuantizedColumn], predictors: Int) {
        let none = DiscrepancyShare(towardExact: 0, towardInexact: 0, fromInexact: 0)
        shares = columns.map { $0.discrepancy ?? none }
        exact = columns.map(\.isExact)
        self.predictors = predictors
        let rows = (0..<predictors).filter { !columns[$0].isExact }.map { columns[$0].discrepancy?.towardExact ?? 0 }
        meanTowardExact = rows.isEmpty ? 0 : rows.reduce(0, +) / Double(rows.count)
    }

    /// Var D_jk for j ≠ k. Two inexact predictors: a_j + a_k. An inexact and an exact one: the mean of the row times
    /// that of the column over the overall mean. A response and a predictor: the response's mean for that kind. Two
    /// responses: the largest of their means.
    public func variance(_ j: Int, _ k: Int) -> Double {
        let (first, second) = j < k ? (j, k) : (k, j)
        if first >= predictors {
            let both = [shares[first], shares[second]]
            return both.reduce(0) { max($0, $1.towardExact, $1.towardInexact) }
        }
        if second >= predictors {
            return exact[first] ? shares[second].towardExact : shares[second].towardInexact
        }
        switch (exact[first], exact[second]) {
        case (true, true): return 0
        case (false, false): return shares[first].towardInexact + shares[second].towardInexact
        case (false, true): return mixed(first, second)
        case (true, false): return mixed(second, first)
        }
    }

    private func mixed(_ inexact: Int, _ exact: Int) -> Double {
        meanTowardExact > 0 ? shares[inexact].towardExact * shares[exact].fromInexact / meanTowardExact : 0
    }
}
