// Exact sums of products of 8-bit columns. The instruction at hand multiplies unsigned by signed bytes and adds pairs of
// products in 16 bits with saturation, so the right columns are shifted to u = r + R >= 0 (R their largest magnitude):
//     sum l*r = sum l*u - R * sum l.
// A pair is at most 2 * L * 2R (L the largest magnitude of the left). Where that passes 32767, both sides are widened
// to 16 bits instead; else run = 32767 / 4LR steps are added in 16 bits, and nothing saturates.

#include "avx2_tiles.h"

#if defined(__x86_64__)

#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum {
    ROW_BLOCK = 2048,   // rows of a panel: a 32-bit lane gets at most 64 steps of 2 * 32767, or 128 of 2 * 127 * 127
    COLUMN_BLOCK = 96,  // columns of a panel, a multiple of TILE
    STRIP_BYTES = 2 * TILE * ROW_BLOCK,
};

/// Three left columns as they are in memory.
typedef struct {
    const int8_t *column[TILE];
} left_tile;

static inline __m256i strip_load(const uint8_t *strip, int column) {
    return _mm256_load_si256((const __m256i *)(strip + STEP_BYTES * column));
}

/// Steps of 16 rows, both sides widened to 16 bits (the strip already is).
static void add_widened(left_tile l, const uint8_t *strip, size_t steps, __m256i sums[PRODUCTS]) {
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = sums[t];
    for (size_t i = 0; i < steps * 16; i += 16, strip += TILE * STEP_BYTES) {
        __m256i a[TILE], b[TILE];
        for (int c = 0; c < TILE; c++) {
            a[c] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(l.column[c] + i)));
            b[c] = strip_load(strip, c);
        }
        EACH_PRODUCT s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(a[t % TILE], b[t / TILE]));
    }
    EACH_PRODUCT sums[t] = s[t];
}

/// Steps of 32 rows, the products of each widened to 32 bits by themselves.
static void add_singles(left_tile l, const uint8_t *strip, size_t steps, __m256i sums[PRODUCTS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = sums[t];
    for (size_t i = 0; i < steps * STEP_BYTES; i += STEP_BYTES, strip += TILE * STEP_BYTES)
        EACH_PRODUCT {
            __m256i pairs = _mm256_maddubs_epi16(strip_load(strip, t / TILE), qk_load(l.column[t % TILE] + i));
            s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(pairs, ones));
        }
    EACH_PRODUCT sums[t] = s[t];
}

/// Two steps of 32 rows at a time; all 32-bit sums stay in registers.
static void add_doubles(left_tile l, const uint8_t *strip, size_t doubles, __m256i sums[PRODUCTS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = sums[t];
    for (size_t i = 0; i < doubles * 2 * STEP_BYTES; i += 2 * STEP_BYTES, strip += 2 * TILE * STEP_BYTES)
        EACH_PRODUCT {
            const int8_t *rows = l.column[t % TILE] + i;
            __m256i pairs =
                _mm256_add_epi16(_mm256_maddubs_epi16(strip_load(strip, t / TILE), qk_load(rows)),
                                 _mm256_maddubs_epi16(strip_load(strip, TILE + t / TILE), qk_load(rows + STEP_BYTES)));
            s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(pairs, ones));
        }
    EACH_PRODUCT sums[t] = s[t];
}

