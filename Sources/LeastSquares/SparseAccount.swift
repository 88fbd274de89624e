/// What a solution of sparse data says of its matrix.
public struct SparseAccount: Sendable, Equatable {
    /// The number of stored entries.
    public let storedEntries: Int
    /// Bytes of the pattern (8 an entry and 8 a column in full precision).
    public let patternBytes: Int
    /// Bytes of the entries: codes with all that decoding them takes (8 an entry in full precision).
    public let entryBytes: Int
    /// The share of a column's norm at or below which what was left of it counted as zero; nil where no rank was found.
    public let rankTolerance: Double?
    /// Whether of all coefficients that fit equally well these have the least norm; nil where that is not known.
    public let hasLeastNorm: Bool?
}
