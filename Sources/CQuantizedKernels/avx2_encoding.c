// Values to codes, nearest and stochastic.

#include "avx2_search.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

#define DEFINE_ENCODE(suffix, type, lanes)                                                                           \
    void qk_avx2_encode_##suffix(const type *values, size_t count, const type *thresholds, size_t threshold_count,   \
                                 uint8_t *codes) {                                                                   \
        bounds_##suffix b;                                                                                           \
        size_t i = 0;                                                                                                \
        prepare_##suffix(&b, thresholds, threshold_count);                                                           \
        for (; i + lanes <= count; i += lanes) search_##suffix(&b, values + i, codes + i);                           \
        if (i < count) {                                                                                             \
            type rest[lanes] = {0};                                                                                  \
            uint8_t last[lanes];                                                                                     \
            search_##suffix(&b, memcpy(rest, values + i, (count - i) * sizeof(type)), last);                         \
            memcpy(codes + i, last, count - i);                                                                      \
        }                                                                                                            \
    }

DEFINE_ENCODE(f64, double, 16)
DEFINE_ENCODE(f32, float, 32)

/// Values searched at a time before the draws, a multiple of 16, so that neither waits for the other.
enum { CHUNK = 256 };

/// The low 64 bits of a product of 64-bit numbers.
static inline __m256i multiply_64(__m256i a, uint64_t constant) {
    __m256i low = _mm256_set1_epi64x((long long)(constant & 0xFFFFFFFF));
    __m256i high = _mm256_set1_epi64x((long long)(constant >> 32));
    __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), low), _mm256_mul_epu32(a, high));
    return _mm256_add_epi64(_mm256_mul_epu32(a, low), _mm256_slli_epi64(cross, 32));
}

/// The hashes of four states: draws of 32 bits each.
static inline __m256i hash(__m256i z) {
    z = multiply_64(_mm256_xor_si256(z, _mm256_srli_epi64(z, 30)), 0xBF58476D1CE4E5B9);
    z = multiply_64(_mm256_xor_si256(z, _mm256_srli_epi64(z, 27)), 0x94D049BB133111EB);
    return _mm256_xor_si256(z, _mm256_srli_epi64(z, 31));
}

/// Four draws of 32 bits as multiples of 2^-32 in [0, 1).
static inline __m256d uniform(__m128i draws) {
    // 2^20 + draw/2^32: the draw is the lower half of the fraction.
    const __m256i exponent = _mm256_set1_epi64x(0x4130000000000000);
    __m256i bits = _mm256_or_si256(_mm256_cvtepu32_epi64(draws), exponent);
    return _mm256_sub_pd(_mm256_castsi256_pd(bits), _mm256_castsi256_pd(exponent));
}

/// Whether to go up from the levels of four codes.
static inline __m256i goes_up(const double *values, const double *levels, const uint8_t *c, __m128i draws) {
    __m256d even = _mm256_set_m128d(_mm_loadu_pd(levels + c[2]), _mm_loadu_pd(levels + c[0]));
    __m256d odd = _mm256_set_m128d(_mm_loadu_pd(levels + c[3]), _mm_loadu_pd(levels + c[1]));
    __m256d low = _mm256_unpacklo_pd(even, odd), width = _mm256_sub_pd(_mm256_unpackhi_pd(even, odd), low);
    __m256d above = _mm256_sub_pd(_mm256_loadu_pd(values), low);
    return _mm256_castpd_si256(_mm256_cmp_pd(_mm256_mul_pd(uniform(draws), width), above, _CMP_LT_OQ));
}

/// Raises the codes of 16 values, which are those of the lower neighbours, where the eight hashes from `state` on say.
static inline void draw(const double *values, const double *levels, uint64_t state, uint8_t codes[16]) {
    static const uint64_t steps[4] = {0, QK_GOLDEN, 2 * QK_GOLDEN, 3 * QK_GOLDEN};
    __m256i z = _mm256_add_epi64(_mm256_set1_epi64x((long long)state), _mm256_loadu_si256((const __m256i *)steps));
    __m256i a = hash(z), b = hash(_mm256_add_epi64(z, _mm256_set1_epi64x((long long)(4 * QK_GOLDEN))));
    __m256i up[4] = {goes_up(values, levels, codes, _mm256_castsi256_si128(a)),
                     goes_up(values + 4, levels, codes + 4, _mm256_extracti128_si256(a, 1)),
                     goes_up(values + 8, levels, codes + 8, _mm256_castsi256_si128(b)),
                     goes_up(values + 12, levels, codes + 12, _mm256_extracti128_si256(b, 1))};
    __m256i m = _mm256_packs_epi32(_mm256_packs_epi32(up[0], up[1]), _mm256_packs_epi32(up[2], up[3]));
    m = _mm256_packs_epi16(m, m);
    __m128i raised = _mm_unpacklo_epi16(_mm256_castsi256_si128(m), _mm256_extracti128_si256(m, 1));
    _mm_storeu_si128((__m128i *)codes, _mm_sub_epi8(_mm_loadu_si128((const __m128i *)codes), raised));
}

void qk_avx2_encode_stochastic(const double *values, size_t count, const double *levels, size_t level_count,
                               uint64_t start, uint64_t first, uint8_t *codes) {
    bounds_f64 b;
    size_t i = 0;
    if (level_count < 2) {
        if (count > 0) memset(codes, 0, count);
        return;
    }
    prepare_f64(&b, levels + 1, level_count - 2);
    if (first % 2 == 1 && count > 0) {  // the second half of a hash
        qk_scalar_encode_stochastic(values, 1, levels, level_count, start, first, codes);
        i = 1;
    }
    uint64_t state = start + ((first + i) / 2 + 1) * QK_GOLDEN;
    while (i + 16 <= count) {
        size_t end = i + (count - i < CHUNK ? (count - i) / 16 * 16 : CHUNK);
        for (size_t k = i; k < end; k += 16) search_f64(&b, values + k, codes + k);
        for (; i < end; i += 16, state += 8 * QK_GOLDEN) draw(values + i, levels, state, codes + i);
    }
    if (i < count) {
        double rest[16] = {0};
        uint8_t c[16];
        memcpy(rest, values + i, (count - i) * sizeof(double));
        search_f64(&b, rest, c);
        draw(rest, levels, state, c);
        memcpy(codes + i, c, count - i);
    }
}

#pragma clang attribute pop

#endif
