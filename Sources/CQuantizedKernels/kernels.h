#pragma once

#include "quantized_kernels.h"
#include <string.h>

/// Bytes of a packed stream.
static inline size_t qk_packed_bytes(size_t count, int bits) { return (count * (size_t)bits + 7) / 8; }

/// Declares every kernel of one instruction set; a set lists only those that it overrides in `dispatch.c`.
#define QK_DECLARE(set)                                                                                              \
    void qk_##set##_pack(const uint8_t *, size_t, int, uint8_t *);                                                   \
    void qk_##set##_unpack(const uint8_t *, size_t, int, uint8_t *);                                                 \
    void qk_##set##_encode_f64(const double *, size_t, const double *, size_t, uint8_t *);                           \
    void qk_##set##_encode_f32(const float *, size_t, const float *, size_t, uint8_t *);                             \
    void qk_##set##_encode_stochastic(const double *, size_t, const double *, size_t, uint64_t, uint64_t,            \
                                      uint8_t *);                                                                    \
    void qk_##set##_decode_f64(const uint8_t *, size_t, const double *, size_t, double *);                           \
    void qk_##set##_decode_i16(const uint8_t *, size_t, const int16_t *, size_t, int16_t *);                         \
    void qk_##set##_unpack_decode_f64(const uint8_t *, size_t, int, const double *, size_t, double *);               \
    void qk_##set##_unpack_decode_i16(const uint8_t *, size_t, int, const int16_t *, size_t, int16_t *);             \
    void qk_##set##_gram_i16(const int16_t *, size_t, size_t, size_t, int32_t, uint8_t *, int64_t *, int64_t *);     \
    void qk_##set##_gram_i8(const int8_t *, size_t, size_t, size_t, uint8_t *, int64_t *, int64_t *);                \
    void qk_##set##_decode_i8(const uint8_t *, size_t, const int8_t *, size_t, int8_t *);                            \
    void qk_##set##_unpack_decode_i8(const uint8_t *, size_t, int, const int8_t *, size_t, int8_t *);                \
    void qk_##set##_balance(size_t, const qk_balance_column *, size_t, const double *, size_t, uint8_t *, size_t,    \
                            float *, size_t, float *);                                                               \
    void qk_##set##_moments(const double *, size_t, double, double *);                                               \
    void qk_##set##_map_columns(const double *, size_t, const long *, size_t, const qk_column_map *, double *,       \
                                double *);                                                                           \
    void qk_##set##_row_sizes(const double *, size_t, double, double, double *);                                     \
    void qk_##set##_coding_errors(const double *, const double *, const uint8_t *, const uint8_t *, size_t,          \
                                  const double *, double, double, size_t, size_t *, double *, double *, float *,     \
                                  float *);                                                                          \
    void qk_##set##_discrepancy(size_t, const float *, const float *, size_t, const size_t *, size_t, size_t,        \
                                double *);                                                                           \
    void qk_##set##_gram_weighted(const double *, size_t, size_t, size_t, const double *, double *, double *);       \
    void qk_##set##_bit_planes(const uint8_t *, size_t, size_t, uint8_t *, size_t);                                  \
    void qk_##set##_gram_bits(const uint8_t *, size_t, size_t, size_t, int64_t *);                                   \
    void qk_##set##_multiply(const uint8_t *, size_t, size_t, size_t, int, const double *, const double *,           \
                             double *);                                                                              \
    void qk_##set##_multiply_transposed(const uint8_t *, size_t, size_t, size_t, int, const double *,                \
                                        const double *, double *);                                                   \
    void qk_##set##_multiply_integers(const qk_integer_column *, size_t, size_t, const double *, double *);          \
    void qk_##set##_multiply_transposed_integers(const qk_integer_column *, size_t, size_t, const double *,          \
                                                 double *, double *);

/// The step of SplitMix64's state.
#define QK_GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/// Draw i of a stream, a multiple of 2^-32 in [0, 1): half i % 2 (the low one first) of number i / 2 of SplitMix64.
static inline double qk_uniform(uint64_t start, uint64_t i) {
    uint64_t z = start + (i / 2 + 1) * QK_GOLDEN;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (double)(uint32_t)(z >> 32 * (i % 2)) * 0x1p-32;
}

/// Columns that the products take at a time, and the lanes of their sums over rows.
enum { QK_GROUP = 4, QK_LANES = 8 };

/// The sum of the lanes of `multiply_transposed`.
static inline double qk_lane_total(const double lanes[QK_LANES]) {
    double s[4];
    for (int l = 0; l < 4; l++) s[l] = lanes[l] + lanes[l + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
}

/// Fixed point: a number stands for the integer nearest to number * inverse, and an integer for integer * unit.
typedef struct {
    double unit, inverse;
} qk_fixed_point;

static inline double qk_power_of_two(int exponent) {
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/// The fixed point in which no number exceeds 2^46; a unit that is not a number if one of them is not finite. Below
/// 2^-900 the unit stays 2^-946.
static inline qk_fixed_point qk_fixed_point_of(const double *numbers, size_t count) {
    int64_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t bits;
        memcpy(&bits, numbers + i, sizeof bits);
        bits &= INT64_MAX;
        largest = bits > largest ? bits : largest;
    }
    int exponent = (int)(largest >> 52) - 1022;
    if (exponent > 1024) return (qk_fixed_point){__builtin_nan(""), 0};
    if (exponent < -900) exponent = -900;
    return (qk_fixed_point){qk_power_of_two(exponent - 46), qk_power_of_two(46 - exponent)};
}

/// The integer that stands for a number (0 where the numbers are not finite), ties to even.
static inline int64_t qk_integer(double number, qk_fixed_point point) {
    return point.inverse > 0 ? (int64_t)__builtin_rint(number * point.inverse) : 0;
}

QK_DECLARE(scalar)
QK_DECLARE(avx2)
QK_DECLARE(avx512)
QK_DECLARE(avx512vnni)
QK_DECLARE(neon)
QK_DECLARE(neondot)
