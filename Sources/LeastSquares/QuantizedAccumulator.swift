import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// A regression on balanced codes that stores join and leave again, for instance the last thirty days, and that can be
/// asked for the solution at any time.
///
/// Of each store it keeps the integer Gram matrix of the codes and what is known of the columns, not the codes. Integer
/// Gram matrices add and subtract exactly, and all else is put together from the stores that are in, in an order that does
/// not depend on how they came: the state, and every bit of a solution, is that of the stores that are in, whatever was
/// added and removed in between. Memory: p² numbers a store. A solution takes no look at rows: p² operations a store, and p³.
///
/// (`RegressionAccumulator` does the same in full precision, row by row.)
public struct QuantizedAccumulator: Sendable, Equatable {
    private let template: QuantizedRegression
    /// The stores that are in, in the order of their sums.
    private var members: [Member] = []
    /// The sum of the members' Gram matrices.
    private var gram: IntegerGram?

    /// A store without its codes.
    private struct Member: Sendable, Equatable {
        let gram: IntegerGram
        let data: QuantizedRegression

        static func == (a: Member, b: Member) -> Bool {
            a.gram == b.gram && a.data.description == b.data.description
                && a.data.matrix.columns == b.data.matrix.columns
        }

        /// What members are ordered by.
        var key: [Double] {
            [Double(gram.rows)]
                + data.matrix.columns.flatMap { [$0.moments.shiftedSum, $0.moments.shiftedSumOfSquares] }
        }
    }

    /// No rows yet; stores with the codebooks and the transform of this one can join (`qls quantize --like`,
    /// `QuantizedRegression.quantizing(_:like:)`), itself included.
    ///
    /// - Throws: `unsupported` for codes that are not balanced, whose errors are predicted from single rows; for weighted
    ///   rows and rows that were chosen.
    public init(like store: QuantizedRegression) throws(RegressionError) {
        guard store.matrix.columns.allSatisfy({ $0.rounding == .balanced }) else {
            throw .unsupported(
                "Only balanced codes are accumulated: the errors of others are predicted from the codes of single rows, "
                    + "which are not kept. Merge such stores instead.")
        }
        if let difference = store.difference(from: store) {
            throw .incompatible("This store cannot be accumulated: \(difference).")
        }
        template = store.withoutCodes
    }

    /// The number of rows in.
    public var rows: Int { gram?.rows ?? 0 }

    /// The number of stores in.
    public var stores: Int { members.count }

    /// Two accumulators are equal if the same stores are in, and could join both.
    public static func == (a: QuantizedAccumulator, b: QuantizedAccumulator) -> Bool {
        a.gram == b.gram && a.members == b.members && a.template.difference(from: b.template) == nil
    }

    // MARK: Stores

    /// Adds a store's rows; the same store may be added more than once. Cost: one pass over its codes, see
    /// `QuantizedMatrix.integerGram`.
    ///
    /// - Throws: `incompatible` for a store with other columns, codebooks or another transform.
    public mutating func append(
        _ store: QuantizedRegression, threads: Int = 1, kernels: Kernels = .best
    ) throws(RegressionError) {
        if let difference = template.difference(from: store) { throw .incompatible(difference) }
        let member = Member(
            gram: store.matrix.integerGram(threads: threads, kernels: kernels), data: store.withoutCodes)
        members.insert(member, at: members.firstIndex { member.key.lexicographicallyPrecedes($0.key) } ?? members.count)
        if gram == nil { gram = member.gram } else { gram!.merge(member.gram) }
    }

    /// Quantizes the rows of a table like the others and adds them.
    ///
    /// - Returns: their store, with which they can be removed again.
    /// - Throws: as `QuantizedRegression.quantizing(_:like:)`.
    public mutating func append(
        _ table: RegressionTable, threads: Int = 1, kernels: Kernels = .best
    ) throws(RegressionError) -> QuantizedRegression {
        let store = try QuantizedRegression.quantizing(table, like: template, threads: threads, kernels: kernels)
            .regression
        try append(store, threads: threads, kernels: kernels)
        return store
    }

    /// Takes a store's rows away again. What is left is, to the last bit, as if they had never come. Cost: as `append`.
    ///
    /// - Throws: `invalidProblem` for a store that is not in.
    public mutating func remove(
        _ store: QuantizedRegression, threads: Int = 1, kernels: Kernels = .best
    ) throws(RegressionError) {
        let rows = store.matrix.rows
        var place: Int?
        if members.contains(where: { $0.gram.rows == rows }), template.difference(from: store) == nil {
            let member = Member(
                gram: store.matrix.integerGram(threads: threads, kernels: kernels), data: store.withoutCodes)
            place = members.firstIndex(of: member)
        }
        guard let place else {
            throw .invalidProblem(
                "A store of \(rows) rows cannot be removed: it is none of the \(members.count) that are in.")
        }
        let member = members.remove(at: place)
        gram!.subtract(member.gram)
        if members.isEmpty { gram = nil }
    }

    // MARK: Solutions

    /// The solution for the rows that are in, of the kind and the columns that `problem` says.
    ///
    /// - Throws: `tooFewRows` without a row, `unsupported` for what needs single rows, and what the kind of problem throws.
    public func solve(_ problem: LeastSquaresProblem = LeastSquaresProblem()) throws(RegressionError) -> Solution {
        try compressed(kernels: problem.kernels).solve(problem)
    }

    /// The rows that are in, compressed: every subset of the columns, penalty, constraint and bound can be solved from it.
    public func compressed(kernels: Kernels = .best) throws(RegressionError) -> CompressedRegression {
        guard let gram, let first = members.first else { throw .tooFewRows(rows: 0, needed: 1) }
        let matrix = QuantizedMatrix.joiningSums(
            members.map(\.data.matrix), predictors: template.predictors, centered: template.intercept)
        let data = QuantizedRegression(
            matrix: matrix, description: first.data.description.joining(members.dropFirst().map(\.data.description)))
        return try CompressedRegression(data, equations: NormalEquations(data, integers: gram), kernels: kernels)
    }
}

extension QuantizedRegression {
    /// What is known of the rows, without their codes.
    fileprivate var withoutCodes: QuantizedRegression {
        QuantizedRegression(
            matrix: QuantizedMatrix.joiningSums([matrix], predictors: predictors, centered: intercept),
            description: description)
    }
}
