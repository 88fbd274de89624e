// Products of a packed matrix with a vector, four columns at a time. Levels come from tables in the first-level cache.
// Two neighbouring codes of b <= 4 bits are one code of 2b bits, which looks up two levels at once.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum {
    BLOCK = QK_PRODUCT_ROWS,  // rows of a pass, so that the vector stays in the second-level cache
    CHUNK = 1024,             // rows unpacked at a time, a multiple of QK_LANES
};

#define EACH_COLUMN _Pragma("clang loop unroll(full)") for (int k = 0; k < QK_GROUP; k++)

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// A group of columns: where they start, and a table of the levels (times a factor) of each code or pair of codes.
typedef struct {
    union {
        _Alignas(32) double single[QK_GROUP][256];
        double pair[QK_GROUP][256][2];
    };
    const uint8_t *columns[QK_GROUP];
    int bits, paired;
} group;

/// The group of the columns from j on, at row `row`. `factors` may be NULL, which means 1. A missing column is read as
/// the first one, and its levels are zero.
static void fill_group(group *g, const uint8_t *packed, size_t row, size_t stride, size_t j, size_t count, int bits,
                       const double *levels, const double *factors) {
    size_t codes = (size_t)1 << bits;
    g->bits = bits;
    g->paired = bits <= 4;
    for (size_t k = 0; k < QK_GROUP; k++) {
        int exists = j + k < count;
        double column[256] = {0};
        g->columns[k] = packed + (exists ? j + k : j) * stride + row / 8 * (size_t)bits;
        for (size_t c = 0; exists && c < codes; c++) {
            double level = levels[((j + k) << bits) + c];
            column[c] = factors ? level * factors[j + k] : level;
        }
        if (!g->paired) memcpy(g->single[k], column, sizeof column);
        for (size_t high = 0; g->paired && high < codes; high++)
            for (size_t low = 0; low < codes; low++)
                _mm_store_pd(g->pair[k][low | high << bits], _mm_setr_pd(column[low], column[high]));
    }
}

/// The codes, or the pairs of codes, of whole groups of 8 rows.
static void unpack_rows(const group *g, size_t row, size_t rows, uint8_t indices[QK_GROUP][CHUNK]) {
    int width = g->paired ? 2 * g->bits : g->bits;
    size_t count = g->paired ? rows / 2 : rows;
    for (size_t k = 0; k < QK_GROUP; k++)
        qk_avx2_unpack(g->columns[k] + row / 8 * (size_t)g->bits, count, width, indices[k]);
}

/// Indices i, i + 1, … in the low bytes first; 4 pairs or 8 codes are 8 rows.
static inline uint32_t four_indices(const uint8_t *indices) {
    uint32_t four;
    memcpy(&four, indices, sizeof four);
    return four;
}

static inline __m128d pair_at(const group *g, int k, uint32_t indices, int place) {
    return _mm_load_pd(g->pair[k][indices >> 8 * place & 0xFF]);
}

static inline __m256d four_at(const group *g, int k, uint32_t codes) {
    const double *t = g->single[k];
    return _mm256_setr_pd(t[codes & 0xFF], t[codes >> 8 & 0xFF], t[codes >> 16 & 0xFF], t[codes >> 24]);
}

/// The level of a code by itself.
static inline double level_of(const group *g, size_t k, uint8_t code) {
    return g->paired ? g->pair[k][code][0] : g->single[k][code];
}

/// y += (p_0 + p_1) + (p_2 + p_3), from pairs.
static void add_pairs(const group *g, const uint8_t indices[QK_GROUP][CHUNK], size_t rows, double *y) {
    for (size_t i = 0; i < rows; i += 8) {
        uint32_t w[QK_GROUP];
        EACH_COLUMN w[k] = four_indices(indices[k] + i / 2);
        _Pragma("clang loop unroll(full)") for (int s = 0; s < 4; s++) {
            __m128d sum = _mm_add_pd(_mm_add_pd(pair_at(g, 0, w[0], s), pair_at(g, 1, w[1], s)),
                                     _mm_add_pd(pair_at(g, 2, w[2], s), pair_at(g, 3, w[3], s)));
            double *place = y + i + 2 * s;
            _mm_storeu_pd(place, _mm_add_pd(_mm_loadu_pd(place), sum));
        }
    }
}

/// The same, from codes.
static void add_singles(const group *g, const uint8_t indices[QK_GROUP][CHUNK], size_t rows, double *y) {
    for (size_t i = 0; i < rows; i += 4) {
        __m256d p[QK_GROUP];
        EACH_COLUMN p[k] = four_at(g, k, four_indices(indices[k] + i));
        __m256d sum = _mm256_add_pd(_mm256_add_pd(p[0], p[1]), _mm256_add_pd(p[2], p[3]));
        _mm256_storeu_pd(y + i, _mm256_add_pd(_mm256_loadu_pd(y + i), sum));
    }
}

