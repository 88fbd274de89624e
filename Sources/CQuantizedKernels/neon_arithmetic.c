// Gram matrices and products of integers, and planes of bits, compiled for NEON.

#include "kernels.h"

#if defined(__aarch64__)

#pragma STDC FP_CONTRACT OFF
#include "neon.h"

/// Two products of each sum are added in 16 bits: 2 * 63 * 63 < 2^15.
static inline int32x4_t multiply_bytes(int32x4_t sums, int8x16_t a, int32x4_t word) {
    int8x16_t b = vreinterpretq_s8_s32(word);
    int16x8_t pairs = vpaddq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b)), vmull_high_s8(a, b));
    return vpadalq_s16(sums, pairs);
}

#define MULTIPLY_BYTES(sums, r, l, lane) multiply_bytes(sums, r, vdupq_laneq_s32(vreinterpretq_s32_s8(l), lane))
#define QK_NAME(name) qk_neon_##name
#include "neon_gram.inc"

/// sums + products of 16 bits, added in pairs.
static inline int32x4_t multiply_pairs(int32x4_t sums, int16x8_t a, int16x8_t b) {
    return vaddq_s32(sums, vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b)));
}

static inline int16x8_t pairs_of(const uint8_t *place) { return vreinterpretq_s16_u8(load(place)); }

static inline int16x8_t splat_word(const uint8_t *place) {
    int32_t word;
    memcpy(&word, place, sizeof word);
    return vreinterpretq_s16_s32(vdupq_n_s32(word));
}

/// Packs the columns of a panel and adds them up; returns the number of words.
static size_t pack_pairs(const int16_t *columns, size_t rows, size_t stride, size_t count, uint8_t *panel,
                         int64_t totals[PANEL]) {
    int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
    size_t bytes = rows * sizeof(int16_t);
    for (size_t i = 0; i < bytes; i += BYTES) {
        uint8_t *place = panel + i / 4 * WORD_BYTES;
        gather((const uint8_t *)columns + i, stride * sizeof(int16_t), count, bytes - i, place);
        EACH(w, 4) EACH(h, 2) sums[h] = vpadalq_s16(sums[h], pairs_of(place + w * WORD_BYTES + h * BYTES));
    }
    EACH(h, 2) {
        int32_t four[4];
        vst1q_s32(four, sums[h]);
        EACH(i, 4) totals[4 * h + i] = four[i];
    }
    return (rows + 1) / 2;
}

/// Sums of the products of two panels, four left columns at a time; at most `flush` words are summed in 32 bits.
__attribute__((noinline)) static void multiply_pair_panels(const uint8_t *left, const uint8_t *right, size_t words,
                                                           size_t flush, int64_t sums[ENTRIES]) {
    enum { HALF = PANEL / 2 };
    for (size_t half = 0; half < 2; half++) {
        int64x2_t low[HALF][2], high[HALF][2];
        EACH(c, HALF) EACH(h, 2) low[c][h] = high[c][h] = vdupq_n_s64(0);
        for (size_t done = 0; done < words; done += flush) {
            int32x4_t s[HALF][2];
            EACH(c, HALF) s[c][0] = s[c][1] = vdupq_n_s32(0);
            size_t end = done + smaller(flush, words - done);
            for (size_t w = done; w < end; w++) {
                const uint8_t *first = left + w * WORD_BYTES + half * BYTES, *place = right + w * WORD_BYTES;
                EACH(c, HALF) {
                    int16x8_t word = splat_word(first + 4 * c);
                    EACH(h, 2) s[c][h] = multiply_pairs(s[c][h], pairs_of(place + h * BYTES), word);
                }
            }
            EACH(c, HALF) EACH(h, 2) {
                low[c][h] = vaddw_s32(low[c][h], vget_low_s32(s[c][h]));
                high[c][h] = vaddw_high_s32(high[c][h], s[c][h]);
            }
        }
        EACH(c, HALF) EACH(h, 2) {
            int64_t *place = sums + PANEL * (HALF * half + (size_t)c) + 4 * h;
            vst1q_s64(place, low[c][h]);
            vst1q_s64(place + 2, high[c][h]);
        }
    }
}

void qk_neon_gram_i16(const int16_t *columns, size_t rows, size_t stride, size_t count, int32_t largest,
                      uint8_t *scratch, int64_t *gram, int64_t *sums) {
    enum { ROW_BLOCK = 2 * WORDS };
    size_t panels = (count + PANEL - 1) / PANEL, flush = (size_t)(INT32_MAX / (2 * (int64_t)largest * largest));
    for (size_t row = 0; row < rows; row += ROW_BLOCK) {
        size_t words = 0;
        for (size_t p = 0; p < panels; p++) {
            int64_t totals[PANEL];
            words = pack_pairs(columns + row + p * PANEL * stride, smaller(ROW_BLOCK, rows - row), stride,
                               count - p * PANEL, scratch + p * PANEL_BYTES, totals);
            for (size_t c = 0; c < PANEL && p * PANEL + c < count; c++) sums[p * PANEL + c] += totals[c];
        }
        for (size_t p = 0; p < panels; p++)
            for (size_t q = 0; q <= p; q++) {
                int64_t tile[ENTRIES];
                multiply_pair_panels(scratch + q * PANEL_BYTES, scratch + p * PANEL_BYTES, words, flush, tile);
                add_tile(tile, p * PANEL, q * PANEL, count, gram);
            }
    }
}

