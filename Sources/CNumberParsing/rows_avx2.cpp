// Rows of delimited text with AVX2: ends of fields from bit masks of 64 bytes, digits 32 at a time. What is not plain goes
// to the scalar definition.

#include "row_scanner.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <vector>

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)

namespace {

// MARK: Ends of fields

/// Which of 64 bytes are which.
struct byte_masks {
    uint64_t ends, newlines, quotes;
};

inline uint64_t equal(__m256i low, __m256i high, __m256i byte) {
    const uint32_t first = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte)));
    const uint32_t second = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte)));
    return first | static_cast<uint64_t>(second) << 32;
}

/// The bytes at p; those from `end` on are none of these.
inline byte_masks masks(const char *p, const char *end, char separator) {
    char rest[64] = {};
    if (end - p < 64) {
        std::memcpy(rest, p, static_cast<size_t>(end - p));
        p = rest;
    }
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p + 32));
    const uint64_t newlines = equal(low, high, _mm256_set1_epi8('\n'));
    const uint64_t separators = equal(low, high, _mm256_set1_epi8(separator));
    return {newlines | separators, newlines, equal(low, high, _mm256_set1_epi8('"'))};
}

/// Bit i: whether an odd number of the bits 0 … i are set.
inline uint64_t parities(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

/// Finds ends of fields 64 bytes at a time. Quotes that open or close where they should cost little; at any other the
/// fields are walked through one by one until the block is passed.
struct end_finder {
    const char *const end;
    const char separator;
    /// The first byte that was not looked at.
    const char *next;
    /// The start of the field that was begun.
    const char *field;
    /// All ones within quotes.
    uint64_t inside = 0;
    /// Whether a quote at `next` opens or reopens a field.
    uint64_t may_open = 1;

    end_finder(const char *start, const char *end, char separator)
        : end(end), separator(separator), next(start), field(start) {}

    void restart(const char *row) {
        next = field = row;
        inside = 0;
        may_open = 1;
    }

    /// Looks at the next bytes. `block` gets their address and the masks of ends and newlines, or `one` each end.
    template <class Block, class One>
    void look(Block block, One one) {
        byte_masks found = masks(next, end, separator);
        if ((found.quotes | inside) != 0) {
            const uint64_t quoted = parities(found.quotes) ^ inside;
            found.ends &= ~quoted;
            found.newlines &= ~quoted;
            if ((found.quotes & quoted & ~((found.ends | found.quotes) << 1 | may_open)) != 0) return walk(one);
            inside = static_cast<uint64_t>(static_cast<int64_t>(quoted) >> 63);
        }
        may_open = (found.ends | found.quotes) >> 63;
        if (found.ends != 0) {
            block(next, found.ends, found.newlines);
            field = next + (64 - _lzcnt_u64(found.ends));
        }
        next = end - next < 64 ? end : next + 64;
    }

    template <class One>
    void walk(One one) {
        const char *const block_end = end - next < 64 ? end : next + 64;
        const char *open_quote = nullptr;
        for (const char *p = field; p < block_end; ++p) {
            p = rows::field_end(p, end, separator, &open_quote);
            if (p == end) {
                field = open_quote != nullptr ? open_quote : field;
                inside = open_quote != nullptr ? ~uint64_t(0) : 0;
                next = end;
                return;
            }
            one(p);
            field = p + 1;
        }
        restart(field);
    }
};

// MARK: Numbers

/// 32 bytes at offset k of this: the last k are ones.
alignas(64) constexpr uint8_t ones_behind[64] = {
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

inline __m256i last_bytes(size_t k) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(ones_behind + k));
}

/// The bytes a number is read from lie up to so many before its end.
constexpr ptrdiff_t reach = 33;

/// Numbers in plain form, ±integer / power, that are read but not rounded, and what they are rounded to.
struct decimal_numbers {
    static constexpr size_t room = 32;
    alignas(32) uint64_t integers[room] = {}, signs[room] = {};
    alignas(32) double powers[room], values[room];

