#pragma once

#include "kernels.h"

/// What the AVX2 Gram kernels share: a register tile is 3 left by 3 right columns, a step 32 bytes of each column.
enum { TILE = 3, PRODUCTS = TILE * TILE, STEP_BYTES = 32 };

/// Product t of a tile is left column t % 3 times right column t / 3.
#define EACH_PRODUCT _Pragma("clang loop unroll(full)") for (int t = 0; t < PRODUCTS; t++)

static inline size_t qk_smaller(size_t a, size_t b) { return a < b ? a : b; }

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

static inline __m256i qk_load(const void *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

/// The sums of neighbours, so that 8 lanes of 32 bits are 4 of 64.
static inline __m256i qk_widened(__m256i lanes) {
    return _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(lanes)),
                            _mm256_cvtepi32_epi64(_mm256_extracti128_si256(lanes, 1)));
}

/// The totals of four vectors of 64-bit lanes.
static inline __m256i qk_totals(__m256i a, __m256i b, __m256i c, __m256i d) {
    __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    return _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20), _mm256_permute2x128_si256(ab, cd, 0x31));
}

/// Stores the totals of the products of a tile, each a vector of 64-bit lanes.
static inline void qk_store_totals(const __m256i sums[PRODUCTS], int64_t products[PRODUCTS]) {
    _mm256_storeu_si256((__m256i *)products, qk_totals(sums[0], sums[1], sums[2], sums[3]));
    _mm256_storeu_si256((__m256i *)(products + 4), qk_totals(sums[4], sums[5], sums[6], sums[7]));
    products[8] = _mm256_extract_epi64(qk_totals(sums[8], sums[8], sums[8], sums[8]), 0);
}

#pragma clang attribute pop

#endif