/// The codes of the last `rest` < 8 rows.
static void unpack_last(const group *g, size_t row, size_t rest, uint8_t codes[QK_GROUP][QK_LANES]) {
    for (size_t k = 0; k < QK_GROUP; k++)
        qk_scalar_unpack(g->columns[k] + row / 8 * (size_t)g->bits, rest, g->bits, codes[k]);
}

void qk_avx2_multiply(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                      const double *levels, const double *x, double *y) {
    for (size_t start = 0; start < rows; start += BLOCK) {
        size_t now = smaller(BLOCK, rows - start), whole = now / 8 * 8;
        for (size_t j = 0; j < count; j += QK_GROUP) {
            group g;
            uint8_t indices[QK_GROUP][CHUNK], last[QK_GROUP][QK_LANES];
            fill_group(&g, packed, start, stride, j, count, bits, levels, x);
            for (size_t i = 0; i < whole; i += CHUNK) {
                size_t n = smaller(CHUNK, whole - i);
                unpack_rows(&g, i, n, indices);
                (g.paired ? add_pairs : add_singles)(&g, indices, n, y + start + i);
            }
            unpack_last(&g, whole, now - whole, last);
            for (size_t r = 0; r < now - whole; r++)
                y[start + whole + r] += (level_of(&g, 0, last[0][r]) + level_of(&g, 1, last[1][r])) +
                                        (level_of(&g, 2, last[2][r]) + level_of(&g, 3, last[3][r]));
        }
    }
}

/// Eight lanes of each column of a group.
typedef struct {
    __m256d low[QK_GROUP], high[QK_GROUP];
} lane_sums;

static inline __m256d two_pairs(const group *g, int k, uint32_t indices, int place) {
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(pair_at(g, k, indices, place)),
                                pair_at(g, k, indices, place + 1), 1);
}

/// lanes += level * y for whole groups of 8 rows, from pairs.
static void add_pair_products(const group *g, const uint8_t indices[QK_GROUP][CHUNK], size_t rows, const double *y,
                              lane_sums *lanes) {
    lane_sums s = *lanes;
    for (size_t i = 0; i < rows; i += 8) {
        __m256d low = _mm256_loadu_pd(y + i), high = _mm256_loadu_pd(y + i + 4);
        EACH_COLUMN {
            uint32_t w = four_indices(indices[k] + i / 2);
            s.low[k] = _mm256_add_pd(s.low[k], _mm256_mul_pd(two_pairs(g, k, w, 0), low));
            s.high[k] = _mm256_add_pd(s.high[k], _mm256_mul_pd(two_pairs(g, k, w, 2), high));
        }
    }
    *lanes = s;
}

/// The same, from codes.
static void add_single_products(const group *g, const uint8_t indices[QK_GROUP][CHUNK], size_t rows, const double *y,
                                lane_sums *lanes) {
    lane_sums s = *lanes;
    for (size_t i = 0; i < rows; i += 8) {
        __m256d low = _mm256_loadu_pd(y + i), high = _mm256_loadu_pd(y + i + 4);
        EACH_COLUMN {
            __m256d first = four_at(g, k, four_indices(indices[k] + i));
            __m256d second = four_at(g, k, four_indices(indices[k] + i + 4));
            s.low[k] = _mm256_add_pd(s.low[k], _mm256_mul_pd(first, low));
            s.high[k] = _mm256_add_pd(s.high[k], _mm256_mul_pd(second, high));
        }
    }
    *lanes = s;
}

/// Adds to z what the lanes and the last `rest` < 8 rows give.
static void finish(const group *g, const lane_sums *sums, size_t row, size_t rest, const double *y, size_t columns,
                   double *z) {
    uint8_t last[QK_GROUP][QK_LANES];
    unpack_last(g, row, rest, last);
    for (size_t k = 0; k < columns; k++) {
        double lanes[QK_LANES];
        _mm256_storeu_pd(lanes, sums->low[k]);
        _mm256_storeu_pd(lanes + 4, sums->high[k]);
        for (size_t r = 0; r < rest; r++) lanes[r] += level_of(g, k, last[k][r]) * y[r];
        z[k] += qk_lane_total(lanes);
    }
}

void qk_avx2_multiply_transposed(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                                 const double *levels, const double *y, double *z) {
    for (size_t start = 0; start < rows; start += BLOCK) {
        size_t now = smaller(BLOCK, rows - start), whole = now / 8 * 8;
        for (size_t j = 0; j < count; j += QK_GROUP) {
            group g;
            uint8_t indices[QK_GROUP][CHUNK];
            lane_sums lanes;
            EACH_COLUMN lanes.low[k] = lanes.high[k] = _mm256_setzero_pd();
            fill_group(&g, packed, start, stride, j, count, bits, levels, NULL);
            for (size_t i = 0; i < whole; i += CHUNK) {
                size_t n = smaller(CHUNK, whole - i);
                unpack_rows(&g, i, n, indices);
                (g.paired ? add_pair_products : add_single_products)(&g, indices, n, y + start + i, &lanes);
            }
            finish(&g, &lanes, whole, now - whole, y + start + whole, smaller(QK_GROUP, count - j), z + j);
        }
    }
}

#pragma clang attribute pop

#endif
