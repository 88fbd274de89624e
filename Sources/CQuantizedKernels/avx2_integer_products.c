// Products with integers, compiled for AVX2.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum { LANES = 2, BYTES = 16 * LANES };
typedef __m256i vec;

#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline vec load(const void *bytes) { return _mm256_loadu_si256((const vec *)bytes); }
static inline void store(void *bytes, vec v) { _mm256_storeu_si256((vec *)bytes, v); }
static inline vec table(const void *bytes) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}
static inline vec splat8(int8_t v) { return _mm256_set1_epi8(v); }
static inline vec splat16(int16_t v) { return _mm256_set1_epi16(v); }
static inline vec splat32(int32_t v) { return _mm256_set1_epi32(v); }
static inline vec and(vec a, vec b) { return _mm256_and_si256(a, b); }
static inline vec high_nibbles(vec v) { return _mm256_srli_epi16(v, 4); }
static inline vec high_bytes(vec v) { return _mm256_srli_epi16(v, 8); }
static inline vec look_up(vec table, vec index) { return _mm256_shuffle_epi8(table, index); }
static inline vec multiply_add(vec sum, vec a, vec b) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)); }

#define INTERLEAVE(bits)                                                                                             \
    static inline vec low##bits(vec a, vec b) { return _mm256_unpacklo_epi##bits(a, b); }                            \
    static inline vec high##bits(vec a, vec b) { return _mm256_unpackhi_epi##bits(a, b); }
INTERLEAVE(8)
INTERLEAVE(16)
INTERLEAVE(32)
INTERLEAVE(64)

static inline void add_rows(const vec r[3], double unit, double *y) {
    const __m256d radix = _mm256_set1_pd(65536);
    EACH(lane, LANES) {
        __m256d d[3];
        EACH(l, 3)
            d[l] = _mm256_cvtepi32_pd(lane ? _mm256_extracti128_si256(r[l], 1) : _mm256_castsi256_si128(r[l]));
        __m256d sum = _mm256_fmadd_pd(_mm256_fmadd_pd(d[2], radix, d[1]), radix, d[0]);
        double *place = y + 32 * lane;
        _mm256_storeu_pd(place, _mm256_fmadd_pd(sum, _mm256_set1_pd(unit), _mm256_loadu_pd(place)));
    }
}

static inline vec cut_two(const double *y, double inverse) {
    // 3 * 2^51 + v has the integer v in its low bits; adding 2^31 + 2^15 carries what makes the digits signed.
    const __m256d anchor = _mm256_set1_pd(0x1.8p52);
    const vec flip = _mm256_set1_epi64x(0x80008000), base = _mm256_sub_epi64(flip, _mm256_castpd_si256(anchor));
    __m256d two = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(y)), _mm_loadu_pd(y + 32), 1);
    vec v = _mm256_castpd_si256(_mm256_fmadd_pd(two, _mm256_set1_pd(inverse), anchor));
    return _mm256_xor_si256(_mm256_add_epi64(v, base), flip);
}

#define QK_NAME(name) qk_avx2_##name
#include "integer_products.inc"

#pragma clang attribute pop

#endif
