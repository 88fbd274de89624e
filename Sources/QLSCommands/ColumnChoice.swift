import ArgumentParser
import QuantizedLeastSquares

/// Which columns of a table are responses and which predictors.
struct ColumnChoice {
    let predictors: [String]
    let responses: [String]
    let weights: String?
    /// Whether the predictors are all columns that are not chosen otherwise.
    let isDefault: Bool

    /// Resolves names or 1-based numbers against the table's columns. Throws the source's `TableError` for a column
    /// that is not there, `ValidationError` for a choice that contradicts itself.
    init(source: any TableSource, responses: [String], predictors: [String], excluded: [String], weights: String? = nil)
        throws
    {
        let names = source.columnNames
        let chosen = try responses.map { try Self.resolve($0, source) }
        let out = Set(try excluded.map { try Self.resolve($0, source) })
        let listed = try predictors.map { try Self.resolve($0, source) }
        for name in Set(listed).intersection(chosen) {
            throw ValidationError("\(name) cannot be both response and predictor.")
        }
        for name in out.intersection(chosen + listed) {
            throw ValidationError("\(name) cannot be both chosen and excluded.")
        }
        guard Set(chosen).count == chosen.count else { throw ValidationError("A response is named twice.") }
        guard Set(listed).count == listed.count else { throw ValidationError("A predictor is named twice.") }
        let weight = try weights.map { try Self.resolve($0, source) }
        if let weight, chosen.contains(weight) || listed.contains(weight) {
            throw ValidationError(
                "\(weight) cannot be both weight and \(chosen.contains(weight) ? "response" : "predictor").")
        }
        self.responses = chosen
        self.weights = weight
        isDefault = listed.isEmpty
        self.predictors = (listed.isEmpty ? names : listed).filter {
            !chosen.contains($0) && !out.contains($0) && $0 != weight
        }
    }

    private static func resolve(_ wanted: String, _ source: any TableSource) throws -> String {
        let names = source.columnNames
        if names.contains(wanted) { return wanted }
        if let number = Int(wanted), names.indices.contains(number - 1) { return names[number - 1] }
        try source.select(columns: [wanted])  // throws, and names the file and similar columns
        return wanted
    }
}

/// The parts of a comma-separated list, trimmed, without empty ones.
func listed(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map { part in
        let tail = part.drop(while: \.isWhitespace)
        return tail.lastIndex { !$0.isWhitespace }.map { String(tail[...$0]) } ?? ""
    }.filter { !$0.isEmpty }
}
