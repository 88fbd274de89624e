// Ends of fields and rows of delimited text from bit masks of 64 bytes, with AVX2. A part of rows_avx2.cpp.
#pragma once

#include "row_scanner.hpp"

#include <immintrin.h>

#include <algorithm>

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)

namespace {

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

    /// The most bytes that are looked at in one go.
    static constexpr ptrdiff_t stride = 512;

    /// Looks at the next bytes. `block` gets the address of each 64 and the masks of ends and newlines, or `one` each
    /// end.
    template <class Block, class One>
    void look(Block block, One one) {
        if (inside == 0 && end - next >= stride) {
            const char *const start = next;
            look_unquoted(block);
            if (next != start) return;
        }
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

    /// Looks at up to `stride` bytes, as far as there are no quotes among them.
    template <class Block>
    void look_unquoted(Block block) {
        const __m256i newline = _mm256_set1_epi8('\n'), between = _mm256_set1_epi8(separator);
        const __m256i quote = _mm256_set1_epi8('"');
        const char *p = next, *start = field;
        uint64_t ends = 0;
        for (const char *const stop = next + stride; p < stop; p += 64) {
            const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
            const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p + 32));
            const __m256i quotes = _mm256_or_si256(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote));
            if (!_mm256_testz_si256(quotes, quotes)) break;
            const uint64_t newlines = equal(low, high, newline);
            ends = newlines | equal(low, high, between);
            block(p, ends, newlines);
            start = ends == 0 ? start : p + (64 - _lzcnt_u64(ends));
        }
        if (p == next) return;
        next = p;
        field = start;
        may_open = ends >> 63;
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

/// The newlines among 64 bytes.
inline uint64_t newlines_of(const char *p) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p + 32));
    return equal(low, high, _mm256_set1_epi8('\n'));
}

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
    /// A '\r' before a '\n' is not in the field. One place before the first may be read.
    uint32_t *const ends = places + 8;
    row_end row_ends[room + 64];

    row_index(const rows::scanner &rows)
        : text(rows.text), finder(rows.text, rows.end, rows.layout.separator) {
        ends[-1] = 0;
    }

    void clear(const char *row) {
        finder.restart(row);
        count = 0;
    }

    void add_block(const char *p, uint64_t found, uint64_t newlines) {
        const uint32_t base = static_cast<uint32_t>(p - text);
        uint32_t *const first = ends + count, *next = first;
        const auto write = [&](int most) {
            for (int i = 0; i < most; ++i, found = _blsr_u64(found))
                *next++ = base + static_cast<uint32_t>(_tzcnt_u64(found));
        };
        const uint64_t all = found;
        // More are written than there may be, so that few branches depend on how many there are.
        write(4);
        if (found != 0) write(8);
        while (found != 0) write(4);
        for (; newlines != 0; newlines = _blsr_u64(newlines)) {
            const size_t before = static_cast<size_t>(_mm_popcnt_u64(all & _blsmsk_u64(newlines)));
            add_row(p + _tzcnt_u64(newlines), count + before);
        }
        count += static_cast<size_t>(_mm_popcnt_u64(all));
    }

    void add_end(const char *p) {
        ends[count++] = static_cast<uint32_t>(p - text);
        if (*p == '\n') add_row(p, count);
    }

    /// Adds a row that ends at `newline`, with so many ends of fields up to there.
    void add_row(const char *newline, size_t its_ends) {
        row_ends[rows++] = {static_cast<uint32_t>(newline - text), static_cast<uint32_t>(its_ends)};
        if (newline > text && newline[-1] == '\r') --ends[its_ends - 1];
    }

    /// Keeps the ends from `used` on, and finds more.
    void fill(size_t used) {
        std::copy(ends + used, ends + count, ends);
        count -= used;
        rows = 0;
        const char *const start = finder.next;
        constexpr size_t most = end_finder::stride + 8;
        while (finder.next < finder.end && count + most <= room && (finder.next - start < window || rows == 0))
            finder.look(
                [this](const char *p, uint64_t found, uint64_t newlines) { add_block(p, found, newlines); },
                [this](const char *p) { add_end(p); });
    }

private:
    uint32_t places[8 + room + 64];
};

}  // namespace

#pragma clang attribute pop
