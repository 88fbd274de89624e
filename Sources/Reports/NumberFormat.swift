import Foundation

/// Numbers as tables show them.
enum NumberFormat {
    /// Six significant digits; "–" where there is no number.
    static func general(_ value: Double?, digits: Int = 6) -> String {
        guard let value, value.isFinite else { return "–" }
        return String(format: "%.\(digits)g", value)
    }

    /// A tail probability, "<2e-16" below that.
    static func probability(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        return value < 2e-16 ? "<2e-16" : String(format: "%.3g", value)
    }

    /// A whole number with thin groups of three.
    static func count(_ value: Int) -> String {
        var digits = Array(String(abs(value)))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }
}

/// Rows of cells set in columns: text padded to the widest cell, numbers to the right.
struct AlignedTable {
    let header: [String]
    var rows: [[String]] = []

    /// Plain text, two spaces between columns; the first column is set to the left.
    func text() -> [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + padding : padding + row[column]
            }.joined(separator: "  ")
        }
    }

    /// A Markdown table.
    func markdown() -> [String] {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        let rule = "|" + header.indices.map { $0 == 0 ? "---|" : "---:|" }.joined()
        return [line(header), rule] + rows.map(line)
    }
}
