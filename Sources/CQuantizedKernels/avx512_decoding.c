// Codes to integer levels. Levels are looked up as 16-bit words, 32 to a register, in pairs of registers; bytes are cut from
// them. Codes of 4 bits look up bytes, without being stored.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#include "avx512.h"

QK_AVX512_BEGIN

/// Codes unpacked at a time, a multiple of 128.
enum { CHUNK = 2048 };

/// The levels as words, and how many pairs of registers hold them.
typedef struct {
    vec words[8];
    int pairs;
} level_words;

static level_words spread_i16(const int16_t *levels, size_t level_count) {
    int16_t all[256] = {0};
    if (level_count > 0) memcpy(all, levels, level_count * sizeof *levels);
    level_words spread = {.pairs = (int)((level_count + 63) / 64)};
    EACH(k, 8) spread.words[k] = load(all + 32 * k);
    return spread;
}

static level_words spread_i8(const int8_t *levels, size_t level_count) {
    int16_t wide[256];
    for (size_t k = 0; k < level_count; k++) wide[k] = levels[k];
    return spread_i16(wide, level_count);
}

/// The levels of 32 codes, 0 for codes beyond the last pair of registers.
static inline vec look_up_words(const level_words *spread, const uint8_t *codes) {
    vec index = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)codes)), result = _mm512_setzero_si512();
    vec pair = _mm512_srli_epi16(index, 6);
    for (int g = 0; g < spread->pairs; g++) {
        __mmask32 mask = _mm512_cmpeq_epi16_mask(pair, _mm512_set1_epi16((int16_t)g));
        vec words = _mm512_permutex2var_epi16(spread->words[2 * g], index, spread->words[2 * g + 1]);
        result = _mm512_mask_mov_epi16(result, mask, words);
    }
    return result;
}

static inline void store_words_i16(vec words, int16_t *values) { store(values, words); }
static inline void store_words_i8(vec words, int8_t *values) {
    _mm256_storeu_si256((__m256i *)values, _mm512_cvtepi16_epi8(words));
}

/// Codes of 4 bits. Both return how many codes they took, whole groups of 128.
static inline void split_nibbles(const uint8_t *packed, vec codes[2]) {
    const vec low = _mm512_set1_epi8(15), order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
    // Interleaving works on lanes of 16 bytes: lane l gets bytes 8l … 8l + 7 and 32 + 8l … of the stream.
    vec bytes = _mm512_permutexvar_epi64(order, load(packed));
    vec even = and(bytes, low), odd = and(high_nibbles(bytes), low);
    codes[0] = _mm512_unpacklo_epi8(even, odd);
    codes[1] = _mm512_unpackhi_epi8(even, odd);
}

static size_t look_up_nibbles_i8(const int8_t *levels, size_t level_count, const uint8_t *packed, size_t count,
                                 int8_t *values) {
    int8_t bytes[16] = {0};
    memcpy(bytes, levels, level_count);
    vec levels_of_codes = table(bytes);
    size_t i = 0;
    for (; i + 128 <= count; i += 128) {
        vec c[2];
        split_nibbles(packed + i / 2, c);
        EACH(h, 2) store(values + i + 64 * h, look_up(levels_of_codes, c[h]));
    }
    return i;
}

static size_t look_up_nibbles_i16(const int16_t *levels, size_t level_count, const uint8_t *packed, size_t count,
                                  int16_t *values) {
    level_words spread = spread_i16(levels, level_count);
    size_t i = 0;
    for (; i + 128 <= count; i += 128) {
        uint8_t codes[128];
        vec c[2];
        split_nibbles(packed + i / 2, c);
        EACH(h, 2) store(codes + 64 * h, c[h]);
        EACH(k, 4) store(values + i + 32 * k, look_up_words(&spread, codes + 32 * k));
    }
    return i;
}

#define DEFINE_DECODE(suffix, type)                                                                                  \
    void qk_avx512_decode_##suffix(const uint8_t *codes, size_t count, const type *levels, size_t level_count,       \
                                   type *values) {                                                                   \
        level_words spread = spread_##suffix(levels, level_count);                                                   \
        size_t i = 0;                                                                                                \
        for (; i + 32 <= count; i += 32) store_words_##suffix(look_up_words(&spread, codes + i), values + i);        \
        if (i < count) qk_scalar_decode_##suffix(codes + i, count - i, levels, level_count, values + i);             \
    }                                                                                                                \
                                                                                                                     \
    void qk_avx512_unpack_decode_##suffix(const uint8_t *packed, size_t count, int bits, const type *levels,         \
                                          size_t level_count, type *values) {                                        \
        uint8_t codes[CHUNK];                                                                                        \
        size_t i = 0;                                                                                                \
        if (bits == 8) {                                                                                             \
            qk_avx512_decode_##suffix(packed, count, levels, level_count, values);                                   \
            return;                                                                                                  \
        }                                                                                                            \
        if (bits == 4) i = look_up_nibbles_##suffix(levels, smaller(level_count, 16), packed, count, values);        \
        for (; i < count; i += CHUNK) {                                                                              \
            size_t n = smaller(CHUNK, count - i);                                                                    \
            qk_avx2_unpack(packed + i / 8 * (size_t)bits, n, bits, codes);                                           \
            qk_avx512_decode_##suffix(codes, n, levels, level_count, values + i);                                    \
        }                                                                                                            \
    }

DEFINE_DECODE(i16, int16_t)
DEFINE_DECODE(i8, int8_t)

QK_AVX512_END

#endif
