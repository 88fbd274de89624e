// Gram matrices and products of integers, compiled for AVX-512 with VNNI.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#define QK_VNNI
#include "avx512.h"

QK_AVX512_BEGIN

static inline vec multiply_add(vec sum, vec a, vec b) { return _mm512_dpwssd_epi32(sum, a, b); }

static inline vec multiply_bytes(vec sum, vec a, vec b, vec c, vec d) {
    return _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sum, a, b), c, d);
}

#define QK_NAME(name) qk_avx512vnni_##name
#include "avx512_gram.inc"
#include "avx512_products.inc"

QK_AVX512_END

#endif
