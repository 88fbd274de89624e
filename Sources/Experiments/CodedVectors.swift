import Factorizations
import Matrices

/// Vectors coded by a `VectorCode`, with the moments of their errors that are kept beside the codes.
///
/// From these alone, without the vectors, `ProductErrorPrediction` says how far products of two such sets are off.
public struct CodedVectors: Sendable {
    /// The code.
    public let code: VectorCode
    /// m, the number of vectors.
    public let count: Int
    /// The codes of the coordinates, column after column, m·c of them.
    public let codes: [UInt16]
    /// What is kept of the errors.
    public let errorMoments: ErrorMoments

    /// The levels ẑ, m × c.
    public var levels: DenseMatrix {
        entries { code.tables[$0].levels }
    }

    /// The vectors x̂ that the codes stand for, m × n. Cost: m·n·c with a synthesis matrix.
    public var decoded: DenseMatrix { code.decode(levels) }

    /// E[f | codes], m × c, with f the errors of the rounded coordinates.
    var expectedErrors: DenseMatrix {
        entries { errorMoments.expectedErrors(of: code.tables[$0], at: $0) }
    }

    /// Var[f | codes], m × c.
    var errorVariances: DenseMatrix {
        entries { errorMoments.variances(of: code.tables[$0], at: $0) }
    }

    /// An m × c matrix from a list per coordinate that is indexed by codes.
    private func entries(_ list: (Int) -> [Double]) -> DenseMatrix {
        var result = DenseMatrix(rows: count, columns: code.tables.count)
        for t in 0..<code.tables.count {
            let values = list(t)
            for place in (t * count)..<((t + 1) * count) { result.elements[place] = values[Int(codes[place])] }
        }
        return result
    }
}

extension VectorCode {
    /// Codes vectors and keeps the moments of their errors.
    ///
    /// - Parameter vectors: m × n, one a row.
    /// - Throws: `shape` for vectors of another length, none, or numbers that are not finite.
    /// - Complexity: 2·m·n·c and m·c searches.
    public func encode(_ vectors: DenseMatrix) throws(ExperimentError) -> CodedVectors {
        guard vectors.columns == offset.count else {
            throw .shape("The vectors have \(vectors.columns) numbers, the code is for \(offset.count).")
        }
        guard vectors.rows > 0 else { throw .shape("There is no vector to code.") }
        guard vectors.elements.allSatisfy(\.isFinite) else { throw .shape("A vector has a number that is not finite.") }
        let (targets, codes, levels) = quantizeCoordinates(coordinates(of: vectors))
        return CodedVectors(
            code: self, count: vectors.rows, codes: codes,
            errorMoments: ErrorMoments(targets: targets, codes: codes, levels: levels, tables: tables))
    }

    /// L, c × n, with x − x̂ = f·L for the errors f of the rounded targets: the synthesis S without feedback, R^{−T}·S
    /// with it; nil for the identity. Cost: n·c²/2 with feedback.
    var errorSynthesis: DenseMatrix? {
        guard let feedback else { return synthesis }
        // Rᵀ·L = S by forward substitution; R is unit upper triangular.
        var result = synthesis ?? .identity(tables.count)
        let c = result.rows
        for column in 0..<result.columns {
            for i in 0..<c {
                var sum = result[i, column]
                for j in 0..<i { sum -= feedback[j, i] * result[j, column] }
                result[i, column] = sum
            }
        }
        return result
    }
}
