#include "number_parsing.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

namespace {

using std::string_view;

bool is_blank(char byte, char separator) { return (byte == ' ' || byte == '\t') && byte != separator; }
bool is_digit(char byte) { return static_cast<unsigned char>(byte - '0') <= 9; }

string_view trimmed(string_view text, char separator) {
    while (!text.empty() && is_blank(text.front(), separator)) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back(), separator)) text.remove_suffix(1);
    return text;
}

/// `lower` is lower case; only ASCII letters are folded.
bool equals_ignoring_case(string_view text, string_view lower) {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char folded = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
        if (folded != lower[i]) return false;
    }
    return true;
}

/// The end of the field at p; *open_quote is set to a quote that is not closed before `end`.
const char *field_end(const char *p, const char *end, char separator, const char **open_quote) {
    while (p < end && is_blank(*p, separator)) ++p;
    if (p < end && *p == '"') {
        const char *const opening = p++;
        for (;;) {
            p = p < end ? static_cast<const char *>(std::memchr(p, '"', static_cast<size_t>(end - p))) : nullptr;
            if (p == nullptr) {
                *open_quote = opening;
                return end;
            }
            if (++p == end || *p != '"') break;
            ++p;
        }
    }
    while (p < end && *p != separator && *p != '\n') ++p;
    return p;
}

/// Whether a valid decimal number whose value is out of range is too large (rather than too small): the place of its
/// first significant digit plus its exponent decides, since the range of doubles reaches far to both sides of 1.
bool is_too_large(string_view number) {
    long place = 0;
    bool point = false, significant = false;
    size_t i = 0;
    for (; i < number.size() && (is_digit(number[i]) || number[i] == '.' || number[i] == '-'); ++i) {
        if (number[i] == '.') point = true;
        if (!is_digit(number[i])) continue;
        significant = significant || number[i] != '0';
        if (!point && significant) ++place;
        if (point && !significant) --place;
    }
    long exponent = 0;
    const bool negative = i + 1 < number.size() && number[i + 1] == '-';
    for (; i < number.size(); ++i)
        if (is_digit(number[i]) && exponent < (1L << 40)) exponent = exponent * 10 + (number[i] - '0');
    return place + (negative ? -exponent : exponent) > 0;
}

csv_cell parse_number(string_view text, double *value) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    const bool negative = !text.empty() && text[0] == '-';
    const string_view magnitude = text.substr(negative ? 1 : 0);
    if (equals_ignoring_case(magnitude, "nan")) return csv_cell_missing;
    if (equals_ignoring_case(magnitude, "inf") || equals_ignoring_case(magnitude, "infinity"))
        return csv_cell_not_finite;
    if (magnitude.empty() || !(is_digit(magnitude[0]) || magnitude[0] == '.')) return csv_cell_not_number;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
    if (result.ptr != text.data() + text.size() || result.ec == std::errc::invalid_argument)
        return csv_cell_not_number;
    if (result.ec == std::errc::result_out_of_range) {
        if (is_too_large(text)) return csv_cell_not_finite;
        *value = negative ? -0.0 : 0.0;
    }
    return std::isfinite(*value) ? csv_cell_number : csv_cell_not_finite;
}

csv_cell parse_cell(string_view text, char separator, std::string &scratch, double *value) {
    text = trimmed(text, separator);
    if (!text.empty() && text.front() == '"') {
        if (text.size() < 2 || text.back() != '"') return csv_cell_not_number;
        text = trimmed(text.substr(1, text.size() - 2), separator);
    }
    if (text.empty() || equals_ignoring_case(text, "na") || equals_ignoring_case(text, "n/a") ||
        equals_ignoring_case(text, "null"))
        return csv_cell_missing;
    if (separator == ';' && text.find('.') == string_view::npos) {
        const size_t comma = text.find(',');
        if (comma != string_view::npos) {
            scratch.assign(text);
            scratch[comma] = '.';
            text = scratch;
        }
    }
    return parse_number(text, value);
}

