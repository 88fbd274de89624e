#include "matrix_market.h"

#include "cells.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

using std::string_view;

namespace {

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r'; }

/// Reads the lines of one text.
struct EntryScanner {
    const char *const text;
    const char *const end;
    const mtx_layout layout;
    int64_t *const rows, *const columns;
    double *const values;
    const size_t capacity;
    mtx_scan scan = {};
    std::string scratch;

    bool stop(mtx_problem problem, string_view found) {
        scan.problem = problem;
        scan.offset = static_cast<size_t>(found.data() - text);
        scan.length = found.size();
        return false;
    }

    /// Takes the first field off a line; empty where there is none.
    static string_view take_field(string_view &line) {
        size_t start = 0;
        while (start < line.size() && is_space(line[start])) ++start;
        size_t stop = start;
        while (stop < line.size() && !is_space(line[stop])) ++stop;
        const string_view field = line.substr(start, stop - start);
        line.remove_prefix(stop);
        return field;
    }

    /// Reads a whole number from 1 to limit, and counts it from 0.
    static bool read_index(string_view field, int64_t limit, int64_t *index) {
        const auto result = std::from_chars(field.data(), field.data() + field.size(), *index);
        if (result.ec != std::errc() || result.ptr != field.data() + field.size()) return false;
        if (*index < 1 || *index > limit) return false;
        --*index;
        return true;
    }

    bool read_value(string_view field, double *value) {
        const auto result = std::from_chars(field.data(), field.data() + field.size(), *value);
        if (result.ec != std::errc() || result.ptr != field.data() + field.size() || !std::isfinite(*value)) {
            const csv_cell cell = field.front() == '"' ? csv_cell_not_number : cells::parse(field, '\0', scratch, value);
            if (cell == csv_cell_not_finite || (cell == csv_cell_missing && field.find_last_of("nN") == field.size() - 1))
                return stop(mtx_problem_not_finite, field);
            if (cell != csv_cell_number) return stop(mtx_problem_value, field);
        }
        if (layout.integers && *value != std::trunc(*value)) return stop(mtx_problem_value, field);
        return true;
    }

    bool read_fields(const string_view *fields, string_view line) {
        const size_t entry = scan.entries;
        if (layout.coordinates) {
            if (!read_index(fields[0], layout.rows, rows + entry)) return stop(mtx_problem_row, fields[0]);
            if (!read_index(fields[1], layout.columns, columns + entry)) return stop(mtx_problem_column, fields[1]);
            const int64_t below = rows[entry] - columns[entry];
            if ((layout.places == mtx_places_lower && below < 0) ||
                (layout.places == mtx_places_strictly_lower && below <= 0))
                return stop(mtx_problem_place, line);
        }
        if (!layout.values) {
            values[entry] = 1;
            return true;
        }
        return read_value(fields[layout.coordinates ? 2 : 0], values + entry);
    }

    /// Reads one line without its end.
    bool read_line(const string_view line) {
        const size_t expected = (layout.coordinates ? 2 : 0) + (layout.values ? 1 : 0);
        string_view fields[4], rest = line;
        size_t count = 0;
        for (string_view field = take_field(rest); !field.empty(); field = take_field(rest)) {
            if (count < 4) fields[count] = field;
            ++count;
        }
        if (count == 0) return true;
        if (count != expected) {
            scan.fields = count;
            return stop(mtx_problem_field_count, line);
        }
        if (scan.entries == capacity) return stop(mtx_problem_too_many, line);
        if (!read_fields(fields, line)) return false;
        ++scan.entries;
        return true;
    }

    void run() {
        const char *p = text;
        while (p < end) {
            const char *const newline = static_cast<const char *>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
            const char *const line_end = newline == nullptr ? end : newline;
            if (!read_line(string_view(p, static_cast<size_t>(line_end - p)))) return;
            ++scan.lines;
            p = line_end + 1;
        }
    }
};

}  // namespace

extern "C" mtx_scan mtx_scan_entries(
    const char *text, size_t count, mtx_layout layout, int64_t *rows, int64_t *columns, double *values,
    size_t capacity) {
    EntryScanner scanner{text, text + count, layout, rows, columns, values, capacity, {}, {}};
    scanner.run();
    return scanner.scan;
}
