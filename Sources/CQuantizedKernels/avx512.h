#pragma once

// What the AVX-512 kernels share. QK_AVX512_BEGIN opens the region of code for AVX-512 with F, BW, DQ and VL (and VNNI, where
// a file defines QK_VNNI), QK_AVX512_END closes it. Emulation of these instructions (Tests/Emulation) defines QK_EMULATED
// and compiles the same lines for another processor.

#include <immintrin.h>
#include <string.h>

#define QK_PRAGMA(text) _Pragma(#text)
#if defined(QK_EMULATED)
#define QK_AVX512_BEGIN
#define QK_AVX512_END
#else
#if defined(QK_VNNI)
#define QK_FEATURES "avx2,fma,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"
#else
#define QK_FEATURES "avx2,fma,popcnt,avx512f,avx512bw,avx512dq,avx512vl"
#endif
#define QK_AVX512_BEGIN QK_PRAGMA(clang attribute push(__attribute__((target(QK_FEATURES))), apply_to = function))
#define QK_AVX512_END QK_PRAGMA(clang attribute pop)
#endif

#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

enum { LANES = 4, BYTES = 16 * LANES };
typedef __m512i vec;

QK_AVX512_BEGIN

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline vec load(const void *bytes) { return _mm512_loadu_si512(bytes); }
static inline void store(void *bytes, vec v) { _mm512_storeu_si512(bytes, v); }
static inline vec table(const void *bytes) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)bytes));
}
static inline vec and(vec a, vec b) { return _mm512_and_si512(a, b); }
static inline vec high_nibbles(vec v) { return _mm512_srli_epi16(v, 4); }
static inline vec look_up(vec table, vec index) { return _mm512_shuffle_epi8(table, index); }

QK_AVX512_END
