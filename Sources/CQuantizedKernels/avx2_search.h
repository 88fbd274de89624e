#pragma once

#include "kernels.h"

/// What the AVX2 encoders share: how many of an ascending list of bounds lie below a value. Fewer than 16 bounds are
/// compared one after the other. More are cut into rows of 16: the last bound of each row tells the row of a value,
/// and a comparison with the whole row the place in it.
enum { ROW = 16, ROWS = 16 };

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

#define DEFINE_BOUNDS(suffix, type, vector, broadcast)                                                               \
    /* Bounds ready for searching: `rows` is 0 for fewer than ROW of them. */                                        \
    typedef struct {                                                                                                 \
        vector steps[ROW];                                                                                           \
        const type *bounds;                                                                                          \
        size_t step_count, rows;                                                                                     \
        type last[ROW];                                                                                              \
    } bounds_##suffix;                                                                                               \
                                                                                                                     \
    /* Only the last row, which may be short, is copied: a call on a few values has little to prepare. */            \
    static inline void prepare_##suffix(bounds_##suffix *b, const type *bounds, size_t count) {                      \
        int is_short = count < ROW;                                                                                  \
        b->bounds = bounds;                                                                                          \
        b->rows = is_short ? 0 : count / ROW;                                                                        \
        b->step_count = is_short ? count : count / ROW;                                                              \
        for (size_t k = 0; k < b->step_count; k++)                                                                   \
            b->steps[k] = broadcast(bounds + (is_short ? k : k * ROW + ROW - 1));                                    \
        for (size_t k = 0; !is_short && k < ROW; k++)                                                                \
            b->last[k] = b->rows * ROW + k < count ? bounds[b->rows * ROW + k] : (type)INFINITY;                     \
    }                                                                                                                \
                                                                                                                     \
    static inline const type *row_##suffix(const bounds_##suffix *b, size_t row) {                                   \
        return row < b->rows ? b->bounds + row * ROW : b->last;                                                      \
    }

DEFINE_BOUNDS(f64, double, __m256d, _mm256_broadcast_sd)
DEFINE_BOUNDS(f32, float, __m256, _mm256_broadcast_ss)

/// How many of the steps lie below each of 32 values.
static inline __m256i steps_below_f32(const bounds_f32 *b, const float *values) {
    __m256 x[4];
    __m256i below[4];
    for (int v = 0; v < 4; v++) {
        x[v] = _mm256_loadu_ps(values + 8 * v);
        below[v] = _mm256_setzero_si256();
    }
    for (size_t k = 0; k < b->step_count; k++)
        for (int v = 0; v < 4; v++)
            below[v] =
                _mm256_sub_epi32(below[v], _mm256_castps_si256(_mm256_cmp_ps(b->steps[k], x[v], _CMP_LT_OQ)));
    __m256i c = _mm256_packus_epi16(_mm256_packs_epi32(below[0], below[1]), _mm256_packs_epi32(below[2], below[3]));
    return _mm256_permutevar8x32_epi32(c, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/// How many of the bounds of a row lie below the value.
static inline int row_below_f32(const float *row, float value) {
    __m256 x = _mm256_set1_ps(value);
    int first = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(row), x, _CMP_LT_OQ));
    int second = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(row + 8), x, _CMP_LT_OQ));
    return __builtin_popcount((unsigned)(first | second << 8));
}

/// codes[i] = how many of the bounds lie below values[i], for 32 values.
static inline void search_f32(const bounds_f32 *b, const float values[32], uint8_t codes[32]) {
    _mm256_storeu_si256((__m256i *)codes, steps_below_f32(b, values));
    for (size_t v = 0; b->rows > 0 && v < 32; v++)
        codes[v] = (uint8_t)(codes[v] * ROW + row_below_f32(row_f32(b, codes[v]), values[v]));
}

/// How many of the steps lie below each of 16 values.
static inline __m128i steps_below_f64(const bounds_f64 *b, const double *values) {
    __m256d x[4];
    __m256i below[4];
    for (int v = 0; v < 4; v++) {
        x[v] = _mm256_loadu_pd(values + 4 * v);
        below[v] = _mm256_setzero_si256();
    }
    for (size_t k = 0; k < b->step_count; k++)
        for (int v = 0; v < 4; v++)
            below[v] =
                _mm256_sub_epi64(below[v], _mm256_castpd_si256(_mm256_cmp_pd(b->steps[k], x[v], _CMP_LT_OQ)));
    // Counts are 64-bit with an empty upper half, so packing 32-bit halves packs the counts.
    __m256i c = _mm256_packs_epi32(_mm256_packs_epi32(below[0], below[1]), _mm256_packs_epi32(below[2], below[3]));
    c = _mm256_packus_epi16(c, c);
    return _mm_unpacklo_epi16(_mm256_castsi256_si128(c), _mm256_extracti128_si256(c, 1));
}

static inline __m256i is_below_f64(const double *row, __m256d x) {
    return _mm256_castpd_si256(_mm256_cmp_pd(_mm256_loadu_pd(row), x, _CMP_LT_OQ));
}

/// How many of the bounds of a row lie below the value.
static inline int row_below_f64(const double *row, double value) {
    __m256d x = _mm256_set1_pd(value);
    __m256i first = _mm256_packs_epi32(is_below_f64(row, x), is_below_f64(row + 4, x));
    __m256i second = _mm256_packs_epi32(is_below_f64(row + 8, x), is_below_f64(row + 12, x));
    // Two bytes of the mask for each bound.
    return __builtin_popcount((unsigned)_mm256_movemask_epi8(_mm256_packs_epi16(first, second))) / 2;
}

/// codes[i] = how many of the bounds lie below values[i], for 16 values.
static inline void search_f64(const bounds_f64 *b, const double values[16], uint8_t codes[16]) {
    _mm_storeu_si128((__m128i *)codes, steps_below_f64(b, values));
    for (size_t v = 0; b->rows > 0 && v < 16; v++)
        codes[v] = (uint8_t)(codes[v] * ROW + row_below_f64(row_f64(b, codes[v]), values[v]));
}

#pragma clang attribute pop

#endif
