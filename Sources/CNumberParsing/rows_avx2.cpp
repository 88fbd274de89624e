// Rows of delimited text with AVX2: ends of fields from bit masks of 64 bytes, numbers four at a time. What is not plain goes
// to the scalar definition.

#include "row_scanner.hpp"

#if defined(__x86_64__)

#include "ends_avx2.hpp"
#include "numbers_avx2.hpp"

#include <vector>

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)

namespace {

/// A column that is read.
struct chosen_column {
    size_t field;
    double *values;
};

/// Reads rows from an index of their fields.
struct indexed_rows {
    rows::scanner &rows;
    row_index index;
    std::vector<chosen_column> chosen;
    decimal_numbers numbers;
    /// Whether the chosen columns are at least four fields that follow each other.
    bool is_run = false;

    indexed_rows(rows::scanner &rows) : rows(rows), index(rows), numbers(rows.text, rows.layout.separator) {
        for (size_t field = 0; field < rows.layout.field_count; ++field) {
            const int64_t column = rows.layout.columns[field];
            if (column >= 0) chosen.push_back({field, rows.values + static_cast<size_t>(column) * rows.capacity});
        }
        is_run = chosen.size() >= 4 && chosen.back().field - chosen[0].field == chosen.size() - 1;
    }

    /// Reads the number of a chosen column by any way; returns false after a problem.
    bool number(const chosen_column &column, const char *row, const uint32_t *ends, bool *missing) {
        const char *const start = column.field == 0 ? row : rows.text + ends[column.field - 1] + 1;
        return rows.number(start, column.field, row, column.values + rows.scan.rows, missing) != nullptr;
    }

    /// Puts the places of chosen columns of the row at `row` into `numbers` from place k on.
    void place(const chosen_column *columns, size_t count, const char *row, const uint32_t *ends, size_t k) {
        const uint32_t first = static_cast<uint32_t>(row - rows.text);
        for (size_t c = 0; c < count; ++c) {
            const size_t field = columns[c].field;
            numbers.starts[k + c] = field == 0 ? first : ends[field - 1] + 1;
            numbers.stops[k + c] = ends[field];
        }
    }

    /// The start of the row behind indexed row r.
    const char *row_after(size_t r) const { return rows.text + index.row_ends[r].newline + 1; }

    /// Reads a row whose chosen columns are at least four fields that follow each other; returns the start of the next, or
    /// null after a problem.
    const char *read_run(size_t r, const char *row, const uint32_t *ends) {
        const size_t columns = chosen.size();
        bool missing = false;
        size_t c = 0;
        for (; c + 4 <= columns; c += 4)
            if (!read_four<4>(c, row, ends, &missing)) return nullptr;
        // The last four again, of which those are taken that are left.
        bool fits = true;
        switch (columns - c) {
            case 1: fits = read_four<1>(columns - 4, row, ends, &missing); break;
            case 2: fits = read_four<2>(columns - 4, row, ends, &missing); break;
            case 3: fits = read_four<3>(columns - 4, row, ends, &missing); break;
        }
        if (!fits) return nullptr;
        rows.count_row(missing);
        return row_after(r);
    }

    /// Reads four columns from c on, of which the last so many are taken; returns false after a problem.
    template <size_t taken>
    [[gnu::always_inline]] bool read_four(size_t c, const char *row, const uint32_t *ends, bool *missing) {
        const chosen_column *const columns = chosen.data() + c;
        const uint32_t *const stops = ends + columns[0].field;
        __m128i start = _mm_add_epi32(
            _mm_loadu_si128(reinterpret_cast<const __m128i *>(stops - 1)), _mm_set1_epi32(1));
        // A row may start elsewhere than one byte behind the last field.
        if (stops == ends) start = _mm_insert_epi32(start, static_cast<int>(row - rows.text), 0);
        const four_numbers four = numbers.read(start, _mm_loadu_si128(reinterpret_cast<const __m128i *>(stops)));
        const __m128d low = _mm256_castpd256_pd128(four.values), high = _mm256_extractf128_pd(four.values, 1);
        const size_t place = rows.scan.rows;
        if (taken > 3) _mm_storel_pd(columns[0].values + place, low);
        if (taken > 2) _mm_storeh_pd(columns[1].values + place, low);
        if (taken > 1) _mm_storel_pd(columns[2].values + place, high);
        _mm_storeh_pd(columns[3].values + place, high);
        for (uint32_t unfit = four.unfit >> (4 - taken) << (4 - taken); unfit != 0; unfit = _blsr_u32(unfit))
            if (!number(columns[_tzcnt_u32(unfit)], row, ends, missing)) return false;
        return true;
    }

    /// Reads a row of more columns than are rounded at once; returns the start of the next, or null after a problem.
    const char *read_wide_row(size_t r, const char *row, const uint32_t *ends) {
        bool missing = false;
        for (size_t first = 0; first < chosen.size(); first += decimal_numbers::room) {
            const size_t count = std::min(chosen.size() - first, decimal_numbers::room);
            const chosen_column *const columns = chosen.data() + first;
            place(columns, count, row, ends, 0);
            uint32_t unfit = numbers.read(count);
            for (size_t c = 0; c < count; ++c) columns[c].values[rows.scan.rows] = numbers.values[c];
            for (; unfit != 0; unfit = _blsr_u32(unfit))
                if (!number(columns[_tzcnt_u32(unfit)], row, ends, &missing)) return nullptr;
        }
        rows.count_row(missing);
        return row_after(r);
    }

