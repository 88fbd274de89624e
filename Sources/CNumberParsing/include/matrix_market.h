// Entries of Matrix Market text. The whole contract of matrix_market.cpp.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Which places of a matrix are listed.
typedef enum __attribute__((enum_extensibility(closed))) mtx_places {
    mtx_places_all,
    mtx_places_lower,           ///< the diagonal and below
    mtx_places_strictly_lower,  ///< below the diagonal
} mtx_places;

/// Why mtx_scan_entries stopped before the end.
typedef enum __attribute__((enum_extensibility(closed))) mtx_problem {
    mtx_problem_none,
    mtx_problem_field_count,
    mtx_problem_row,         ///< no whole number from 1 to rows
    mtx_problem_column,      ///< no whole number from 1 to columns
    mtx_problem_place,       ///< not among the places listed
    mtx_problem_value,       ///< no number, or no whole number where `integers`
    mtx_problem_not_finite,  ///< infinite, NaN, or too large for a double
    mtx_problem_too_many,    ///< more entries than `capacity`
} mtx_problem;

/// What the lines hold: "row column value", "row column" where !values, "value" where !coordinates.
typedef struct mtx_layout {
    bool coordinates, values, integers;
    mtx_places places;
    int64_t rows, columns;
} mtx_layout;

/// The account of one call of mtx_scan_entries.
typedef struct mtx_scan {
    size_t entries;  ///< entries stored
    size_t lines;    ///< lines before the problem, or all
    mtx_problem problem;
    size_t fields;          ///< for mtx_problem_field_count the number of fields found
    size_t offset, length;  ///< of what is wrong, in the text
} mtx_scan;

/// Reads complete lines (the text is empty or ends with '\n'), one entry each, blank lines ignored, up to `capacity`
/// entries: row and column counted from 0 (not stored where !coordinates) and value (1 where !values).
mtx_scan mtx_scan_entries(
    const char *text, size_t count, mtx_layout layout, int64_t *rows, int64_t *columns, double *values,
    size_t capacity);

#ifdef __cplusplus
}
#endif
