import LeastSquares

/// The matrix of a sparse problem, under the key `sparse`.
struct SparseJSON: Encodable {
    let storedEntries, patternBytes, entryBytes: Int
    let rankTolerance: Double?
    let leastNorm: Bool?

    init(_ account: SparseAccount) {
        storedEntries = account.storedEntries
        patternBytes = account.patternBytes
        entryBytes = account.entryBytes
        rankTolerance = account.rankTolerance
        leastNorm = account.hasLeastNorm
    }
}

extension Solution {
    /// The method as the report names it: sparse data have libraries of their own.
    var methodTitle: String {
        guard sparse != nil else { return method.title }
        return switch method {
        case .qr: "sparse Householder QR (SPQR)"
        case .normal: "normal equations, sparse Cholesky (CHOLMOD)"
        default: method.title
        }
    }
}

extension SolutionReport {
    /// The matrix of a sparse problem, in words.
    static func words(_ account: SparseAccount, rows: Int, columns: Int) -> String {
        let share = Double(account.storedEntries) / (Double(rows) * Double(columns))
        let tolerance =
            account.rankTolerance.map {
                "; a column counts as dependent with at most \(NumberFormat.general($0, digits: 2)) of its norm left"
            } ?? ""
        return "\(NumberFormat.count(account.storedEntries)) stored entries "
            + "(\(NumberFormat.general(100 * share, digits: 3))%), "
            + "\(NumberFormat.count(account.patternBytes)) bytes of pattern and "
            + "\(NumberFormat.count(account.entryBytes)) of entries" + tolerance
    }
}
