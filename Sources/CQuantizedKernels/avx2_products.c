// Products of a packed matrix with a vector. Four columns at a time; levels come from tables in the first-level cache:
// for 4 bits a byte, which is two codes, looks up two levels at once; other widths are unpacked first.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum {
    BLOCK = QK_PRODUCT_ROWS,  // rows of a pass, so that the vector stays in the second-level cache
    CHUNK = 1024,             // rows unpacked at a time, a multiple of QK_LANES and of the rows of a byte
};

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// A table of a group of columns: the levels (times a factor) of each code, or of both codes of each byte.
typedef union {
    double single[QK_GROUP][256];
    _Alignas(32) double pair[QK_GROUP][256][2];
} level_table;

/// Fills the tables of the columns from j on; a missing column has zeros. `factors` may be NULL, which means 1.
static void fill_table(level_table *table, int paired, size_t j, size_t count, int bits, const double *levels,
                       const double *factors) {
    for (size_t k = 0; k < QK_GROUP; k++) {
        double column[256] = {0};
        if (j + k < count)
            for (size_t c = 0; c < (size_t)1 << bits; c++) {
                double level = levels[((j + k) << bits) + c];
                column[c] = factors ? level * factors[j + k] : level;
            }
        for (size_t c = 0; c < 256; c++) {
            if (paired)
                _mm_store_pd(table->pair[k][c], _mm_setr_pd(column[c & 15], column[c >> 4]));
            else
                table->single[k][c] = column[c];
        }
    }
}

/// The columns of a group at byte `offset`; a missing column is read as the first of the group, and its table is zero.
static inline void group_columns(const uint8_t *packed, size_t stride, size_t j, size_t count, size_t offset,
                                 const uint8_t *columns[QK_GROUP]) {
    for (size_t k = 0; k < QK_GROUP; k++) columns[k] = packed + (j + k < count ? j + k : j) * stride + offset;
}

static void unpack_group(const uint8_t *const *columns, size_t row, size_t rows, int bits,
                         uint8_t codes[QK_GROUP][CHUNK]) {
    for (size_t k = 0; k < QK_GROUP; k++) qk_avx2_unpack(columns[k] + row / 8 * (size_t)bits, rows, bits, codes[k]);
}

/// y += (p_0 + p_1) + (p_2 + p_3), two rows at a time.
static void add_pairs(const level_table *t, const uint8_t *const *columns, size_t rows, double *y) {
    for (size_t i = 0; i < rows / 2; i++) {
        __m128d p0 = _mm_load_pd(t->pair[0][columns[0][i]]), p1 = _mm_load_pd(t->pair[1][columns[1][i]]);
        __m128d p2 = _mm_load_pd(t->pair[2][columns[2][i]]), p3 = _mm_load_pd(t->pair[3][columns[3][i]]);
        __m128d sum = _mm_add_pd(_mm_add_pd(p0, p1), _mm_add_pd(p2, p3));
        _mm_storeu_pd(y + 2 * i, _mm_add_pd(_mm_loadu_pd(y + 2 * i), sum));
    }
    if (rows % 2 == 1) {
        size_t i = rows / 2;
        y[rows - 1] += (t->pair[0][columns[0][i]][0] + t->pair[1][columns[1][i]][0]) +
                       (t->pair[2][columns[2][i]][0] + t->pair[3][columns[3][i]][0]);
    }
}

static void add_singles(const level_table *t, const uint8_t codes[QK_GROUP][CHUNK], size_t rows, double *y) {
    for (size_t i = 0; i < rows; i++)
        y[i] += (t->single[0][codes[0][i]] + t->single[1][codes[1][i]]) +
                (t->single[2][codes[2][i]] + t->single[3][codes[3][i]]);
}

void qk_avx2_multiply(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                      const double *levels, const double *x, double *y) {
    for (size_t start = 0; start < rows; start += BLOCK) {
        size_t now = smaller(BLOCK, rows - start);
        for (size_t j = 0; j < count; j += QK_GROUP) {
            level_table table;
            const uint8_t *columns[QK_GROUP];
            fill_table(&table, bits == 4, j, count, bits, levels, x);
            group_columns(packed, stride, j, count, start / 8 * (size_t)bits, columns);
            if (bits == 4) {
                add_pairs(&table, columns, now, y + start);
                continue;
            }
            for (size_t i = 0; i < now; i += CHUNK) {
                uint8_t codes[QK_GROUP][CHUNK];
                size_t n = smaller(CHUNK, now - i);
                unpack_group(columns, i, n, bits, codes);
                add_singles(&table, codes, n, y + start + i);
            }
        }
    }
}

