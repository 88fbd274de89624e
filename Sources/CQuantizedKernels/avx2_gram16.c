// Exact sums of products of 16-bit columns: 3 by 3 columns in registers, panels of columns in the second-level cache.

#include "avx2_tiles.h"

#if defined(__x86_64__)

#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum {
    LANES = 16,         // rows of a step
    ROW_BLOCK = 1024,   // rows of a panel
    COLUMN_BLOCK = 96,  // columns of a panel, a multiple of TILE
};

/// Adds `steps` steps from `row` on. Exact while steps * 2 * |left| * |right| < 2^31.
static inline void add_steps(const int16_t *const *left, const int16_t *const *right, size_t row, size_t steps,
                             __m256i sums[PRODUCTS]) {
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = _mm256_setzero_si256();
    const int16_t *l0 = left[0] + row, *l1 = left[1] + row, *l2 = left[2] + row;
    const int16_t *r0 = right[0] + row, *r1 = right[1] + row, *r2 = right[2] + row;
    for (size_t i = 0; i < steps * LANES; i += LANES) {
        __m256i l[TILE] = {qk_load(l0 + i), qk_load(l1 + i), qk_load(l2 + i)};
        __m256i r[TILE] = {qk_load(r0 + i), qk_load(r1 + i), qk_load(r2 + i)};
        EACH_PRODUCT s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(l[t % TILE], r[t / TILE]));
    }
    EACH_PRODUCT sums[t] = _mm256_add_epi64(sums[t], qk_widened(s[t]));
}

/// The products of a tile over all rows; at most `flush` steps stay in 32 bits.
static void multiply_tile(const int16_t *const *left, const int16_t *const *right, size_t rows, size_t flush,
                          int64_t products[PRODUCTS]) {
    __m256i sums[PRODUCTS];
    EACH_PRODUCT sums[t] = _mm256_setzero_si256();
    size_t steps = rows / LANES;
    for (size_t step = 0; step < steps; step += qk_smaller(flush, steps - step))
        add_steps(left, right, step * LANES, qk_smaller(flush, steps - step), sums);
    size_t rest = rows % LANES;
    if (rest > 0) {
        int16_t padded[2 * TILE][LANES] = {{0}};
        const int16_t *tails[2 * TILE];
        for (int c = 0; c < 2 * TILE; c++) {
            const int16_t *column = c < TILE ? left[c] : right[c - TILE];
            tails[c] = memcpy(padded[c], column + steps * LANES, rest * sizeof(int16_t));
        }
        add_steps(tails, tails + TILE, 0, 1, sums);
    }
    qk_store_totals(sums, products);
}

/// Columns of one side of a product: `count` of them, `stride` entries apart.
typedef struct {
    const int16_t *first;
    size_t count, stride;
} columns;

/// The columns of a tile; past the last column the last one is repeated, and its products are not kept.
static inline void tile_columns(columns c, size_t from, size_t row, const int16_t *tile[TILE]) {
    for (size_t t = 0; t < TILE; t++) tile[t] = c.first + qk_smaller(from + t, c.count - 1) * c.stride + row;
}

/// Products of the left columns from j0 and the right columns from k0, a panel of each; of a Gram only j >= k.
static void multiply_panel(columns left, size_t j0, columns right, size_t k0, size_t row, size_t rows, size_t flush,
                           int lower, int64_t *products) {
    size_t j1 = qk_smaller(j0 + COLUMN_BLOCK, left.count), k1 = qk_smaller(k0 + COLUMN_BLOCK, right.count);
    for (size_t k = k0; k < k1; k += TILE) {
        const int16_t *r[TILE], *l[TILE];
        tile_columns(right, k, row, r);
        for (size_t j = lower && k > j0 ? k : j0; j < j1; j += TILE) {
            int64_t tile[PRODUCTS];
            tile_columns(left, j, row, l);
            multiply_tile(l, r, rows, flush, tile);
            for (size_t c = 0; c < TILE && k + c < k1; c++)
                for (size_t d = 0; d < TILE && j + d < j1; d++)
                    if (!lower || j + d >= k + c) products[j + d + (k + c) * left.count] += tile[d + TILE * c];
        }
    }
}

static void multiply_all(columns left, columns right, size_t rows, int64_t largest_product, int lower,
                         int64_t *products) {
    size_t flush = (size_t)(INT32_MAX / (2 * largest_product));
    for (size_t row = 0; row < rows; row += ROW_BLOCK)
        for (size_t k = 0; k < right.count; k += COLUMN_BLOCK)
            for (size_t j = lower ? k : 0; j < left.count; j += COLUMN_BLOCK)
                multiply_panel(left, j, right, k, row, qk_smaller(ROW_BLOCK, rows - row), flush, lower, products);
}

void qk_avx2_gram_i16(const int16_t *first, size_t rows, size_t stride, size_t count, int32_t largest,
                      int64_t *gram) {
    columns c = {first, count, stride};
    multiply_all(c, c, rows, (int64_t)largest * largest, 1, gram);
}

void qk_avx2_cross_i16(const int16_t *left, size_t left_count, const int16_t *right, size_t right_count,
                       size_t rows, size_t stride, int32_t largest_left, int32_t largest_right, int64_t *products) {
    columns l = {left, left_count, stride}, r = {right, right_count, stride};
    multiply_all(l, r, rows, (int64_t)largest_left * largest_right, 0, products);
}

#pragma clang attribute pop

#endif
