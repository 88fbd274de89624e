// Exact column sums.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static inline int64_t total(__m256i lanes) {
    int64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, lanes);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

void qk_avx2_sums_i16(const int16_t *columns, size_t rows, size_t stride, size_t count, int64_t *sums) {
    enum { LANES = 16, FLUSH = 32767 };  // steps of at most 2 * 32768 each that fit in 32 bits
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

void qk_avx2_sums_i8(const int8_t *columns, size_t rows, size_t stride, size_t count, int64_t *sums) {
    enum { LANES = 32 };
    // x + 128 is unsigned, and unsigned bytes are summed 8 at a time.
    __m256i flip = _mm256_set1_epi8((char)0x80), zero = _mm256_setzero_si256();
    for (size_t j = 0; j < count; j++) {
        const int8_t *column = columns + j * stride;
        size_t i = 0, vectors = rows / LANES * LANES;
        __m256i sum = zero;
        for (; i < vectors; i += LANES) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(column + i));
            sum = _mm256_add_epi64(sum, _mm256_sad_epu8(_mm256_xor_si256(x, flip), zero));
        }
        sums[j] += total(sum) - 128 * (int64_t)vectors;
        for (; i < rows; i++) sums[j] += column[i];
    }
}

#pragma clang attribute pop

#endif