/// `run` steps of 32 rows at a time; the 16-bit sums are in registers, the 32-bit sums in memory.
static void add_runs(left_tile l, const uint8_t *strip, size_t steps, size_t run, __m256i sums[PRODUCTS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (size_t i = 0, end = steps * STEP_BYTES; i < end;) {
        __m256i s[PRODUCTS];
        EACH_PRODUCT s[t] = _mm256_setzero_si256();
        for (size_t stop = qk_smaller(i + run * STEP_BYTES, end); i < stop; i += STEP_BYTES, strip += TILE * STEP_BYTES) {
            __m256i b[TILE] = {strip_load(strip, 0), strip_load(strip, 1), strip_load(strip, 2)};
            __m256i a[TILE] = {qk_load(l.column[0] + i), qk_load(l.column[1] + i), qk_load(l.column[2] + i)};
            EACH_PRODUCT s[t] = _mm256_add_epi16(s[t], _mm256_maddubs_epi16(b[t / TILE], a[t % TILE]));
        }
        EACH_PRODUCT sums[t] = _mm256_add_epi32(sums[t], _mm256_madd_epi16(s[t], ones));
    }
}

/// How a product is computed: `run` as above (0: widened), and the shift R of the right columns.
typedef struct {
    size_t run;
    int32_t shift;
} plan;

/// Adds the whole steps of `rows` rows and returns the rows done. A step is 32 rows, or 16 if widened.
static size_t add_steps(left_tile l, const uint8_t *strip, size_t rows, plan p, __m256i sums[PRODUCTS]) {
    size_t steps = rows / (p.run == 0 ? 16 : STEP_BYTES);
    if (p.run == 0) {
        add_widened(l, strip, steps, sums);
        return steps * 16;
    }
    if (p.run >= 4) {
        add_runs(l, strip, steps, p.run, sums);
        return steps * STEP_BYTES;
    }
    size_t done = p.run >= 2 ? steps / 2 * 2 : 0;
    if (done > 0) add_doubles(l, strip, done / 2, sums);
    for (int c = 0; c < TILE; c++) l.column[c] += done * STEP_BYTES;
    add_singles(l, strip + done * TILE * STEP_BYTES, steps - done, sums);
    return steps * STEP_BYTES;
}

/// The products of a tile over at most ROW_BLOCK rows.
static void multiply_tile(left_tile l, const uint8_t *strip, size_t rows, plan p, int64_t products[PRODUCTS]) {
    __m256i sums[PRODUCTS];
    EACH_PRODUCT sums[t] = _mm256_setzero_si256();
    size_t done = add_steps(l, strip, rows, p, sums);
    if (done < rows) {
        int8_t padded[TILE][STEP_BYTES] = {{0}};
        for (int c = 0; c < TILE; c++) l.column[c] = memcpy(padded[c], l.column[c] + done, rows - done);
        strip += done * TILE * (p.run == 0 ? 2 : 1);
        add_steps(l, strip, p.run == 0 ? 16 : STEP_BYTES, p, sums);
    }
    EACH_PRODUCT sums[t] = qk_widened(sums[t]);
    qk_store_totals(sums, products);
}

/// Columns of one side of a product: `count` of them, `stride` entries apart.
typedef struct {
    const int8_t *first;
    size_t count, stride;
} columns;

/// Puts the right columns from k on into a strip, step by step the 32 bytes of each: shifted, or widened to 16 bits.
/// Past the last column the last one is repeated; past the last row anything may stand, as it meets zeros on the left.
static void fill_strip(columns right, size_t k, size_t row, size_t rows, plan p, uint8_t *strip) {
    size_t step_rows = p.run == 0 ? 16 : STEP_BYTES;
    __m256i shift = _mm256_set1_epi8((char)p.shift);
    for (size_t c = 0; c < TILE; c++) {
        const int8_t *column = right.first + qk_smaller(k + c, right.count - 1) * right.stride + row;
        uint8_t *place = strip + c * STEP_BYTES;
        for (size_t i = 0; i < rows; i += step_rows, place += TILE * STEP_BYTES) {
            int8_t padded[STEP_BYTES] = {0};
            const int8_t *from = column + i;
            if (rows - i < step_rows) from = memcpy(padded, from, rows - i);
            __m256i step = p.run == 0 ? _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from))
                                      : _mm256_add_epi8(qk_load(from), shift);
            _mm256_store_si256((__m256i *)place, step);
        }
    }
}

/// Products of the left columns from j0 and the right columns from k0, a panel of each; of a Gram only j >= k.
static void multiply_panel(columns left, size_t j0, columns right, size_t k0, size_t row, size_t rows, plan p,
                           int lower, int64_t *products) {
    size_t j1 = qk_smaller(j0 + COLUMN_BLOCK, left.count), k1 = qk_smaller(k0 + COLUMN_BLOCK, right.count);
    int64_t shifts[COLUMN_BLOCK] = {0};
    if (p.shift > 0) qk_avx2_sums_i8(left.first + j0 * left.stride + row, rows, left.stride, j1 - j0, shifts);
    for (size_t k = k0; k < k1; k += TILE) {
        _Alignas(STEP_BYTES) uint8_t strip[STRIP_BYTES];
        fill_strip(right, k, row, rows, p, strip);
        for (size_t j = lower && k > j0 ? k : j0; j < j1; j += TILE) {
            left_tile l;
            int64_t tile[PRODUCTS];
            for (size_t d = 0; d < TILE; d++)
                l.column[d] = left.first + qk_smaller(j + d, left.count - 1) * left.stride + row;
            multiply_tile(l, strip, rows, p, tile);
            for (size_t c = 0; c < TILE && k + c < k1; c++)
                for (size_t d = 0; d < TILE && j + d < j1; d++)
                    if (!lower || j + d >= k + c)
                        products[j + d + (k + c) * left.count] += tile[d + TILE * c] - p.shift * shifts[j + d - j0];
        }
    }
}

static void multiply_all(columns left, int32_t largest_left, columns right, int32_t largest_right, size_t rows,
                         int lower, int64_t *products) {
    size_t run = (size_t)(INT16_MAX / (4 * largest_left * largest_right));
    plan p = {run, run == 0 ? 0 : largest_right};
    for (size_t row = 0; row < rows; row += ROW_BLOCK)
        for (size_t k = 0; k < right.count; k += COLUMN_BLOCK)
            for (size_t j = lower ? k : 0; j < left.count; j += COLUMN_BLOCK)
                multiply_panel(left, j, right, k, row, qk_smaller(ROW_BLOCK, rows - row), p, lower, products);
}

void qk_avx2_gram_i8(const int8_t *first, size_t rows, size_t stride, size_t count, int32_t largest, int64_t *gram) {
    columns c = {first, count, stride};
    multiply_all(c, largest, c, largest, rows, 1, gram);
}

void qk_avx2_cross_i8(const int8_t *left, size_t left_count, const int8_t *right, size_t right_count, size_t rows,
                      size_t stride, int32_t largest_left, int32_t largest_right, int64_t *products) {
    columns l = {left, left_count, stride}, r = {right, right_count, stride};
    multiply_all(l, largest_left, r, largest_right, rows, 0, products);
}

#pragma clang attribute pop

#endif