/// Reads rows from p to end; holds what one call of csv_scan_rows works on.
struct RowScanner {
    const char *const text;
    const char *const end;
    const csv_layout layout;
    double *const values;
    const size_t capacity;
    csv_scan scan = {};
    std::string scratch;

    void stop(csv_problem problem, size_t field, const char *start, const char *stop) {
        scan.problem = problem;
        scan.field = field;
        scan.offset = static_cast<size_t>(start - text);
        scan.length = static_cast<size_t>(stop - start);
    }

    /// The '\n' of a blank line at p, or null where the line is not blank.
    const char *blank_line_end(const char *p) const {
        while (p < end && is_blank(*p, layout.separator)) ++p;
        if (p < end && *p == '\r') ++p;
        return p < end && *p == '\n' ? p : nullptr;
    }

    /// Stops at a row with another number of fields than the header.
    void stop_at_ragged_row(const char *row) {
        size_t fields = 0;
        const size_t length = csv_first_row_end(row, static_cast<size_t>(end - row), layout.separator, &fields);
        stop(csv_problem_field_count, fields, row, row + length);
    }

    /// Stops at a bad cell, unless its row has the wrong number of fields: then that is the problem to tell.
    void stop_at_cell(csv_cell cell, size_t field, const char *row, const char *start, const char *cell_end) {
        size_t fields = 0;
        csv_first_row_end(row, static_cast<size_t>(end - row), layout.separator, &fields);
        if (fields != layout.field_count) return stop_at_ragged_row(row);
        stop(cell == csv_cell_missing      ? csv_problem_missing
             : cell == csv_cell_not_finite ? csv_problem_not_finite
                                           : csv_problem_not_number,
             field, start, cell_end);
    }

    /// Reads the number that fills the field at p in plain form; null where the field needs the careful way.
    const char *plain_number(const char *p, double *value) const {
        if (p == end || !(is_digit(*p) || *p == '-')) return nullptr;
        const auto result = std::from_chars(p, end, *value);
        const char *const next = result.ptr;
        if (result.ec != std::errc() || next == end || !(std::fabs(*value) <= std::numeric_limits<double>::max()))
            return nullptr;
        if (*next == layout.separator || *next == '\n') return next;
        return *next == '\r' && next + 1 < end && next[1] == '\n' ? next + 1 : nullptr;
    }

    /// Reads the field at p by the careful way, and returns its end, or null after a problem.
    const char *any_number(const char *p, size_t field, const char *row, double *value, bool *missing) {
        const char *open_quote = nullptr;
        const char *const stop_byte = field_end(p, end, layout.separator, &open_quote);
        const char *last = stop_byte;
        if (last > p && last < end && *last == '\n' && last[-1] == '\r') --last;
        const string_view cell_text(p, static_cast<size_t>(last - p));
        const csv_cell cell = parse_cell(cell_text, layout.separator, scratch, value);
        if (cell == csv_cell_number) return stop_byte;
        if (cell != csv_cell_missing || layout.missing == csv_missing_stops) {
            stop_at_cell(cell, field, row, p, last);
            return nullptr;
        }
        *value = std::numeric_limits<double>::quiet_NaN();
        *missing = true;
        ++scan.missing_values;
        return stop_byte;
    }

    /// Reads the row at p, and returns the start of the next, or null after a problem.
    const char *read_row(const char *const row) {
        const char *p = row;
        bool missing = false;
        for (size_t field = 0; field < layout.field_count; ++field) {
            if (field > 0) {
                if (p == end || *p != layout.separator) return stop_at_ragged_row(row), nullptr;
                ++p;
            }
            const int64_t column = layout.columns[field];
            const char *open_quote = nullptr;
            if (column < 0) {
                p = field_end(p, end, layout.separator, &open_quote);
                continue;
            }
            double *const value = values + static_cast<size_t>(column) * capacity + scan.rows;
            const char *const plain_end = plain_number(p, value);
            p = plain_end != nullptr ? plain_end : any_number(p, field, row, value, &missing);
            if (p == nullptr) return nullptr;
        }
        if (p == end || *p != '\n') return stop_at_ragged_row(row), nullptr;
        count_row(missing);
        return p + 1;
    }