    decimal_numbers() { std::fill(powers, powers + room, 1.0); }

    /// Reads number k from `start` to `stop`: an optional '-', digits with at most one `point` among them, of a value below
    /// 1.8e19 without the point. Returns false where another way has to be taken.
    ///
    /// The digits before the point are those of the text one byte earlier: both are joined, so that 32 digits end at
    /// `stop`.
    bool read(size_t k, const char *start, const char *stop, __m256i point) {
        const bool is_negative = *start == '-';
        const size_t length = static_cast<size_t>(stop - start) - is_negative;
        if (length - 1 >= 32) return false;
        const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(stop - 32));
        const __m256i earlier = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(stop - 33));
        const uint32_t points = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, point)));
        const size_t behind = std::min<size_t>(_lzcnt_u32(points), length);
        const size_t count = length - (behind < length);
        const size_t places = behind < length ? behind : 0;
        const __m256i joined = _mm256_blendv_epi8(earlier, text, last_bytes(behind));
        const __m256i digits = _mm256_and_si256(_mm256_sub_epi8(joined, _mm256_set1_epi8('0')), last_bytes(count));
        const __m256i excess = _mm256_subs_epu8(digits, _mm256_set1_epi8(9));
        const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(1 << 8 | 10));
        const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << 16 | 100));
        const __m256i eights =
            _mm256_madd_epi16(_mm256_packus_epi32(fours, fours), _mm256_set1_epi32(1 << 16 | 10000));
        // Eights from the first to the last: low and high half of `upper`, low and high half of `lower`.
        const uint64_t upper = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(eights)));
        const uint64_t lower = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_extracti128_si256(eights, 1)));
        const uint64_t top = upper << 32 | upper >> 32;
        integers[k] = top * 10000000000000000 + (lower & 0xFFFFFFFF) * 100000000 + (lower >> 32);
        powers[k] = decimal::powers[std::min<size_t>(places, decimal::largest_exact_power)];
        signs[k] = static_cast<uint64_t>(is_negative) << 63;
        return (_mm256_testz_si256(excess, excess) & (count != 0) & (top < 1844) &
                (places <= decimal::largest_exact_power)) != 0;
    }

    /// Rounds the first `count` numbers (at least one). Returns a bit for each that may be wrong.
    ///
    /// The integer is s + e, two doubles. q = s / power leaves the remainder r, which is a double, so that the number is
    /// q + c with c = (r + e) / power. c is computed with a relative error below 2^-51: where q + c(1 - 2^-50) and
    /// q + c(1 + 2^-50) are rounded alike, so is all between.
    uint32_t round(size_t count) {
        uint32_t unsure = 0;
        const __m256i half = _mm256_set1_epi64x(0x4330000000000000), upper = _mm256_set1_epi64x(0x4530000000000000);
        for (size_t k = 0; k < count; k += 4) {
            const __m256i integer = _mm256_load_si256(reinterpret_cast<const __m256i *>(integers + k));
            const __m256d power = _mm256_load_pd(powers + k);
            // The halves of the integer as low bits of 2^52 and 2^84.
            const __m256d low = _mm256_sub_pd(
                _mm256_castsi256_pd(_mm256_blend_epi32(integer, half, 0xAA)), _mm256_castsi256_pd(half));
            const __m256d high = _mm256_sub_pd(
                _mm256_castsi256_pd(_mm256_or_si256(_mm256_srli_epi64(integer, 32), upper)), _mm256_castsi256_pd(upper));
            const __m256d s = _mm256_add_pd(high, low), e = _mm256_sub_pd(low, _mm256_sub_pd(s, high));
            const __m256d q = _mm256_div_pd(s, power);
            const __m256d sign = _mm256_load_pd(reinterpret_cast<const double *>(signs + k));
            if (_mm256_testz_si256(integer, _mm256_set1_epi64x(static_cast<int64_t>(0xFFE0000000000000)))) {
                // Two exact numbers (Clinger 1990).
                _mm256_store_pd(values + k, _mm256_or_pd(q, sign));
                continue;
            }
            const __m256d r = _mm256_fnmadd_pd(q, power, s);
            const __m256d c = _mm256_div_pd(_mm256_add_pd(r, e), power);
            const __m256d less = _mm256_fnmadd_pd(c, _mm256_set1_pd(0x1p-50), c);
            const __m256d more = _mm256_fmadd_pd(c, _mm256_set1_pd(0x1p-50), c);
            const __m256d value = _mm256_add_pd(q, less), other = _mm256_add_pd(q, more);
            _mm256_store_pd(values + k, _mm256_or_pd(value, sign));
            const int differ = _mm256_movemask_pd(_mm256_cmp_pd(value, other, _CMP_NEQ_UQ));
            unsure |= static_cast<uint32_t>(differ) << k;
        }
        return unsure & (~uint32_t(0) >> (room - count));
    }
};

