// Values to codes and codes to integer levels, compiled for NEON.

#include "kernels.h"

#if defined(__aarch64__)

#pragma STDC FP_CONTRACT OFF
#include "neon.h"

/// Fewer than 16 thresholds are compared one after the other with 16 values at a time; the definition searches more of them.
enum { FEW = 16 };

static inline vec below_f64(const double *thresholds, size_t count, const double *values) {
    uint64x2_t below[8];
    EACH(v, 8) below[v] = vdupq_n_u64(0);
    for (size_t k = 0; k < count; k++)
        EACH(v, 8)
            below[v] = vsubq_u64(below[v], vcltq_f64(vdupq_n_f64(thresholds[k]), vld1q_f64(values + 2 * v)));
    uint16x8_t halves[2];
    EACH(h, 2) {
        uint32x4_t a = vcombine_u32(vmovn_u64(below[4 * h]), vmovn_u64(below[4 * h + 1]));
        uint32x4_t b = vcombine_u32(vmovn_u64(below[4 * h + 2]), vmovn_u64(below[4 * h + 3]));
        halves[h] = vcombine_u16(vmovn_u32(a), vmovn_u32(b));
    }
    return vcombine_u8(vmovn_u16(halves[0]), vmovn_u16(halves[1]));
}

static inline vec below_f32(const float *thresholds, size_t count, const float *values) {
    uint32x4_t below[4];
    EACH(v, 4) below[v] = vdupq_n_u32(0);
    for (size_t k = 0; k < count; k++)
        EACH(v, 4)
            below[v] = vsubq_u32(below[v], vcltq_f32(vdupq_n_f32(thresholds[k]), vld1q_f32(values + 4 * v)));
    uint16x8_t a = vcombine_u16(vmovn_u32(below[0]), vmovn_u32(below[1]));
    uint16x8_t b = vcombine_u16(vmovn_u32(below[2]), vmovn_u32(below[3]));
    return vcombine_u8(vmovn_u16(a), vmovn_u16(b));
}

#define DEFINE_ENCODE(suffix, type)                                                                                  \
    void qk_neon_encode_##suffix(const type *values, size_t count, const type *thresholds, size_t threshold_count,   \
                                 uint8_t *codes) {                                                                   \
        size_t i = 0;                                                                                                \
        for (; threshold_count < FEW && i + BYTES <= count; i += BYTES)                                              \
            store(codes + i, below_##suffix(thresholds, threshold_count, values + i));                               \
        qk_scalar_encode_##suffix(values + i, count - i, thresholds, threshold_count, codes + i);                    \
    }

DEFINE_ENCODE(f64, double)
DEFINE_ENCODE(f32, float)

/// Codes unpacked at a time, a multiple of 32.
enum { CHUNK = 2048 };

/// Bytes of up to 256 levels, 64 to a table.
typedef struct {
    uint8x16x4_t tables[4];
    int count;
} level_bytes;

static inline vec look_up(const level_bytes *levels, vec codes) {
    vec result = vqtbl4q_u8(levels->tables[0], codes);
    for (int t = 1; t < levels->count; t++)
        result = vqtbx4q_u8(result, levels->tables[t], vsubq_u8(codes, vdupq_n_u8((uint8_t)(64 * t))));
    return result;
}

static level_bytes tables_of(const uint8_t bytes[256], size_t level_count) {
    level_bytes levels = {.count = (int)((level_count + 63) / 64)};
    EACH(t, 4) levels.tables[t] = vld1q_u8_x4(bytes + 64 * t);
    return levels;
}

static size_t look_up_i8(const int8_t *levels, size_t level_count, const uint8_t *codes, size_t count, int8_t *values) {
    uint8_t bytes[256] = {0};
    for (size_t k = 0; k < level_count; k++) bytes[k] = (uint8_t)levels[k];
    level_bytes tables = tables_of(bytes, level_count);
    size_t i = 0;
    for (; i + BYTES <= count; i += BYTES) store(values + i, look_up(&tables, load(codes + i)));
    return i;
}

static size_t look_up_i16(const int16_t *levels, size_t level_count, const uint8_t *codes, size_t count,
                          int16_t *values) {
    uint8_t low[256] = {0}, high[256] = {0};
    for (size_t k = 0; k < level_count; k++) {
        low[k] = (uint8_t)levels[k];
        high[k] = (uint8_t)((uint16_t)levels[k] >> 8);
    }
    level_bytes lows = tables_of(low, level_count), highs = tables_of(high, level_count);
    size_t i = 0;
    for (; i + BYTES <= count; i += BYTES) {
        vec c = load(codes + i), a = look_up(&lows, c), b = look_up(&highs, c);
        store(values + i, vzip1q_u8(a, b));
        store(values + i + 8, vzip2q_u8(a, b));
    }
    return i;
}

/// Unpacks codes, of 4 bits 32 at a time.
static void unpack(const uint8_t *packed, size_t count, int bits, uint8_t *codes) {
    size_t i = 0;
    for (; bits == 4 && i + 32 <= count; i += 32) {
        vec bytes = load(packed + i / 2), even = vandq_u8(bytes, vdupq_n_u8(15)), odd = vshrq_n_u8(bytes, 4);
        store(codes + i, vzip1q_u8(even, odd));
        store(codes + i + 16, vzip2q_u8(even, odd));
    }
    qk_scalar_unpack(packed + i / 8 * (size_t)bits, count - i, bits, codes + i);
}

#define DEFINE_DECODE(suffix, type)                                                                                  \
    void qk_neon_decode_##suffix(const uint8_t *codes, size_t count, const type *levels, size_t level_count,         \
                                 type *values) {                                                                     \
        size_t i = look_up_##suffix(levels, level_count, codes, count, values);                                      \
        if (i < count) qk_scalar_decode_##suffix(codes + i, count - i, levels, level_count, values + i);             \
    }                                                                                                                \
                                                                                                                     \
    void qk_neon_unpack_decode_##suffix(const uint8_t *packed, size_t count, int bits, const type *levels,           \
                                        size_t level_count, type *values) {                                          \
        uint8_t codes[CHUNK];                                                                                        \
        for (size_t i = 0; i < count; i += CHUNK) {                                                                  \
            size_t n = smaller(CHUNK, count - i);                                                                    \
            unpack(packed + i / 8 * (size_t)bits, n, bits, codes);                                                   \
            qk_neon_decode_##suffix(codes, n, levels, level_count, values + i);                                      \
        }                                                                                                            \
    }

DEFINE_DECODE(i16, int16_t)
DEFINE_DECODE(i8, int8_t)

#endif
