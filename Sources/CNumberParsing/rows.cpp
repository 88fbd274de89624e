#include "row_scanner.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

using cells::is_blank;
using cells::is_digit;

const char *rows::field_end(const char *p, const char *end, char separator, const char **open_quote) {
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
    return decimal::field_end(p, end, separator);
}

void rows::scanner::stop(csv_problem problem, size_t field, const char *start, const char *stop) {
    scan.problem = problem;
    scan.field = field;
    scan.offset = static_cast<size_t>(start - text);
    scan.length = static_cast<size_t>(stop - start);
}

/// The '\n' of a blank line at p, or null where the line is not blank.
const char *rows::scanner::blank_line_end(const char *p) const {
    while (p < end && is_blank(*p, layout.separator)) ++p;
    if (p < end && *p == '\r') ++p;
    return p < end && *p == '\n' ? p : nullptr;
}

/// Stops at a row with another number of fields than the header.
void rows::scanner::stop_at_ragged_row(const char *row) {
    size_t fields = 0;
    const size_t length = csv_first_row_end(row, static_cast<size_t>(end - row), layout.separator, &fields);
    stop(csv_problem_field_count, fields, row, row + length);
}

/// Stops at a bad cell, unless its row has the wrong number of fields: then that is the problem to tell.
void rows::scanner::stop_at_cell(csv_cell cell, size_t field, const char *row, const char *start, const char *cell_end) {
    size_t fields = 0;
    csv_first_row_end(row, static_cast<size_t>(end - row), layout.separator, &fields);
    if (fields != layout.field_count) return stop_at_ragged_row(row);
    stop(cell == csv_cell_missing      ? csv_problem_missing
         : cell == csv_cell_not_finite ? csv_problem_not_finite
                                       : csv_problem_not_number,
         field, start, cell_end);
}

/// Reads the number that fills the field at p in plain form; null where the field needs the careful way.
const char *rows::scanner::plain_number(const char *p, double *value) const {
    if (p == end || !(is_digit(*p) || *p == '-')) return nullptr;
    const char *next = decimal::parse(p, end, value);
    if (next == nullptr) {
        const auto result = std::from_chars(p, end, *value);
        next = result.ptr;
        if (result.ec != std::errc() || !(std::fabs(*value) <= std::numeric_limits<double>::max())) return nullptr;
    }
    if (next == end) return nullptr;
    if (*next == layout.separator || *next == '\n') return next;
    return *next == '\r' && next + 1 < end && next[1] == '\n' ? next + 1 : nullptr;
}

/// Reads the field at p by the careful way, and returns its end, or null after a problem.
const char *rows::scanner::any_number(const char *p, size_t field, const char *row, double *value, bool *missing) {
    const char *open_quote = nullptr;
    const char *const stop_byte = field_end(p, end, layout.separator, &open_quote);
    const char *last = stop_byte;
    if (last > p && last < end && *last == '\n' && last[-1] == '\r') --last;
    const std::string_view cell_text(p, static_cast<size_t>(last - p));
    const csv_cell cell = cells::parse(cell_text, layout.separator, scratch, value);
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
const char *rows::scanner::read_row(const char *const row) {
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
        p = number(p, field, row, value, &missing);
        if (p == nullptr) return nullptr;
    }
    if (p == end || *p != '\n') return stop_at_ragged_row(row), nullptr;
    count_row(missing);
    return p + 1;
}