// MARK: Rows

/// Where a row ends.
struct row_end {
    uint32_t newline;
    /// The ends of fields up to and including this one.
    uint32_t ends;
};

/// The ends of the fields of some rows, as offsets in the text.
struct row_index {
    /// Ends that there is room for; a row of more fields is left to the scalar definition.
    static constexpr size_t room = 1 << 13;
    /// Bytes looked at before rows are read, more where no row ends.
    static constexpr ptrdiff_t window = 1 << 14;

    const char *const text;
    end_finder finder;
    size_t count = 0, rows = 0;
    uint32_t ends[room + 64];
    row_end row_ends[room + 64];

    row_index(const rows::scanner &rows)
        : text(rows.text), finder(rows.text, rows.end, rows.layout.separator) {}

    void clear(const char *row) {
        finder.restart(row);
        count = 0;
    }

    void add_block(const char *p, uint64_t found, uint64_t newlines) {
        const uint32_t base = static_cast<uint32_t>(p - text);
        for (; newlines != 0; newlines = _blsr_u64(newlines)) {
            const size_t before = static_cast<size_t>(_mm_popcnt_u64(found & _blsmsk_u64(newlines)));
            row_ends[rows++] = {
                base + static_cast<uint32_t>(_tzcnt_u64(newlines)), static_cast<uint32_t>(count + before)};
        }
        uint32_t *next = ends + count;
        count += static_cast<size_t>(_mm_popcnt_u64(found));
        // Four more are written than there may be, so that few branches depend on how many there are.
        do {
            for (int i = 0; i < 4; ++i, found = _blsr_u64(found))
                *next++ = base + static_cast<uint32_t>(_tzcnt_u64(found));
        } while (found != 0);
    }

    void add_end(const char *p) {
        ends[count++] = static_cast<uint32_t>(p - text);
        if (*p == '\n') row_ends[rows++] = {ends[count - 1], static_cast<uint32_t>(count)};
    }