/// The number of bits that two planes share.
static int64_t count_shared(const uint8_t *a, const uint8_t *b, size_t bytes) {
    int64_t total = 0;
    size_t i = 0;
    while (i + BYTES <= bytes) {
        vec counts = vdupq_n_u8(0);
        for (int left = 31; left > 0 && i + BYTES <= bytes; left--, i += BYTES)
            counts = vaddq_u8(counts, vcntq_u8(vandq_u8(load(a + i), load(b + i))));
        total += vaddlvq_u8(counts);
    }
    for (; i < bytes; i++) total += __builtin_popcount(a[i] & b[i]);
    return total;
}

void qk_neon_gram_bits(const uint8_t *planes, size_t bytes, size_t stride, size_t count, int64_t *gram) {
    enum { TILE = 8 };
    for (size_t tile = 0; tile < count; tile += TILE)
        for (size_t k = 0; k < tile + TILE && k < count; k++)
            for (size_t j = k > tile ? k : tile; j < tile + TILE && j < count; j++)
                gram[j + k * count] += count_shared(planes + j * stride, planes + k * stride, bytes);
}

static inline vec table(const void *bytes) { return load(bytes); }
static inline vec splat8(int8_t v) { return vreinterpretq_u8_s8(vdupq_n_s8(v)); }
static inline vec splat16(int16_t v) { return vreinterpretq_u8_s16(vdupq_n_s16(v)); }
static inline vec splat32(int32_t v) { return vreinterpretq_u8_s32(vdupq_n_s32(v)); }
static inline vec and(vec a, vec b) { return vandq_u8(a, b); }
static inline vec high_nibbles(vec v) { return vreinterpretq_u8_u16(vshrq_n_u16(vreinterpretq_u16_u8(v), 4)); }
static inline vec high_bytes(vec v) { return vreinterpretq_u8_u16(vshrq_n_u16(vreinterpretq_u16_u8(v), 8)); }
static inline vec look_up(vec table, vec index) { return vqtbl1q_u8(table, index); }

static inline vec multiply_add(vec sum, vec a, vec b) {
    int32x4_t sums = multiply_pairs(vreinterpretq_s32_u8(sum), vreinterpretq_s16_u8(a), vreinterpretq_s16_u8(b));
    return vreinterpretq_u8_s32(sums);
}

#define INTERLEAVE(bits)                                                                                             \
    static inline vec low##bits(vec a, vec b) {                                                                      \
        return vreinterpretq_u8_u##bits(vzip1q_u##bits(vreinterpretq_u##bits##_u8(a), vreinterpretq_u##bits##_u8(b))); \
    }                                                                                                                \
    static inline vec high##bits(vec a, vec b) {                                                                     \
        return vreinterpretq_u8_u##bits(vzip2q_u##bits(vreinterpretq_u##bits##_u8(a), vreinterpretq_u##bits##_u8(b))); \
    }
static inline vec low8(vec a, vec b) { return vzip1q_u8(a, b); }
static inline vec high8(vec a, vec b) { return vzip2q_u8(a, b); }
INTERLEAVE(16)
INTERLEAVE(32)
INTERLEAVE(64)

/// Words 2*half and 2*half + 1 as numbers.
static inline float64x2_t numbers(vec words, int half) {
    int32x4_t v = vreinterpretq_s32_u8(words);
    return vcvtq_f64_s64(half ? vmovl_high_s32(v) : vmovl_s32(vget_low_s32(v)));
}

static inline void add_rows(const vec r[3], double unit, double *y) {
    const float64x2_t radix = vdupq_n_f64(65536), units = vdupq_n_f64(unit);
    EACH(half, 2) {
        float64x2_t sum = vfmaq_f64(numbers(r[1], half), numbers(r[2], half), radix);
        sum = vfmaq_f64(numbers(r[0], half), sum, radix);
        vst1q_f64(y + 2 * half, vfmaq_f64(vld1q_f64(y + 2 * half), sum, units));
    }
}

static inline vec cut_two(const double *y, double inverse) {
    // 3 * 2^51 + v has the integer v in its low bits; adding 2^31 + 2^15 carries what makes the digits signed.
    const float64x2_t anchor = vdupq_n_f64(0x1.8p52);
    const int64x2_t flip = vdupq_n_s64(0x80008000), base = vsubq_s64(flip, vreinterpretq_s64_f64(anchor));
    int64x2_t v = vreinterpretq_s64_f64(vfmaq_f64(anchor, vld1q_f64(y), vdupq_n_f64(inverse)));
    return vreinterpretq_u8_s64(veorq_s64(vaddq_s64(v, base), flip));
}

#include "integer_products.inc"

#endif