/// Eight lanes of each column of a group.
typedef struct {
    __m256d low[QK_GROUP], high[QK_GROUP];
} lane_sums;

#define EACH_COLUMN _Pragma("clang loop unroll(full)") for (int k = 0; k < QK_GROUP; k++)

static inline __m256d two_pairs(const double (*pair)[2], const uint8_t *bytes) {
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_load_pd(pair[bytes[0]])), _mm_load_pd(pair[bytes[1]]), 1);
}

/// lanes += level * y for whole groups of 8 rows.
static void add_pair_products(const level_table *t, const uint8_t *const *columns, size_t rows, const double *y,
                              lane_sums *lanes) {
    lane_sums s = *lanes;
    for (size_t i = 0; i + QK_LANES <= rows; i += QK_LANES) {
        __m256d low = _mm256_loadu_pd(y + i), high = _mm256_loadu_pd(y + i + 4);
        EACH_COLUMN {
            const uint8_t *bytes = columns[k] + i / 2;
            s.low[k] = _mm256_add_pd(s.low[k], _mm256_mul_pd(two_pairs(t->pair[k], bytes), low));
            s.high[k] = _mm256_add_pd(s.high[k], _mm256_mul_pd(two_pairs(t->pair[k], bytes + 2), high));
        }
    }
    *lanes = s;
}

static inline __m256d four_singles(const double *single, const uint8_t *codes) {
    return _mm256_setr_pd(single[codes[0]], single[codes[1]], single[codes[2]], single[codes[3]]);
}

static void add_single_products(const level_table *t, const uint8_t codes[QK_GROUP][CHUNK], size_t rows,
                                const double *y, lane_sums *lanes) {
    lane_sums s = *lanes;
    for (size_t i = 0; i + QK_LANES <= rows; i += QK_LANES) {
        __m256d low = _mm256_loadu_pd(y + i), high = _mm256_loadu_pd(y + i + 4);
        EACH_COLUMN {
            s.low[k] = _mm256_add_pd(s.low[k], _mm256_mul_pd(four_singles(t->single[k], codes[k] + i), low));
            s.high[k] = _mm256_add_pd(s.high[k], _mm256_mul_pd(four_singles(t->single[k], codes[k] + i + 4), high));
        }
    }
    *lanes = s;
}

/// Adds what the lanes and the last `rest` < 8 rows give to z.
static void finish(const level_table *t, int paired, const lane_sums *sums, const uint8_t codes[QK_GROUP][QK_LANES],
                   size_t rest, const double *y, size_t columns, double *z) {
    for (size_t k = 0; k < columns; k++) {
        double lanes[QK_LANES];
        _mm256_storeu_pd(lanes, sums->low[k]);
        _mm256_storeu_pd(lanes + 4, sums->high[k]);
        for (size_t r = 0; r < rest; r++)
            lanes[r] += (paired ? t->pair[k][codes[k][r]][0] : t->single[k][codes[k][r]]) * y[r];
        z[k] += qk_lane_total(lanes);
    }
}

void qk_avx2_multiply_transposed(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                                 const double *levels, const double *y, double *z) {
    for (size_t start = 0; start < rows; start += BLOCK) {
        size_t now = smaller(BLOCK, rows - start), whole = now / QK_LANES * QK_LANES;
        for (size_t j = 0; j < count; j += QK_GROUP) {
            level_table table;
            lane_sums lanes = {{_mm256_setzero_pd()}, {_mm256_setzero_pd()}};
            const uint8_t *columns[QK_GROUP];
            uint8_t last[QK_GROUP][QK_LANES];
            fill_table(&table, bits == 4, j, count, bits, levels, NULL);
            group_columns(packed, stride, j, count, start / 8 * (size_t)bits, columns);
            if (bits == 4) add_pair_products(&table, columns, whole, y + start, &lanes);
            for (size_t i = 0; bits != 4 && i < whole; i += CHUNK) {
                uint8_t codes[QK_GROUP][CHUNK];
                size_t n = smaller(CHUNK, whole - i);
                unpack_group(columns, i, n, bits, codes);
                add_single_products(&table, codes, n, y + start + i, &lanes);
            }
            for (size_t k = 0; k < QK_GROUP; k++)
                qk_scalar_unpack(columns[k] + whole / 8 * (size_t)bits, now - whole, bits, last[k]);
            finish(&table, bits == 4, &lanes, last, now - whole, y + start + whole, smaller(QK_GROUP, count - j), z + j);
        }
    }
}

#pragma clang attribute pop

#endif