    /// Reads `count` rows, whose numbers are rounded at once; returns the start of the next, or null after a problem.
    const char *read_rows(size_t r, size_t count, const char *row, const uint32_t *ends) {
        const size_t fields = rows.layout.field_count, columns = chosen.size();
        const char *starts[decimal_numbers::room + 1];
        const uint32_t *const first = ends;
        starts[0] = row;
        for (size_t i = 0; i < count; ++i, ends += fields) {
            starts[i + 1] = row_after(r + i);
            place(chosen.data(), columns, starts[i], ends, i * columns);
        }
        const uint64_t unfit = numbers.read(count * columns);
        ends = first;
        for (size_t i = 0; i < count; ++i, ends += fields) {
            for (size_t c = 0; c < columns; ++c) chosen[c].values[rows.scan.rows] = numbers.values[i * columns + c];
            bool missing = false;
            uint64_t left = (unfit >> (i * columns)) & ((uint64_t(1) << columns) - 1);
            for (; left != 0; left = _blsr_u64(left)) {
                // May be a blank line.
                if (fields == 1) return rows.step(starts[i]);
                if (!number(chosen[_tzcnt_u64(left)], starts[i], ends, &missing)) return nullptr;
            }
            rows.count_row(missing);
        }
        return starts[count];
    }

    /// Reads the rows of the index from r on, as many as are read at once; the fields of the first end at `ends`. Returns
    /// the start of the next row, or null when done.
    const char *read(size_t r, const char *row, size_t used) {
        const size_t fields = rows.layout.field_count;
        const auto fits = [=](size_t i) { return index.row_ends[r + i].ends == used + (i + 1) * fields; };
        if (!fits(0) || row - rows.text < reach) return rows.step(row);
        if (is_run) return read_run(r, row, index.ends + used);
        if (chosen.size() > decimal_numbers::room) return read_wide_row(r, row, index.ends + used);
        const size_t most = std::min(decimal_numbers::room / chosen.size(), index.rows - r);
        size_t count = 1;
        while (count < most && fits(count)) ++count;
        return read_rows(r, count, row, index.ends + used);
    }

    void run() {
        const char *row = rows.text;
        size_t used = 0;
        while (row < rows.end) {
            index.fill(used);
            used = 0;
            const char *const first = row;
            for (size_t r = 0; r < index.rows; ++r) {
                row = read(r, row, used);
                if (row == nullptr) return;
                // More than one row may have been passed.
                while (r < index.rows && rows.text + index.row_ends[r].newline + 1 < row) ++r;
                if (r == index.rows) break;
                used = index.row_ends[r].ends;
            }
            const bool is_passed = index.rows > 0 && row > rows.text + index.row_ends[index.rows - 1].newline + 1;
            if (row == first) row = rows.step(row);
            if (row == nullptr) return;
            if (is_passed || index.rows == 0) {
                index.clear(row);
                used = 0;
            }
        }
    }
};

csv_scan scan_rows(const char *text, size_t count, csv_layout layout, double *values, size_t capacity) {
    if (count > UINT32_MAX) return csv_available(0)->scan_rows(text, count, layout, values, capacity);
    rows::scanner rows{text, text + count, layout, values, capacity};
    indexed_rows(rows).run();
    return rows.scan;
}

size_t count_newlines(const char *text, size_t count) {
    size_t newlines = 0, i = 0;
    for (; i + 64 <= count; i += 64) newlines += static_cast<size_t>(_mm_popcnt_u64(newlines_of(text + i)));
    for (; i < count; ++i) newlines += text[i] == '\n';
    return newlines;
}

size_t pass_lines(const char *text, size_t count, size_t *lines) {
    const size_t most = *lines;
    size_t passed = 0, i = 0;
    // Whole pieces, as long as none holds the last line wanted.
    constexpr size_t piece = 512;
    for (; i + piece <= count; i += piece) {
        const size_t found = count_newlines(text + i, piece);
        if (passed + found >= most) break;
        passed += found;
    }
    size_t line_end = i;
    for (; i + 64 <= count && passed < most; i += 64) {
        uint64_t newlines = newlines_of(text + i);
        for (; newlines != 0 && passed < most; newlines = _blsr_u64(newlines), ++passed)
            line_end = i + _tzcnt_u64(newlines) + 1;
    }
    for (; i < count && passed < most; ++i) {
        if (text[i] != '\n') continue;
        ++passed;
        line_end = i + 1;
    }
    while (line_end > 0 && text[line_end - 1] != '\n') --line_end;
    *lines = passed;
    return line_end;
}

size_t last_row_end(const char *text, size_t count, char separator, size_t *open_quote) {
    *open_quote = 0;
    const char *row_end = text;
    end_finder finder(text, text + count, separator);
    while (finder.next < finder.end)
        finder.look(
            [&](const char *p, uint64_t, uint64_t newlines) {
                if (newlines != 0) row_end = p + (64 - _lzcnt_u64(newlines));
            },
            [&](const char *p) {
                if (*p == '\n') row_end = p + 1;
            });
    if (finder.inside != 0) *open_quote = static_cast<size_t>(finder.field - text) + 1;
    return static_cast<size_t>(row_end - text);
}

}  // namespace

#pragma clang attribute pop

const csv_kernels rows::avx2 = {"avx2", count_newlines, pass_lines, last_row_end, scan_rows};

#endif