/// Passes blank lines at p: ignored at the end of the text, else a problem. Returns null when done. In a table
/// of one column a blank line inside is a row with an empty cell.
const char *rows::scanner::pass_blank_lines(const char *const p, const char *first_end) {
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

/// Reads the row, or passes the blank lines, at p.
const char *rows::scanner::step(const char *p) {
    const char *const blank_end = is_digit(*p) ? nullptr : blank_line_end(p);
    return blank_end == nullptr ? read_row(p) : pass_blank_lines(p, blank_end);
}

/// Reads the number of the field at p by any way.
const char *rows::scanner::number(const char *p, size_t field, const char *row, double *value, bool *missing) {
    const char *const plain_end = plain_number(p, value);
    return plain_end != nullptr ? plain_end : any_number(p, field, row, value, missing);
}

namespace {

size_t count_newlines(const char *text, size_t count) {
    size_t newlines = 0;
    for (size_t i = 0; i < count; ++i) newlines += text[i] == '\n';
    return newlines;
}

size_t pass_lines(const char *text, size_t count, size_t *lines) {
    size_t passed = 0, line_end = 0;
    for (size_t i = 0; i < count && passed < *lines; ++i) {
        if (text[i] != '\n') continue;
        ++passed;
        line_end = i + 1;
    }
    *lines = passed;
    return line_end;
}

size_t last_row_end(const char *text, size_t count, char separator, size_t *open_quote) {
    const char *const end = text + count;
    size_t row_end = 0;
    *open_quote = 0;
    for (const char *p = text; p < end; ++p) {
        const char *quote = nullptr;
        p = rows::field_end(p, end, separator, &quote);
        if (quote != nullptr) *open_quote = static_cast<size_t>(quote - text) + 1;
        if (p == end) break;
        if (*p == '\n') row_end = static_cast<size_t>(p - text) + 1;
    }
    return row_end;
}

csv_scan scan_rows(const char *text, size_t count, csv_layout layout, double *values, size_t capacity) {
    rows::scanner rows{text, text + count, layout, values, capacity};
    const char *p = text;
    while (p != nullptr && p < rows.end) p = rows.step(p);
    return rows.scan;
}

const csv_kernels scalar = {"scalar", count_newlines, pass_lines, last_row_end, scan_rows};

bool has_avx2() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("lzcnt");
#else
    return false;
#endif
}

/// The fastest kernels of this processor, unless the environment asks for the scalar ones.
const csv_kernels &best() {
    static const csv_kernels &chosen = []() -> const csv_kernels & {
        const char *const asked = std::getenv("QLS_KERNELS");
        const bool is_scalar = asked != nullptr && std::strcmp(asked, "scalar") == 0;
        const csv_kernels *const fastest = csv_available(1);
        return is_scalar || fastest == nullptr ? scalar : *fastest;
    }();
    return chosen;
}

}  // namespace

extern "C" const csv_kernels *csv_available(size_t index) {
    if (index == 0) return &scalar;
#if defined(__x86_64__)
    if (index == 1 && has_avx2()) return &rows::avx2;
#endif
    return nullptr;
}

extern "C" size_t csv_count_newlines(const char *text, size_t count) { return best().count_newlines(text, count); }

extern "C" size_t csv_pass_lines(const char *text, size_t count, size_t *lines) {
    return best().pass_lines(text, count, lines);
}

extern "C" size_t csv_last_row_end(const char *text, size_t count, char separator, size_t *open_quote) {
    *open_quote = 0;
    if (count == 0) return 0;
    if (std::memchr(text, '"', count) != nullptr) return best().last_row_end(text, count, separator, open_quote);
    const char *p = text + count;
    while (p > text && p[-1] != '\n') --p;
    return static_cast<size_t>(p - text);
}

extern "C" size_t csv_first_row_end(const char *text, size_t count, char separator, size_t *fields) {
    const char *const end = text + count;
    const char *quote = nullptr;
    *fields = 1;
    for (const char *p = text;; ++p) {
        p = rows::field_end(p, end, separator, &quote);
        if (p == end) return 0;
        if (*p == '\n') return static_cast<size_t>(p - text) + 1;
        ++*fields;
    }
}

extern "C" size_t csv_field_end(const char *text, size_t count, char separator, size_t offset) {
    const char *quote = nullptr;
    return static_cast<size_t>(rows::field_end(text + offset, text + count, separator, &quote) - text);
}

extern "C" csv_scan csv_scan_rows(
    const char *text, size_t count, csv_layout layout, double *values, size_t capacity) {
    return best().scan_rows(text, count, layout, values, capacity);
}
