// Packing and unpacking of codes, 32 at a time. What is left over goes to the scalar kernels.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

/// Byte positions for `_mm256_shuffle_epi8`: the low `bits` bytes of both halves of each 128 bits, side by side.
static __m256i gather_bytes(int bits) {
    uint8_t order[16];
    for (int i = 0; i < 16; i++)
        order[i] = i < bits ? (uint8_t)i : i < 2 * bits ? (uint8_t)(8 + i - bits) : 0x80;
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)order));
}

void qk_avx2_pack(const uint8_t *codes, size_t count, int bits, uint8_t *packed) {
    if (bits == 8) {
        if (count > 0) memcpy(packed, codes, count);
        return;
    }
    size_t bytes = qk_packed_bytes(count, bits), step = 4 * (size_t)bits, i = 0, written = 0;
    // Pairs of codes into 16 bits, pairs of those into 32, then into 64: 8 codes are `bits` bytes.
    __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1));
    __m256i weights8 = _mm256_set1_epi16((short)(1 | 1 << (8 + bits)));
    __m256i weights16 = _mm256_set1_epi32(1 | 1 << (16 + 2 * bits));
    __m256i low = _mm256_set1_epi64x(0xFFFFFFFF), order = gather_bytes(bits);
    __m128i down = _mm_cvtsi32_si128(32 - 4 * bits);
    // Both stores write 16 bytes, of which 2*bits count; the last one must end inside the output.
    for (; i + 32 <= count && written + step / 2 + 16 <= bytes; i += 32, written += step) {
        __m256i c = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(codes + i)), mask);
        __m256i pairs = _mm256_maddubs_epi16(weights8, c);
        __m256i fours = _mm256_madd_epi16(pairs, weights16);
        __m256i high = _mm256_srl_epi64(_mm256_andnot_si256(low, fours), down);
        __m256i eights = _mm256_shuffle_epi8(_mm256_or_si256(_mm256_and_si256(fours, low), high), order);
        _mm_storeu_si128((__m128i *)(packed + written), _mm256_castsi256_si128(eights));
        _mm_storeu_si128((__m128i *)(packed + written + step / 2), _mm256_extracti128_si256(eights, 1));
    }
    qk_scalar_pack(codes + i, count - i, bits, packed + written);
}

/// Byte positions that put the bytes of codes 0…3, 4…7, 8…11, 12…15 of a stream into four 32-bit lanes.
static __m256i spread_bytes(int bits) {
    uint8_t order[16];
    for (int lane = 0; lane < 4; lane++)
        for (int byte = 0; byte < 4; byte++) order[4 * lane + byte] = (uint8_t)(4 * bits * lane / 8 + byte);
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)order));
}

void qk_avx2_unpack(const uint8_t *packed, size_t count, int bits, uint8_t *codes) {
    if (bits == 8) {
        if (count > 0) memcpy(codes, packed, count);
        return;
    }
    size_t bytes = qk_packed_bytes(count, bits), step = 4 * (size_t)bits, i = 0, read = 0;
    uint32_t one = (1u << bits) - 1, two = (1u << 2 * bits) - 1;
    __m256i order = spread_bytes(bits), odd = _mm256_setr_epi32(0, 4 * bits % 8, 0, 4 * bits % 8, 0, 4 * bits % 8, 0,
                                                                4 * bits % 8);
    __m256i low16 = _mm256_set1_epi32((int)two), high16 = _mm256_set1_epi32((int)(two << 16));
    __m256i low8 = _mm256_set1_epi16((short)one), high8 = _mm256_set1_epi16((short)(one << 8));
    __m128i up16 = _mm_cvtsi32_si128(16 - 2 * bits), up8 = _mm_cvtsi32_si128(8 - bits);
    for (; i + 32 <= count && read + step / 2 + 16 <= bytes; i += 32, read += step) {
        __m128i first = _mm_loadu_si128((const __m128i *)(packed + read));
        __m128i second = _mm_loadu_si128((const __m128i *)(packed + read + step / 2));
        __m256i fours = _mm256_shuffle_epi8(_mm256_set_m128i(second, first), order);
        fours = _mm256_srlv_epi32(fours, odd);
        __m256i pairs = _mm256_or_si256(_mm256_and_si256(fours, low16),
                                        _mm256_and_si256(_mm256_sll_epi32(fours, up16), high16));
        __m256i c = _mm256_or_si256(_mm256_and_si256(pairs, low8),
                                    _mm256_and_si256(_mm256_sll_epi16(pairs, up8), high8));
        _mm256_storeu_si256((__m256i *)(codes + i), c);
    }
    qk_scalar_unpack(packed + read, count - i, bits, codes + i);
}

#pragma clang attribute pop

#endif