    /// Keeps the ends from `used` on, and finds more.
    void fill(size_t used) {
        std::copy(ends + used, ends + count, ends);
        count -= used;
        rows = 0;
        const char *const start = finder.next;
        while (finder.next < finder.end && count + 65 <= room && (finder.next - start < window || rows == 0))
            finder.look(
                [this](const char *p, uint64_t found, uint64_t newlines) { add_block(p, found, newlines); },
                [this](const char *p) { add_end(p); });
    }
};

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
    const __m256i point;

    indexed_rows(rows::scanner &rows)
        : rows(rows), index(rows), point(_mm256_set1_epi8(rows.layout.separator == ';' ? ',' : '.')) {
        for (size_t field = 0; field < rows.layout.field_count; ++field) {
            const int64_t column = rows.layout.columns[field];
            if (column >= 0) chosen.push_back({field, rows.values + static_cast<size_t>(column) * rows.capacity});
        }
    }

    /// Reads the number of a chosen column by any way; returns false after a problem.
    bool number(const chosen_column &column, const char *row, const uint32_t *ends, bool *missing) {
        const char *const start = column.field == 0 ? row : rows.text + ends[column.field - 1] + 1;
        return rows.number(start, column.field, row, column.values + rows.scan.rows, missing) != nullptr;
    }

    /// Reads chosen columns of the row at `row` into `numbers` from place k on. Returns a bit for each that is not plain.
    uint32_t read(const chosen_column *columns, size_t count, const char *row, const uint32_t *ends, size_t k) {
        uint32_t unfit = 0;
        for (size_t c = 0; c < count; ++c) {
            const size_t field = columns[c].field;
            const char *const start = field == 0 ? row : rows.text + ends[field - 1] + 1;
            unfit |= static_cast<uint32_t>(!numbers.read(k + c, start, rows.text + ends[field], point)) << c;
        }
        return unfit;
    }

    /// The line end of indexed row r, with the '\r' before it taken out of the last field.
    const char *line_end(size_t r, const char *row, uint32_t *ends) {
        const char *const newline = rows.text + index.row_ends[r].newline;
        const bool has_return = newline > row && newline[-1] == '\r';
        ends[rows.layout.field_count - 1] = index.row_ends[r].newline - has_return;
        return newline;
    }

    /// Reads a row of more columns than are rounded at once; returns the start of the next, or null after a problem.
    const char *read_wide_row(size_t r, const char *row, uint32_t *ends) {
        const char *const newline = line_end(r, row, ends);
        bool missing = false;
        for (size_t first = 0; first < chosen.size(); first += decimal_numbers::room) {
            const size_t count = std::min(chosen.size() - first, decimal_numbers::room);
            const chosen_column *const columns = chosen.data() + first;
            uint32_t unfit = read(columns, count, row, ends, 0);
            unfit |= numbers.round(count);
            for (size_t c = 0; c < count; ++c) columns[c].values[rows.scan.rows] = numbers.values[c];
            for (; unfit != 0; unfit = _blsr_u32(unfit))
                if (!number(columns[_tzcnt_u32(unfit)], row, ends, &missing)) return nullptr;
        }
        rows.count_row(missing);
        return newline + 1;
    }

    /// Reads `count` rows, whose numbers are rounded at once; returns the start of the next, or null after a problem.
    const char *read_rows(size_t r, size_t count, const char *row, uint32_t *ends) {
        const size_t fields = rows.layout.field_count, columns = chosen.size();
        const char *starts[decimal_numbers::room + 1];
        uint32_t unfit[decimal_numbers::room], *const first = ends;
        starts[0] = row;
        for (size_t i = 0; i < count; ++i, ends += fields) {
            starts[i + 1] = line_end(r + i, starts[i], ends) + 1;
            unfit[i] = read(chosen.data(), columns, starts[i], ends, i * columns);
        }
        const uint64_t unsure = numbers.round(count * columns);
        ends = first;
        for (size_t i = 0; i < count; ++i, ends += fields) {
            for (size_t c = 0; c < columns; ++c) chosen[c].values[rows.scan.rows] = numbers.values[i * columns + c];
            const uint64_t mine = (unsure >> (i * columns)) & ((uint64_t(1) << columns) - 1);
            bool missing = false;
            for (uint64_t left = unfit[i] | mine; left != 0; left = _blsr_u64(left)) {
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
    for (; i + 64 <= count; i += 64) {
        const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(text + i));
        const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(text + i + 32));
        newlines += static_cast<size_t>(_mm_popcnt_u64(equal(low, high, _mm256_set1_epi8('\n'))));
    }
    for (; i < count; ++i) newlines += text[i] == '\n';
    return newlines;
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

const csv_kernels rows::avx2 = {"avx2", count_newlines, last_row_end, scan_rows};

#endif
