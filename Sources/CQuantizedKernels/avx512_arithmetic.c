// Gram matrices and products of integers, compiled for AVX-512 without VNNI. Two sums of two products of bytes are at most
// 4 * 126 * 63 < 2^15: they are added in 16 bits before they are widened.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#include "avx512.h"

QK_AVX512_BEGIN

static inline vec multiply_add(vec sum, vec a, vec b) { return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b)); }

static inline vec multiply_bytes(vec sum, vec a, vec b, vec c, vec d) {
    vec pairs = _mm512_add_epi16(_mm512_maddubs_epi16(a, b), _mm512_maddubs_epi16(c, d));
    return multiply_add(sum, pairs, _mm512_set1_epi16(1));
}

#define QK_NAME(name) qk_avx512_##name
#include "avx512_gram.inc"
#include "avx512_products.inc"

QK_AVX512_END

#endif
