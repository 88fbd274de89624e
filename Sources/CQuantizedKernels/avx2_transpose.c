// Rows to centred columns: squares of 4 by 4 numbers, 16 rows at a time: few enough streams for the
// processor to fetch ahead, and whole cache lines of the target.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum { SQUARE = 4, ROW_GROUP = 16 };

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static inline __m256d four_f64(const double *values) { return _mm256_loadu_pd(values); }
static inline __m256d four_f32(const float *values) { return _mm256_cvtps_pd(_mm_loadu_ps(values)); }

/// Stores the columns of four rows.
static inline void store_square(const __m256d r[SQUARE], double *target, size_t stride) {
    __m256d a = _mm256_unpacklo_pd(r[0], r[1]), b = _mm256_unpackhi_pd(r[0], r[1]);
    __m256d c = _mm256_unpacklo_pd(r[2], r[3]), d = _mm256_unpackhi_pd(r[2], r[3]);
    _mm256_storeu_pd(target, _mm256_permute2f128_pd(a, c, 0x20));
    _mm256_storeu_pd(target + stride, _mm256_permute2f128_pd(b, d, 0x20));
    _mm256_storeu_pd(target + 2 * stride, _mm256_permute2f128_pd(a, c, 0x31));
    _mm256_storeu_pd(target + 3 * stride, _mm256_permute2f128_pd(b, d, 0x31));
}

#define DEFINE_COLUMNS(suffix, type)                                                                                 \
    void qk_avx2_columns_from_##suffix(const type *rows, size_t row_count, size_t column_count, size_t row_stride,   \
                                       const double *centers, double *target, size_t column_stride) {                \
        size_t squares = column_count / SQUARE * SQUARE;                                                             \
        for (size_t first = 0; first < row_count; first += ROW_GROUP) {                                              \
            size_t count = smaller(ROW_GROUP, row_count - first), whole = count / SQUARE * SQUARE;                   \
            const type *from = rows + first * row_stride;                                                            \
            for (size_t j = 0; j < squares; j += SQUARE) {                                                           \
                __m256d center = _mm256_loadu_pd(centers + j);                                                       \
                for (size_t i = 0; i < whole; i += SQUARE) {                                                         \
                    __m256d r[SQUARE];                                                                               \
                    for (size_t k = 0; k < SQUARE; k++)                                                              \
                        r[k] = _mm256_sub_pd(four_##suffix(from + (i + k) * row_stride + j), center);                \
                    store_square(r, target + first + i + j * column_stride, column_stride);                          \
                }                                                                                                    \
            }                                                                                                        \
            qk_scalar_columns_from_##suffix(from + whole * row_stride, count - whole, squares, row_stride, centers,  \
                                            target + first + whole, column_stride);                                  \
            qk_scalar_columns_from_##suffix(from + squares, count, column_count - squares, row_stride,               \
                                            centers + squares, target + first + squares * column_stride,             \
                                            column_stride);                                                          \
        }                                                                                                            \
    }

DEFINE_COLUMNS(f64, double)
DEFINE_COLUMNS(f32, float)

#pragma clang attribute pop

#endif
