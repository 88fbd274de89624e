// Sums of products of planes of bits, as in avx2_bits.c: four vectors of products are added bit by bit, so that only one in
// four is counted in bytes.

#include "kernels.h"

#if defined(__x86_64__)

#include "avx512.h"

QK_AVX512_BEGIN

enum { STEP = 4 * BYTES, TILE = 8 };

/// The number of bits of each byte.
static inline vec count_bits(vec v) {
    const vec bits_of_nibbles = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const vec low = _mm512_set1_epi8(15);
    return _mm512_add_epi8(look_up(bits_of_nibbles, and(v, low)), look_up(bits_of_nibbles, and(high_nibbles(v), low)));
}

static inline vec product(const uint8_t *a, const uint8_t *b) { return and(load(a), load(b)); }

/// sum += a + b bit by bit; returns the carries.
static inline vec add_bits(vec *sum, vec a, vec b) {
    vec carry = _mm512_ternarylogic_epi64(*sum, a, b, 0xE8);
    *sum = _mm512_ternarylogic_epi64(*sum, a, b, 0x96);
    return carry;
}

/// The number of bits that two planes share.
static int64_t count_shared(const uint8_t *a, const uint8_t *b, size_t bytes) {
    const vec zero = _mm512_setzero_si512();
    vec ones = zero, twos = zero, fours = zero;
    size_t i = 0;
    while (i + STEP <= bytes) {
        vec counts = zero;  // each step adds at most 8 to a byte
        for (int left = 31; left > 0 && i + STEP <= bytes; left--, i += STEP) {
            vec first = add_bits(&ones, product(a + i, b + i), product(a + i + 64, b + i + 64));
            vec second = add_bits(&ones, product(a + i + 128, b + i + 128), product(a + i + 192, b + i + 192));
            counts = _mm512_add_epi8(counts, count_bits(add_bits(&twos, first, second)));
        }
        fours = _mm512_add_epi64(fours, _mm512_sad_epu8(counts, zero));
    }
    vec rest = _mm512_add_epi8(count_bits(ones), _mm512_slli_epi16(count_bits(twos), 1));
    for (; i < bytes; i += BYTES) {  // at most four vectors
        uint8_t x[BYTES] = {0}, y[BYTES] = {0};
        size_t n = smaller(BYTES, bytes - i);
        rest = _mm512_add_epi8(rest, count_bits(product(memcpy(x, a + i, n), memcpy(y, b + i, n))));
    }
    int64_t parts[8], total = 0;
    store(parts, _mm512_add_epi64(_mm512_slli_epi64(fours, 2), _mm512_sad_epu8(rest, zero)));
    for (int l = 0; l < 8; l++) total += parts[l];
    return total;
}

void qk_avx512_gram_bits(const uint8_t *planes, size_t bytes, size_t stride, size_t count, int64_t *gram) {
    for (size_t tile = 0; tile < count; tile += TILE)
        for (size_t k = 0; k < tile + TILE && k < count; k++)
            for (size_t j = k > tile ? k : tile; j < tile + TILE && j < count; j++)
                gram[j + k * count] += count_shared(planes + j * stride, planes + k * stride, bytes);
}

QK_AVX512_END

#endif
