// Exact sums of products of 16-bit columns: 3 by 3 columns in registers, panels of columns in the second-level cache.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

enum {
    TILE = 3,           // columns of a register tile, on each side
    LANES = 16,         // rows of a step
    ROW_BLOCK = 1024,   // rows of a panel
    COLUMN_BLOCK = 96,  // columns of a panel, a multiple of TILE
};

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// sums += the 8 products-of-pairs of each step. Exact while steps * 2 * |left| * |right| < 2^31.
static inline void add_steps(const int16_t *const *left, const int16_t *const *right, size_t row, size_t steps,
                             __m256i sums[TILE * TILE]) {
    __m256i s[TILE * TILE];
    for (int t = 0; t < TILE * TILE; t++) s[t] = _mm256_setzero_si256();
    const int16_t *l0 = left[0] + row, *l1 = left[1] + row, *l2 = left[2] + row;
    const int16_t *r0 = right[0] + row, *r1 = right[1] + row, *r2 = right[2] + row;
    for (size_t i = 0; i < steps * LANES; i += LANES) {
        __m256i a[TILE] = {_mm256_loadu_si256((const __m256i *)(l0 + i)),
                           _mm256_loadu_si256((const __m256i *)(l1 + i)),
                           _mm256_loadu_si256((const __m256i *)(l2 + i))};
        __m256i b[TILE] = {_mm256_loadu_si256((const __m256i *)(r0 + i)),
                           _mm256_loadu_si256((const __m256i *)(r1 + i)),
                           _mm256_loadu_si256((const __m256i *)(r2 + i))};
        for (int t = 0; t < TILE * TILE; t++)
            s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(a[t % TILE], b[t / TILE]));
    }
    for (int t = 0; t < TILE * TILE; t++) {
        __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(s[t]));
        __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(s[t], 1));
        sums[t] = _mm256_add_epi64(sums[t], _mm256_add_epi64(low, high));
    }
}

static inline int64_t total(__m256i lanes) {
    int64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, lanes);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/// products[j % 3 + 3*k] = sum over rows of left[j] times right[k]; at most `flush` steps stay in 32 bits.
static void multiply_tile(const int16_t *const *left, const int16_t *const *right, size_t rows, size_t flush,
                          int64_t products[TILE * TILE]) {
    __m256i sums[TILE * TILE];
    for (int t = 0; t < TILE * TILE; t++) sums[t] = _mm256_setzero_si256();
    size_t steps = rows / LANES;
    for (size_t step = 0; step < steps; step += smaller(flush, steps - step))
        add_steps(left, right, step * LANES, smaller(flush, steps - step), sums);
    size_t rest = rows % LANES;
    if (rest > 0) {
        int16_t padded[2 * TILE][LANES] = {{0}};
        const int16_t *tails[2 * TILE];
        for (int c = 0; c < 2 * TILE; c++) {
            const int16_t *column = c < TILE ? left[c] : right[c - TILE];
            memcpy(padded[c], column + steps * LANES, rest * sizeof(int16_t));
            tails[c] = padded[c];
        }
        add_steps(tails, tails + TILE, 0, 1, sums);
    }
    for (int t = 0; t < TILE * TILE; t++) products[t] = total(sums[t]);
}

/// Columns of one side of a product: `count` of them, `stride` entries apart.
typedef struct {
    const int16_t *first;
    size_t count, stride;
} columns_i16;

/// The columns of a tile; past the last column the last one is repeated, and its products are not kept.
static inline void tile_columns(columns_i16 c, size_t from, size_t row, const int16_t *tile[TILE]) {
    for (size_t t = 0; t < TILE; t++) tile[t] = c.first + smaller(from + t, c.count - 1) * c.stride + row;
}

/// Products of the left columns from j0 and the right columns from k0, a panel of each; of a Gram only j >= k.
static void multiply_panel(columns_i16 left, size_t j0, columns_i16 right, size_t k0, size_t row, size_t rows,
                           size_t flush, int lower, int64_t *products) {
    size_t j1 = smaller(j0 + COLUMN_BLOCK, left.count), k1 = smaller(k0 + COLUMN_BLOCK, right.count);
    for (size_t k = k0; k < k1; k += TILE) {
        const int16_t *r[TILE], *l[TILE];
        tile_columns(right, k, row, r);
        for (size_t j = lower && k > j0 ? k : j0; j < j1; j += TILE) {
            int64_t tile[TILE * TILE];
            tile_columns(left, j, row, l);
            multiply_tile(l, r, rows, flush, tile);
            for (size_t c = 0; c < TILE && k + c < k1; c++)
                for (size_t d = 0; d < TILE && j + d < j1; d++)
                    if (!lower || j + d >= k + c) products[j + d + (k + c) * left.count] += tile[d + TILE * c];
        }
    }
}

static void multiply_all(columns_i16 left, columns_i16 right, size_t rows, int64_t largest_product, int lower,
                         int64_t *products) {
    size_t flush = (size_t)(INT32_MAX / (2 * largest_product));
    for (size_t row = 0; row < rows; row += ROW_BLOCK)
        for (size_t k = 0; k < right.count; k += COLUMN_BLOCK)
            for (size_t j = lower ? k : 0; j < left.count; j += COLUMN_BLOCK)
                multiply_panel(left, j, right, k, row, smaller(ROW_BLOCK, rows - row), flush, lower, products);
}

void qk_avx2_gram_i16(const int16_t *columns, size_t rows, size_t stride, size_t count, int32_t largest,
                      int64_t *gram) {
    columns_i16 c = {columns, count, stride};
    multiply_all(c, c, rows, (int64_t)largest * largest, 1, gram);
}

void qk_avx2_cross_i16(const int16_t *left, size_t left_count, const int16_t *right, size_t right_count,
                       size_t rows, size_t stride, int32_t largest_left, int32_t largest_right, int64_t *products) {
    columns_i16 l = {left, left_count, stride}, r = {right, right_count, stride};
    multiply_all(l, r, rows, (int64_t)largest_left * largest_right, 0, products);
}

void qk_avx2_sums_i16(const int16_t *columns, size_t rows, size_t stride, size_t count, int64_t *sums) {
    enum { FLUSH = 32767 };  // steps of at most 2 * 32768 each that fit in 32 bits
    __m256i ones = _mm256_set1_epi16(1);
    for (size_t j = 0; j < count; j++) {
        const int16_t *column = columns + j * stride;
        size_t i = 0, vectors = rows / LANES * LANES;
        while (i < vectors) {
            __m256i sum = _mm256_setzero_si256();
            for (size_t end = i + smaller(FLUSH * LANES, vectors - i); i < end; i += LANES)
                sum = _mm256_add_epi32(
                    sum, _mm256_madd_epi16(_mm256_loadu_si256((const __m256i *)(column + i)), ones));
            sums[j] += total(_mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(sum)),
                                              _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sum, 1))));
        }
        for (; i < rows; i++) sums[j] += column[i];
    }
}

#pragma clang attribute pop

#endif
