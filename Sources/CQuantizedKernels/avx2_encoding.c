// Values to codes: up to 15 thresholds are compared one after the other, more go through a binary search.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

void qk_avx2_encode_f32(const float *values, size_t count, const float *thresholds, size_t threshold_count,
                        uint8_t *codes) {
    size_t i = 0;
    if (threshold_count <= 15) {
        __m256 t[15];
        for (size_t k = 0; k < threshold_count; k++) t[k] = _mm256_set1_ps(thresholds[k]);
        __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        for (; i + 32 <= count; i += 32) {
            __m256 x[4];
            __m256i below[4];
            for (int v = 0; v < 4; v++) {
                x[v] = _mm256_loadu_ps(values + i + 8 * v);
                below[v] = _mm256_setzero_si256();
            }
            for (size_t k = 0; k < threshold_count; k++)
                for (int v = 0; v < 4; v++)
                    below[v] = _mm256_sub_epi32(
                        below[v], _mm256_castps_si256(_mm256_cmp_ps(t[k], x[v], _CMP_LT_OQ)));
            __m256i c = _mm256_packus_epi16(_mm256_packs_epi32(below[0], below[1]),
                                            _mm256_packs_epi32(below[2], below[3]));
            _mm256_storeu_si256((__m256i *)(codes + i), _mm256_permutevar8x32_epi32(c, order));
        }
    }
    qk_scalar_encode_f32(values + i, count - i, thresholds, threshold_count, codes + i);
}

void qk_avx2_encode_f64(const double *values, size_t count, const double *thresholds, size_t threshold_count,
                        uint8_t *codes) {
    size_t i = 0;
    if (threshold_count <= 15) {
        __m256d t[15];
        for (size_t k = 0; k < threshold_count; k++) t[k] = _mm256_set1_pd(thresholds[k]);
        for (; i + 16 <= count; i += 16) {
            __m256d x[4];
            __m256i below[4];
            for (int v = 0; v < 4; v++) {
                x[v] = _mm256_loadu_pd(values + i + 4 * v);
                below[v] = _mm256_setzero_si256();
            }
            for (size_t k = 0; k < threshold_count; k++)
                for (int v = 0; v < 4; v++)
                    below[v] = _mm256_sub_epi64(
                        below[v], _mm256_castpd_si256(_mm256_cmp_pd(t[k], x[v], _CMP_LT_OQ)));
            // Counts are 64-bit with an empty upper half, so packing 32-bit halves packs the counts.
            __m256i c = _mm256_packs_epi32(_mm256_packs_epi32(below[0], below[1]),
                                           _mm256_packs_epi32(below[2], below[3]));
            c = _mm256_packus_epi16(c, c);
            _mm_storeu_si128((__m128i *)(codes + i), _mm_unpacklo_epi16(_mm256_castsi256_si128(c),
                                                                        _mm256_extracti128_si256(c, 1)));
        }
    }
    qk_scalar_encode_f64(values + i, count - i, thresholds, threshold_count, codes + i);
}

#pragma clang attribute pop

#endif
