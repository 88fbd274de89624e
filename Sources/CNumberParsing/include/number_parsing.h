// Scanning of delimited text into columns of doubles. The contract of cells.cpp, rows.cpp and rows_avx2.cpp.
//
// Text: rows end with '\n' (a '\r' before it belongs to the row end). Fields are split by `separator`. A field whose
// first byte after blanks is '"' is quoted: separators and newlines count as text up to the closing quote, and ""
// stands for one quote; elsewhere a quote is an ordinary byte. Blanks are spaces and, unless they separate, tabs.
// No function keeps a pointer or allocates beyond a scratch string; all are safe to call from several threads.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CSV_CLOSED_ENUM __attribute__((enum_extensibility(closed)))

/// What a cell holds.
typedef enum CSV_CLOSED_ENUM csv_cell {
    csv_cell_number,
    csv_cell_missing,     ///< empty, NA, N/A, null, or NaN with an optional sign; letter case is ignored
    csv_cell_not_finite,  ///< inf, infinity, or a decimal number that rounds to an infinity
    csv_cell_not_number,
} csv_cell;

/// What to do with a missing value in a selected column.
typedef enum CSV_CLOSED_ENUM csv_missing_rule {
    csv_missing_stops,    ///< stop with csv_problem_missing
    csv_missing_drops,    ///< leave out the row
    csv_missing_is_kept,  ///< store NaN
} csv_missing_rule;

/// Why csv_scan_rows stopped before the end.
typedef enum CSV_CLOSED_ENUM csv_problem {
    csv_problem_none,
    csv_problem_not_number,
    csv_problem_missing,
    csv_problem_not_finite,
    csv_problem_field_count,
    csv_problem_blank_line,  ///< a blank line with a row after it, in a table of two columns or more
} csv_problem;

/// The shape of a table.
typedef struct csv_layout {
    char separator;
    csv_missing_rule missing;
    size_t field_count;
    const int64_t *columns;  ///< for each field its output column, or -1 where it is not selected
} csv_layout;

/// The account of one call of csv_scan_rows.
typedef struct csv_scan {
    size_t rows;                  ///< rows stored
    size_t source_rows;           ///< rows of the text before the problem, or all
    size_t dropped_rows;          ///< of these, rows left out because of a missing value
    size_t missing_values;        ///< missing values seen in selected columns
    size_t trailing_blank_lines;  ///< blank lines at the end of the text
    csv_problem problem;
    size_t field;           ///< of the problem, from 0; for csv_problem_field_count the number of fields found
    size_t offset, length;  ///< of the problem's cell (or row) in the text
} csv_scan;

/// The number of '\n' in the text.
size_t csv_count_newlines(const char *text, size_t count);

/// The offset just past the end of line number *lines (from 1), or of the last line that ends where there are fewer; 0 if
/// there is none. *lines: the lines that end before it.
size_t csv_pass_lines(const char *text, size_t count, size_t *lines);

/// The offset just past the last row end outside quotes, or 0 if there is none. The text must start at a row's start.
/// *open_quote: 1 + the offset of a quote that is never closed, or 0.
size_t csv_last_row_end(const char *text, size_t count, char separator, size_t *open_quote);

/// The offset just past the first row end outside quotes, or 0 if there is none; *fields: the fields before it (or
/// before the end of the text).
size_t csv_first_row_end(const char *text, size_t count, char separator, size_t *fields);

/// The offset of the byte that ends the field starting at `offset`: its separator, its '\n', or `count`.
size_t csv_field_end(const char *text, size_t count, char separator, size_t offset);

/// Reads one cell (with its blanks and quotes): decimal notation with an optional sign and exponent, correctly
/// rounded; a decimal comma only where `separator` is ';'. *value is set for csv_cell_number only.
csv_cell csv_parse_cell(const char *text, size_t count, char separator, double *value);

/// Reads complete rows (the text is empty or ends with '\n') into columns: row r of output column c goes to
/// values[c * capacity + r]. Stops at the first problem. `capacity` must be at least the smaller of csv_count_newlines
/// and count / field_count + 1: a complete row takes at least field_count bytes, and one more row may be begun.
csv_scan csv_scan_rows(const char *text, size_t count, csv_layout layout, double *values, size_t capacity);

/// Implementations of four of these functions, which all give the same.
typedef struct csv_kernels {
    const char *name;
    size_t (*count_newlines)(const char *text, size_t count);
    size_t (*pass_lines)(const char *text, size_t count, size_t *lines);
    size_t (*last_row_end)(const char *text, size_t count, char separator, size_t *open_quote);
    csv_scan (*scan_rows)(const char *text, size_t count, csv_layout layout, double *values, size_t capacity);
} csv_kernels;

/// The scalar definition (index 0), then what this processor runs faster; null behind the last. The functions above take
/// the last, or the scalar definition where the environment's QLS_KERNELS is "scalar".
const csv_kernels *csv_available(size_t index);

#ifdef __cplusplus
}
#endif
