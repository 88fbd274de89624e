#pragma once

// The processor's own AVX2, and AVX-512 through SIMDe: found before the compiler's header of this name.

#include_next <immintrin.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

// SIMDe 0.7.4 gives this name to the masked instruction.
#undef _mm512_madd_epi16
#define _mm512_madd_epi16(a, b) simde_mm512_madd_epi16(a, b)

// What SIMDe 0.7.4 lacks, by its definition.

#include <stdint.h>
#include <string.h>

#define DEFINE_CONVERSION(name, from, to, from_type, to_type, count)                                                 \
    static inline to emulated_##name(from v) {                                                                       \
        from_type x[count];                                                                                          \
        to_type y[sizeof(to) / sizeof(to_type)] = {0};                                                               \
        to result;                                                                                                   \
        memcpy(x, &v, sizeof x);                                                                                     \
        for (int i = 0; i < count; i++) y[i] = (to_type)x[i];                                                        \
        memcpy(&result, y, sizeof result);                                                                           \
        return result;                                                                                               \
    }

DEFINE_CONVERSION(cvtepi32_epi64, __m256i, __m512i, int32_t, int64_t, 8)
DEFINE_CONVERSION(cvtepi32_pd, __m256i, __m512d, int32_t, double, 8)
DEFINE_CONVERSION(cvtepu8_epi16, __m256i, __m512i, uint8_t, uint16_t, 32)
DEFINE_CONVERSION(cvtepu8_epi64, __m128i, __m512i, uint8_t, uint64_t, 8)
DEFINE_CONVERSION(cvtepu32_epi64, __m256i, __m512i, uint32_t, uint64_t, 8)
DEFINE_CONVERSION(cvtepi64_epi8, __m512i, __m128i, int64_t, uint8_t, 8)
DEFINE_CONVERSION(cvtepi32_epi8, __m512i, __m128i, int32_t, uint8_t, 16)

static inline __mmask32 emulated_cmpeq_epi16_mask(__m512i a, __m512i b) {
    uint16_t x[32], y[32];
    uint32_t mask = 0;
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    for (int i = 0; i < 32; i++) mask |= (uint32_t)(x[i] == y[i]) << i;
    return mask;
}

static inline __m512d emulated_i64gather_pd(__m512i places, const double *base) {
    int64_t place[8];
    double x[8];
    __m512d result;
    memcpy(place, &places, sizeof place);
    for (int i = 0; i < 8; i++) x[i] = base[place[i]];
    memcpy(&result, x, sizeof result);
    return result;
}

#undef _mm512_cmpeq_epi16_mask
#define _mm512_cvtepi32_epi64 emulated_cvtepi32_epi64
#define _mm512_cvtepi32_pd emulated_cvtepi32_pd
#define _mm512_cvtepu8_epi16 emulated_cvtepu8_epi16
#define _mm512_cvtepu8_epi64 emulated_cvtepu8_epi64
#define _mm512_cvtepu32_epi64 emulated_cvtepu32_epi64
#define _mm512_i64gather_pd(places, base, scale) emulated_i64gather_pd(places, base)
#define _mm512_cvtepi64_epi8 emulated_cvtepi64_epi8
#define _mm512_cvtepi32_epi8 emulated_cvtepi32_epi8
#define _mm512_cmpeq_epi16_mask emulated_cmpeq_epi16_mask

static inline __m512d emulated_maskz_loadu_pd(__mmask8 kept, const double *from) {
    double x[8] = {0};
    __m512d result;
    for (int i = 0; i < 8; i++)
        if (kept >> i & 1) x[i] = from[i];
    memcpy(&result, x, sizeof result);
    return result;
}
#undef _mm512_maskz_loadu_pd
#define _mm512_maskz_loadu_pd(kept, from) emulated_maskz_loadu_pd(kept, from)

static inline void emulated_mask_storeu_pd(double *to, __mmask8 kept, __m512d from) {
    double x[8];
    memcpy(x, &from, sizeof x);
    for (int i = 0; i < 8; i++)
        if (kept >> i & 1) to[i] = x[i];
}
#undef _mm512_mask_storeu_pd
#define _mm512_mask_storeu_pd(to, kept, from) emulated_mask_storeu_pd(to, kept, from)
