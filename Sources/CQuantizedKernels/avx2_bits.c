// Planes of bits: slicing of bytes, and sums of products by AND and a count of bits. Four vectors of products are added
// bit by bit (a carry-save adder, as Harley and Seal count bits), so that only one in four is counted in bytes.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum { VECTOR = 32, STEP = 4 * VECTOR, TILE = 8 };

static inline __m256i load(const void *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

void qk_avx2_bit_planes(const uint8_t *values, size_t count, size_t plane_count, uint8_t *planes, size_t stride) {
    size_t i = 0;
    for (; i + VECTOR <= count; i += VECTOR) {
        __m256i v = load(values + i);
        for (size_t b = 8; b-- > 0; v = _mm256_add_epi8(v, v)) {
            uint32_t word = (uint32_t)_mm256_movemask_epi8(v);
            if (b < plane_count) memcpy(planes + b * stride + i / 8, &word, sizeof word);
        }
    }
    if (i < count) qk_scalar_bit_planes(values + i, count - i, plane_count, planes + i / 8, stride);
}

/// The number of bits of each byte.
static inline __m256i count_bits(__m256i v) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i low = _mm256_set1_epi8(15);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(v, low)),
                           _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), low)));
}

static inline __m256i product(const uint8_t *a, const uint8_t *b) { return _mm256_and_si256(load(a), load(b)); }

/// sum += a + b bit by bit; returns the carries.
static inline __m256i add_bits(__m256i *sum, __m256i a, __m256i b) {
    __m256i either = _mm256_xor_si256(*sum, a);
    __m256i carry = _mm256_or_si256(_mm256_and_si256(*sum, a), _mm256_and_si256(either, b));
    *sum = _mm256_xor_si256(either, b);
    return carry;
}

/// The number of bits that two planes share.
static int64_t count_shared(const uint8_t *a, const uint8_t *b, size_t bytes) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i ones = zero, twos = zero, fours = zero;
    size_t i = 0;
    while (i + STEP <= bytes) {
        __m256i counts = zero;  // each step adds at most 8 to a byte
        for (int left = 31; left > 0 && i + STEP <= bytes; left--, i += STEP) {
            __m256i first = add_bits(&ones, product(a + i, b + i), product(a + i + 32, b + i + 32));
            __m256i second = add_bits(&ones, product(a + i + 64, b + i + 64), product(a + i + 96, b + i + 96));
            counts = _mm256_add_epi8(counts, count_bits(add_bits(&twos, first, second)));
        }
        fours = _mm256_add_epi64(fours, _mm256_sad_epu8(counts, zero));
    }
    __m256i rest = _mm256_add_epi8(count_bits(ones), _mm256_slli_epi16(count_bits(twos), 1));
    for (; i < bytes; i += VECTOR) {  // at most four vectors
        uint8_t x[VECTOR] = {0}, y[VECTOR] = {0};
        size_t n = bytes - i < VECTOR ? bytes - i : VECTOR;
        rest = _mm256_add_epi8(rest, count_bits(product(memcpy(x, a + i, n), memcpy(y, b + i, n))));
    }
    __m256i sums = _mm256_add_epi64(_mm256_slli_epi64(fours, 2), _mm256_sad_epu8(rest, zero));
    int64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, sums);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

void qk_avx2_gram_bits(const uint8_t *planes, size_t bytes, size_t stride, size_t count, int64_t *gram) {
    for (size_t tile = 0; tile < count; tile += TILE)
        for (size_t k = 0; k < tile + TILE && k < count; k++)
            for (size_t j = k > tile ? k : tile; j < tile + TILE && j < count; j++)
                gram[j + k * count] += count_shared(planes + j * stride, planes + k * stride, bytes);
}

#pragma clang attribute pop

#endif