    void count_row(bool missing) {
        const bool dropped = missing && layout.missing == csv_missing_drops;
        scan.dropped_rows += dropped;
        scan.rows += !dropped;
        ++scan.source_rows;
    }

    /// Passes blank lines at p: ignored at the end of the text, else a problem. Returns null when done. In a table
    /// of one column a blank line inside is a row with an empty cell.
    const char *pass_blank_lines(const char *const p, const char *first_end) {
        size_t lines = 0;
        const char *q = p;
        for (const char *line_end = first_end; line_end != nullptr; line_end = blank_line_end(q)) {
            q = line_end + 1;
            ++lines;
        }
        if (q == end) {
            scan.trailing_blank_lines = lines;
            return nullptr;
        }
        if (layout.field_count > 1) return stop(csv_problem_blank_line, 0, p, first_end), nullptr;
        const char *row = p;
        while (row != nullptr && row < q) row = read_row(row);
        return row;
    }

    void run() {
        const char *p = text;
        while (p != nullptr && p < end) {
            const char *const blank_end = is_digit(*p) ? nullptr : blank_line_end(p);
            p = blank_end == nullptr ? read_row(p) : pass_blank_lines(p, blank_end);
        }
    }
};

}  // namespace

extern "C" size_t csv_count_newlines(const char *text, size_t count) {
    constexpr size_t lanes = 32;  // counters of one byte each, which the compiler keeps in vector registers
    size_t newlines = 0, i = 0;
    while (i + lanes <= count) {
        uint8_t found[lanes] = {};
        for (int step = 0; step < 255 && i + lanes <= count; ++step, i += lanes)
            for (size_t lane = 0; lane < lanes; ++lane) found[lane] += text[i + lane] == '\n';
        for (const uint8_t lane : found) newlines += lane;
    }
    for (; i < count; ++i) newlines += text[i] == '\n';
    return newlines;
}

extern "C" size_t csv_last_row_end(const char *text, size_t count, char separator, size_t *open_quote) {
    const char *const end = text + count;
    *open_quote = 0;
    if (count == 0) return 0;
    if (std::memchr(text, '"', count) == nullptr) {
        const char *p = end;
        while (p > text && p[-1] != '\n') --p;
        return static_cast<size_t>(p - text);
    }
    size_t row_end = 0;
    for (const char *p = text; p < end; ++p) {
        const char *quote = nullptr;
        p = field_end(p, end, separator, &quote);
        if (quote != nullptr) *open_quote = static_cast<size_t>(quote - text) + 1;
        if (p < end && *p == '\n') row_end = static_cast<size_t>(p - text) + 1;
        if (p == end) break;
    }
    return row_end;
}

extern "C" size_t csv_first_row_end(const char *text, size_t count, char separator, size_t *fields) {
    const char *const end = text + count;
    const char *quote = nullptr;
    *fields = 1;
    for (const char *p = text;; ++p) {
        p = field_end(p, end, separator, &quote);
        if (p == end) return 0;
        if (*p == '\n') return static_cast<size_t>(p - text) + 1;
        ++*fields;
    }
}

extern "C" size_t csv_field_end(const char *text, size_t count, char separator, size_t offset) {
    const char *quote = nullptr;
    return static_cast<size_t>(field_end(text + offset, text + count, separator, &quote) - text);
}

extern "C" csv_cell csv_parse_cell(const char *text, size_t count, char separator, double *value) {
    std::string scratch;
    return parse_cell(string_view(text, count), separator, scratch, value);
}

extern "C" csv_scan csv_scan_rows(
    const char *text, size_t count, csv_layout layout, double *values, size_t capacity) {
    RowScanner scanner{text, text + count, layout, values, capacity, {}, {}};
    scanner.run();
    return scanner.scan;
}
