// Codes to levels. Up to 128 integer levels are looked up in registers, 16 at a time; more of them two codes at a time in
// tables that have the level in its place of the pair, so that half as many stores are needed.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

/// Codes unpacked at a time by the fused kernels; a multiple of 32.
enum { CHUNK = 2048 };

void qk_avx2_decode_f64(const uint8_t *codes, size_t count, const double *levels, size_t level_count,
                        double *values) {
    double t[256] = {0};
    if (level_count > 0) memcpy(t, levels, level_count * sizeof(double));
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        uint32_t c;
        memcpy(&c, codes + i, sizeof c);
        _mm256_storeu_pd(values + i, _mm256_setr_pd(t[c & 0xFF], t[c >> 8 & 0xFF], t[c >> 16 & 0xFF], t[c >> 24]));
    }
    for (; i < count; i++) values[i] = t[codes[i]];
}

/// Two neighbouring codes of at most 4 bits are one of twice the width, which looks up two levels at once.
static size_t decode_pairs(const uint8_t *packed, size_t count, int bits, const double *levels, size_t level_count,
                           double *values) {
    _Alignas(16) double table[256][2], t[16] = {0};
    if (level_count > 0) memcpy(t, levels, (level_count < 16 ? level_count : 16) * sizeof(double));
    for (size_t c = 0; c < (size_t)1 << 2 * bits; c++) {
        table[c][0] = t[c & ((1u << bits) - 1)];
        table[c][1] = t[c >> bits];
    }
    uint8_t pairs[CHUNK];
    size_t whole = count / 8 * 8;
    for (size_t i = 0; i < whole; i += 2 * CHUNK) {
        size_t n = whole - i < 2 * CHUNK ? whole - i : 2 * CHUNK;
        qk_avx2_unpack(packed + i / 8 * (size_t)bits, n / 2, 2 * bits, pairs);
        for (size_t r = 0; r < n / 2; r++) _mm_storeu_pd(values + i + 2 * r, _mm_load_pd(table[pairs[r]]));
    }
    return whole;
}

void qk_avx2_unpack_decode_f64(const uint8_t *packed, size_t count, int bits, const double *levels,
                               size_t level_count, double *values) {
    uint8_t codes[CHUNK];
    size_t done = bits <= 4 ? decode_pairs(packed, count, bits, levels, level_count, values) : 0;
    for (size_t i = done; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? count - i : CHUNK;
        qk_avx2_unpack(packed + i / 8 * (size_t)bits, n, bits, codes);
        qk_avx2_decode_f64(codes, n, levels, level_count, values + i);
    }
}

/// The low and the high bytes of integer levels, 16 levels to a register (twice).
typedef struct {
    __m256i low[8], high[8];
    int groups;
} level_bytes;

static level_bytes split_levels(const int16_t *levels, size_t level_count) {
    level_bytes split;
    uint8_t low[128] = {0}, high[128] = {0};
    for (size_t k = 0; k < level_count; k++) {
        low[k] = (uint8_t)levels[k];
        high[k] = (uint8_t)((uint16_t)levels[k] >> 8);
    }
    split.groups = (int)((level_count + 15) / 16);
    for (int g = 0; g < 8; g++) {
        split.low[g] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(low + 16 * g)));
        split.high[g] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(high + 16 * g)));
    }
    return split;
}

/// For a code in group g the index is 0x70 plus its place there; for all others it has the top bit set, and a shuffle
/// gives 0.
static inline __m256i index_in_group(__m256i codes, int g) {
    return _mm256_adds_epu8(_mm256_xor_si256(codes, _mm256_set1_epi8((char)(16 * g))), _mm256_set1_epi8(0x70));
}

/// Decodes whole groups of 32 codes and returns how many codes that were.
static size_t look_up_i16(const level_bytes *split, const uint8_t *codes, size_t count, int16_t *values) {
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(codes + i)), low = _mm256_setzero_si256(), high = low;
        for (int g = 0; g < split->groups; g++) {
            __m256i index = index_in_group(c, g);
            low = _mm256_or_si256(low, _mm256_shuffle_epi8(split->low[g], index));
            high = _mm256_or_si256(high, _mm256_shuffle_epi8(split->high[g], index));
        }
        __m256i even = _mm256_unpacklo_epi8(low, high), odd = _mm256_unpackhi_epi8(low, high);
        _mm256_storeu_si256((__m256i *)(values + i), _mm256_permute2x128_si256(even, odd, 0x20));
        _mm256_storeu_si256((__m256i *)(values + i + 16), _mm256_permute2x128_si256(even, odd, 0x31));
    }
    return i;
}

static size_t look_up_i8(const level_bytes *split, const uint8_t *codes, size_t count, int8_t *values) {
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(codes + i)), low = _mm256_setzero_si256();
        for (int g = 0; g < split->groups; g++)
            low = _mm256_or_si256(low, _mm256_shuffle_epi8(split->low[g], index_in_group(c, g)));
        _mm256_storeu_si256((__m256i *)(values + i), low);
    }
    return i;
}

static level_bytes split_levels_i8(const int8_t *levels, size_t level_count) {
    int16_t wide[128];
    for (size_t k = 0; k < level_count; k++) wide[k] = levels[k];
    return split_levels(wide, level_count);
}

static level_bytes split_levels_i16(const int16_t *levels, size_t level_count) {
    return split_levels(levels, level_count);
}

