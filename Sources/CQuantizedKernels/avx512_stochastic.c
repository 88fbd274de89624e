// Values to codes by stochastic rounding: the lower neighbours first, then draws that raise them.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#include "avx512.h"
#include <math.h>

QK_AVX512_BEGIN

#include "avx512_search.h"

/// Values searched at a time before the draws, a multiple of 16, so that neither waits for the other.
enum { CHUNK = 256 };

/// The hashes of eight states, two draws of 32 bits each.
static inline vec hash(vec z) {
    z = _mm512_mullo_epi64(_mm512_xor_si512(z, _mm512_srli_epi64(z, 30)), _mm512_set1_epi64((long long)0xBF58476D1CE4E5B9));
    z = _mm512_mullo_epi64(_mm512_xor_si512(z, _mm512_srli_epi64(z, 27)), _mm512_set1_epi64((long long)0x94D049BB133111EB));
    return _mm512_xor_si512(z, _mm512_srli_epi64(z, 31));
}

/// Eight draws of 32 bits as multiples of 2^-32 in [0, 1).
static inline __m512d uniform(__m256i draws) {
    // 2^20 + draw/2^32: the draw is the lower half of the fraction.
    const vec exponent = _mm512_set1_epi64(0x4130000000000000);
    return _mm512_sub_pd(_mm512_castsi512_pd(_mm512_or_si512(_mm512_cvtepu32_epi64(draws), exponent)),
                         _mm512_castsi512_pd(exponent));
}

/// Levels ready for looking up by code: up to 16 of them in two registers.
typedef struct {
    const double *levels;
    __m512d first, second;
    int is_short;
} level_table;

static inline __m512d level_of(const level_table *t, vec code) {
    if (t->is_short) return _mm512_permutex2var_pd(t->first, code, t->second);
    return _mm512_i64gather_pd(code, t->levels, 8);
}

/// The codes of eight values, which are those of the lower neighbours, raised where the draws say.
static inline __m128i raised(const double *values, const level_table *t, vec code, __m256i draws) {
    const vec one = _mm512_set1_epi64(1);
    __m512d low = level_of(t, code), width = _mm512_sub_pd(level_of(t, _mm512_add_epi64(code, one)), low);
    __m512d above = _mm512_sub_pd(_mm512_loadu_pd(values), low);
    __mmask8 up = _mm512_cmp_pd_mask(_mm512_mul_pd(uniform(draws), width), above, _CMP_LT_OQ);
    return _mm512_cvtepi64_epi8(_mm512_mask_add_epi64(code, up, code, one));
}

/// Codes of 16 values by the eight hashes from `state` on.
static inline void draw(const double *values, const level_table *t, uint64_t state, uint8_t codes[16]) {
    const vec steps = _mm512_setr_epi64(0, QK_GOLDEN, 2 * QK_GOLDEN, 3 * QK_GOLDEN, 4 * QK_GOLDEN, 5 * QK_GOLDEN,
                                        6 * QK_GOLDEN, 7 * QK_GOLDEN);
    vec z = hash(_mm512_add_epi64(_mm512_set1_epi64((long long)state), steps));
    __m128i low = _mm_loadu_si128((const __m128i *)codes);
    __m128i first = raised(values, t, _mm512_cvtepu8_epi64(low), _mm512_castsi512_si256(z));
    __m128i second = raised(values + 8, t, _mm512_cvtepu8_epi64(_mm_srli_si128(low, 8)), _mm512_extracti64x4_epi64(z, 1));
    _mm_storeu_si128((__m128i *)codes, _mm_unpacklo_epi64(first, second));
}

void qk_avx512_encode_stochastic(const double *values, size_t count, const double *levels, size_t level_count,
                                 uint64_t start, uint64_t first, uint8_t *codes) {
    double padded[16] = {0};
    size_t i = 0;
    if (level_count < 2) {
        if (count > 0) memset(codes, 0, count);
        return;
    }
    memcpy(padded, levels, smaller(16, level_count) * sizeof(double));
    bound_tree tree;
    prepare_tree(&tree, levels + 1, level_count - 2);
    level_table t = {levels, _mm512_loadu_pd(padded), _mm512_loadu_pd(padded + 8), level_count <= 16};
    if (first % 2 == 1 && count > 0) {  // the second half of a hash
        qk_scalar_encode_stochastic(values, 1, levels, level_count, start, first, codes);
        i = 1;
    }
    uint64_t state = start + ((first + i) / 2 + 1) * QK_GOLDEN;
    while (i + 16 <= count) {
        size_t end = i + smaller((count - i) / 16 * 16, CHUNK);
        search_tree(&tree, values + i, end - i, codes + i);
        for (; i < end; i += 16, state += 8 * QK_GOLDEN) draw(values + i, &t, state, codes + i);
    }
    if (i < count) {
        double rest[16] = {0};
        uint8_t c[16];
        memcpy(rest, values + i, (count - i) * sizeof(double));
        search_tree(&tree, rest, 16, c);
        draw(rest, &t, state, c);
        memcpy(codes + i, c, count - i);
    }
}

QK_AVX512_END

#endif
