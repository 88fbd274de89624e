import ArgumentParser

/// Which columns of a table are responses and which predictors.
struct ColumnChoice {
    let predictors: [String]
    let responses: [String]

    /// Resolves names or 1-based numbers against the table's columns.
    init(names: [String], responses: [String], predictors: [String], excluded: [String]) throws {
        let chosen = try responses.map { try Self.resolve($0, names) }
        let out = Set(try excluded.map { try Self.resolve($0, names) })
        let listed = try predictors.map { try Self.resolve($0, names) }
        for name in Set(listed).intersection(chosen) {
            throw ValidationError("\(name) cannot be both response and predictor.")
        }
        guard Set(chosen).count == chosen.count else { throw ValidationError("A response is named twice.") }
        guard Set(listed).count == listed.count else { throw ValidationError("A predictor is named twice.") }
        self.responses = chosen
        self.predictors = (listed.isEmpty ? names : listed).filter { !chosen.contains($0) && !out.contains($0) }
    }

    private static func resolve(_ wanted: String, _ names: [String]) throws -> String {
        if names.contains(wanted) { return wanted }
        if let number = Int(wanted), names.indices.contains(number - 1) { return names[number - 1] }
        let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", … (\(names.count) columns)" : "")
        throw ValidationError("There is no column \"\(wanted)\"; the table has \(shown).")
    }
}

/// The parts of a comma-separated list, trimmed, without empty ones.
func listed(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init)
        .filter { !$0.isEmpty }
}