/// The codes of 64 nibbles in 32 bytes, in order: the first 32, the last 32.
static inline void split_nibbles(const uint8_t *packed, __m256i codes[2]) {
    const __m256i low = _mm256_set1_epi8(0x0F);
    __m256i bytes = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i *)packed), 0xD8);
    __m256i even = _mm256_and_si256(bytes, low), odd = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low);
    codes[0] = _mm256_unpacklo_epi8(even, odd);
    codes[1] = _mm256_unpackhi_epi8(even, odd);
}

static inline __m256i sixteen(const uint8_t bytes[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}

/// Codes of 4 bits look up their levels without being stored. Both return how many codes they took, whole groups of 64.
static size_t look_up_nibbles_i8(const int8_t *levels, size_t level_count, const uint8_t *packed, size_t count,
                                 int8_t *values) {
    uint8_t bytes[16] = {0};
    memcpy(bytes, levels, level_count);
    __m256i table = sixteen(bytes);
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        __m256i c[2];
        split_nibbles(packed + i / 2, c);
        for (int h = 0; h < 2; h++)
            _mm256_storeu_si256((__m256i *)(values + i + 32 * h), _mm256_shuffle_epi8(table, c[h]));
    }
    return i;
}

static size_t look_up_nibbles_i16(const int16_t *levels, size_t level_count, const uint8_t *packed, size_t count,
                                  int16_t *values) {
    uint8_t low_bytes[16] = {0}, high_bytes[16] = {0};
    for (size_t k = 0; k < level_count; k++) {
        low_bytes[k] = (uint8_t)levels[k];
        high_bytes[k] = (uint8_t)((uint16_t)levels[k] >> 8);
    }
    __m256i low_table = sixteen(low_bytes), high_table = sixteen(high_bytes);
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        __m256i c[2];
        split_nibbles(packed + i / 2, c);
        for (int h = 0; h < 2; h++) {
            __m256i codes = _mm256_permute4x64_epi64(c[h], 0xD8);
            __m256i low = _mm256_shuffle_epi8(low_table, codes), high = _mm256_shuffle_epi8(high_table, codes);
            int16_t *place = values + i + 32 * h;
            _mm256_storeu_si256((__m256i *)place, _mm256_unpacklo_epi8(low, high));
            _mm256_storeu_si256((__m256i *)(place + 16), _mm256_unpackhi_epi8(low, high));
        }
    }
    return i;
}

#define DEFINE_DECODE(suffix, type, bits_of_level, pair)                                                             \
    static void look_up_pairs_##suffix(const uint8_t *codes, size_t count, const type *levels, size_t level_count,   \
                                       type *values) {                                                               \
        pair first[256] = {0}, second[256] = {0};                                                                    \
        for (size_t k = 0; k < level_count; k++) {                                                                   \
            first[k] = (u##type)levels[k];                                                                           \
            second[k] = (pair)(first[k] << bits_of_level);                                                           \
        }                                                                                                            \
        size_t i = 0;                                                                                                \
        for (; i + 8 <= count; i += 8) {                                                                             \
            uint64_t c;                                                                                              \
            memcpy(&c, codes + i, sizeof c);                                                                         \
            for (int k = 0; k < 4; k++) {                                                                            \
                pair both = first[c >> 16 * k & 0xFF] | second[c >> (16 * k + 8) & 0xFF];                            \
                memcpy(values + i + 2 * k, &both, sizeof both);                                                      \
            }                                                                                                        \
        }                                                                                                            \
        for (; i < count; i++) values[i] = (type)first[codes[i]];                                                    \
    }                                                                                                                \
                                                                                                                     \
    void qk_avx2_decode_##suffix(const uint8_t *codes, size_t count, const type *levels, size_t level_count,         \
                                 type *values) {                                                                     \
        if (count < 32) {                                                                                            \
            qk_scalar_decode_##suffix(codes, count, levels, level_count, values);                                    \
        } else if (level_count > 128) {                                                                              \
            look_up_pairs_##suffix(codes, count, levels, level_count, values);                                       \
        } else {                                                                                                     \
            level_bytes split = split_levels_##suffix(levels, level_count);                                          \
            size_t done = look_up_##suffix(&split, codes, count, values);                                            \
            if (done < count)                                                                                        \
                qk_scalar_decode_##suffix(codes + done, count - done, levels, level_count, values + done);           \
        }                                                                                                            \
    }                                                                                                                \
                                                                                                                     \
    void qk_avx2_unpack_decode_##suffix(const uint8_t *packed, size_t count, int bits, const type *levels,           \
                                        size_t level_count, type *values) {                                          \
        uint8_t codes[CHUNK];                                                                                        \
        size_t done = 0;                                                                                             \
        if (bits == 4 && count >= 64) {                                                                              \
            done = look_up_nibbles_##suffix(levels, level_count < 16 ? level_count : 16, packed, count, values);     \
        } else if (bits == 8) {                                                                                      \
            qk_avx2_decode_##suffix(packed, count, levels, level_count, values);                                     \
            return;                                                                                                  \
        }                                                                                                            \
        for (size_t i = done; i < count; i += CHUNK) {                                                               \
            size_t n = count - i < CHUNK ? count - i : CHUNK;                                                        \
            qk_avx2_unpack(packed + i / 8 * (size_t)bits, n, bits, codes);                                           \
            qk_avx2_decode_##suffix(codes, n, levels, level_count, values + i);                                      \
        }                                                                                                            \
    }

DEFINE_DECODE(i16, int16_t, 16, uint32_t)
DEFINE_DECODE(i8, int8_t, 8, uint16_t)

#pragma clang attribute pop

#endif
