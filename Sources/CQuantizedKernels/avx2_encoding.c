// Values to codes. Up to 15 thresholds are compared one after the other. More are cut into rows of 16: the last
// threshold of each row tells the row of a value, and a comparison with the whole row the place in it.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum { ROW = 16, ROWS = 16 };

/// How many of n thresholds lie below each of 32 values.
static inline __m256i count_below_f32(const float *values, const __m256 *thresholds, size_t n) {
    __m256 x[4];
    __m256i below[4];
    for (int v = 0; v < 4; v++) {
        x[v] = _mm256_loadu_ps(values + 8 * v);
        below[v] = _mm256_setzero_si256();
    }
    for (size_t k = 0; k < n; k++)
        for (int v = 0; v < 4; v++)
            below[v] =
                _mm256_sub_epi32(below[v], _mm256_castps_si256(_mm256_cmp_ps(thresholds[k], x[v], _CMP_LT_OQ)));
    __m256i c = _mm256_packus_epi16(_mm256_packs_epi32(below[0], below[1]), _mm256_packs_epi32(below[2], below[3]));
    return _mm256_permutevar8x32_epi32(c, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/// How many of the thresholds of a row lie below the value.
static inline int count_in_row_f32(const float *row, float value) {
    __m256 x = _mm256_set1_ps(value);
    int first = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(row), x, _CMP_LT_OQ));
    int second = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(row + 8), x, _CMP_LT_OQ));
    return __builtin_popcount((unsigned)(first | second << 8));
}

void qk_avx2_encode_f32(const float *values, size_t count, const float *thresholds, size_t threshold_count,
                        uint8_t *codes) {
    float rows[ROWS][ROW];
    __m256 t[ROW];
    int is_short = threshold_count < ROW;
    size_t n = is_short ? threshold_count : threshold_count / ROW, i = 0;
    for (size_t k = 0; k < n; k++) t[k] = _mm256_set1_ps(thresholds[is_short ? k : k * ROW + ROW - 1]);
    for (size_t k = 0; k < ROWS * ROW; k++) rows[k / ROW][k % ROW] = k < threshold_count ? thresholds[k] : INFINITY;
    for (; i + 32 <= count; i += 32) {
        _mm256_storeu_si256((__m256i *)(codes + i), count_below_f32(values + i, t, n));
        for (size_t v = i; !is_short && v < i + 32; v++)
            codes[v] = (uint8_t)(codes[v] * ROW + count_in_row_f32(rows[codes[v]], values[v]));
    }
    qk_scalar_encode_f32(values + i, count - i, thresholds, threshold_count, codes + i);
}

/// How many of n thresholds lie below each of 16 values.
static inline __m128i count_below_f64(const double *values, const __m256d *thresholds, size_t n) {
    __m256d x[4];
    __m256i below[4];
    for (int v = 0; v < 4; v++) {
        x[v] = _mm256_loadu_pd(values + 4 * v);
        below[v] = _mm256_setzero_si256();
    }
    for (size_t k = 0; k < n; k++)
        for (int v = 0; v < 4; v++)
            below[v] =
                _mm256_sub_epi64(below[v], _mm256_castpd_si256(_mm256_cmp_pd(thresholds[k], x[v], _CMP_LT_OQ)));
    // Counts are 64-bit with an empty upper half, so packing 32-bit halves packs the counts.
    __m256i c = _mm256_packs_epi32(_mm256_packs_epi32(below[0], below[1]), _mm256_packs_epi32(below[2], below[3]));
    c = _mm256_packus_epi16(c, c);
    return _mm_unpacklo_epi16(_mm256_castsi256_si128(c), _mm256_extracti128_si256(c, 1));
}

static inline __m256i is_below_f64(const double *row, __m256d x) {
    return _mm256_castpd_si256(_mm256_cmp_pd(_mm256_loadu_pd(row), x, _CMP_LT_OQ));
}

/// How many of the thresholds of a row lie below the value.
static inline int count_in_row_f64(const double *row, double value) {
    __m256d x = _mm256_set1_pd(value);
    __m256i first = _mm256_packs_epi32(is_below_f64(row, x), is_below_f64(row + 4, x));
    __m256i second = _mm256_packs_epi32(is_below_f64(row + 8, x), is_below_f64(row + 12, x));
    // Two bytes of the mask for each threshold.
    return __builtin_popcount((unsigned)_mm256_movemask_epi8(_mm256_packs_epi16(first, second))) / 2;
}

void qk_avx2_encode_f64(const double *values, size_t count, const double *thresholds, size_t threshold_count,
                        uint8_t *codes) {
    double rows[ROWS][ROW];
    __m256d t[ROW];
    int is_short = threshold_count < ROW;
    size_t n = is_short ? threshold_count : threshold_count / ROW, i = 0;
    for (size_t k = 0; k < n; k++) t[k] = _mm256_set1_pd(thresholds[is_short ? k : k * ROW + ROW - 1]);
    for (size_t k = 0; k < ROWS * ROW; k++) rows[k / ROW][k % ROW] = k < threshold_count ? thresholds[k] : INFINITY;
    for (; i + 16 <= count; i += 16) {
        _mm_storeu_si128((__m128i *)(codes + i), count_below_f64(values + i, t, n));
        for (size_t v = i; !is_short && v < i + 16; v++)
            codes[v] = (uint8_t)(codes[v] * ROW + count_in_row_f64(rows[codes[v]], values[v]));
    }
    qk_scalar_encode_f64(values + i, count - i, thresholds, threshold_count, codes + i);
}

#pragma clang attribute pop

#endif
