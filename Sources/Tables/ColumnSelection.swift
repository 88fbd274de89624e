/// Which columns of a file are read, and in which order.
struct ColumnSelection {
    /// All columns of the file.
    let available: [String]
    /// For each selected column its index in the file.
    private(set) var fields: [Int]
    private let file: String

    /// The most columns a table may have.
    static let maximumColumns = 1 << 20

    /// Selects all columns. Throws for a name that occurs twice, and for too many columns.
    init(file: String, available: [String]) throws(TableError) {
        if available.count > Self.maximumColumns {
            throw TableError(
                file: file, reason: .tooManyColumns(found: available.count, limit: Self.maximumColumns))
        }
        var seen: [String: Int] = [:]
        for (index, name) in available.enumerated() {
            if let first = seen.updateValue(index, forKey: name) {
                throw TableError(
                    file: file, reason: .duplicateColumn(name: name, first: first + 1, second: index + 1))
            }
        }
        self.file = file
        self.available = available
        fields = Array(available.indices)
    }

    /// The selected names.
    var names: [String] { fields.map { available[$0] } }

    /// Whether all columns are selected, in the file's order.
    var isWhole: Bool { fields.elementsEqual(available.indices) }

    /// For each column of the file its place in the selection, or −1.
    var destinations: [Int64] {
        var result = [Int64](repeating: -1, count: available.count)
        for (place, field) in fields.enumerated() { result[field] = Int64(place) }
        return result
    }

    /// Selects these columns, in this order.
    mutating func select(_ names: [String]) throws(TableError) {
        if names.isEmpty { throw TableError(file: file, reason: .emptySelection) }
        let index = Dictionary(uniqueKeysWithValues: zip(available, available.indices))
        var selected: [Int] = []
        var seen: Set<Int> = []
        for name in names {
            guard let field = index[name] else {
                let suggestions = nearestNames(to: name, among: available)
                throw TableError(
                    file: file,
                    reason: .unknownColumn(name: name, suggestions: suggestions, available: available))
            }
            if !seen.insert(field).inserted { throw TableError(file: file, reason: .duplicateSelection(name: name)) }
            selected.append(field)
        }
        fields = selected
    }
}

/// At most three of `candidates` within an edit distance of a third of the name's length (at least 2, and less than
/// the whole name), nearest first; letter case is ignored.
func nearestNames(to name: String, among candidates: [String]) -> [String] {
    let wanted = Array(name.lowercased())
    let limit = min(max(2, wanted.count / 3), max(wanted.count - 1, 0))
    let ranked = candidates.enumerated().compactMap { index, candidate in
        let letters = Array(candidate.lowercased())
        guard abs(letters.count - wanted.count) <= limit else { return nil as (distance: Int, index: Int)? }
        let distance = editDistance(wanted, letters)
        return distance <= limit ? (distance, index) : nil
    }
    return ranked.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(3).map { candidates[$0.index] }
}

/// The Levenshtein distance: the fewest insertions, deletions and substitutions that turn `a` into `b`.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var previous = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var current = [i + 1]
        for (j, other) in b.enumerated() {
            current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (letter == other ? 0 : 1)))
        }
        previous = current
    }
    return previous[b.count]
}
