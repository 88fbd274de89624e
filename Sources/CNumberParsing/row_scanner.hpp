// One row of delimited text after the other, byte by byte where it has to be: the definition of what a table means.
#pragma once

#include "cells.hpp"
#include "decimal.hpp"

namespace rows {

/// The end of the field at p; *open_quote is set to a quote that is not closed before `end`.
const char *field_end(const char *p, const char *end, char separator, const char **open_quote);

/// Reads rows from `text` to `end`; holds what one call of csv_scan_rows works on.
struct scanner {
    const char *const text;
    const char *const end;
    const csv_layout layout;
    double *const values;
    const size_t capacity;
    csv_scan scan = {};
    std::string scratch = {};

    /// Reads the row, or passes the blank lines, at p; returns the start of the next row, or null when done.
    const char *step(const char *p);
    /// Reads the number of the field at p by any way, and returns the field's end, or null after a problem.
    const char *number(const char *p, size_t field, const char *row, double *value, bool *missing);

    /// Counts a row that was read.
    void count_row(bool missing) {
        const bool dropped = missing && layout.missing == csv_missing_drops;
        scan.dropped_rows += dropped;
        scan.rows += !dropped;
        ++scan.source_rows;
    }

private:
    void stop(csv_problem problem, size_t field, const char *start, const char *stop);
    void stop_at_ragged_row(const char *row);
    void stop_at_cell(csv_cell cell, size_t field, const char *row, const char *start, const char *cell_end);
    const char *blank_line_end(const char *p) const;
    const char *plain_number(const char *p, double *value) const;
    const char *any_number(const char *p, size_t field, const char *row, double *value, bool *missing);
    const char *read_row(const char *row);
    const char *pass_blank_lines(const char *p, const char *first_end);
};

#if defined(__x86_64__)
/// For processors with AVX2.
extern const csv_kernels avx2;
#endif

}  // namespace rows
