#pragma once

#include "quantized_kernels.h"

/// Bytes of a packed stream.
static inline size_t qk_packed_bytes(size_t count, int bits) { return (count * (size_t)bits + 7) / 8; }

/// Declares every kernel of one instruction set; a set lists only those that it overrides in `dispatch.c`.
#define QK_DECLARE(set)                                                                                              \
    void qk_##set##_pack(const uint8_t *, size_t, int, uint8_t *);                                                   \
    void qk_##set##_unpack(const uint8_t *, size_t, int, uint8_t *);                                                 \
    void qk_##set##_encode_f64(const double *, size_t, const double *, size_t, uint8_t *);                           \
    void qk_##set##_encode_f32(const float *, size_t, const float *, size_t, uint8_t *);                             \
    void qk_##set##_decode_f64(const uint8_t *, size_t, const double *, size_t, double *);                           \
    void qk_##set##_decode_i16(const uint8_t *, size_t, const int16_t *, size_t, int16_t *);                         \
    void qk_##set##_unpack_decode_f64(const uint8_t *, size_t, int, const double *, size_t, double *);               \
    void qk_##set##_unpack_decode_i16(const uint8_t *, size_t, int, const int16_t *, size_t, int16_t *);             \
    void qk_##set##_gram_i16(const int16_t *, size_t, size_t, size_t, int32_t, int64_t *);                           \
    void qk_##set##_cross_i16(const int16_t *, size_t, const int16_t *, size_t, size_t, size_t, int32_t, int32_t,    \
                              int64_t *);                                                                            \
    void qk_##set##_sums_i16(const int16_t *, size_t, size_t, size_t, int64_t *);                                     \
    void qk_##set##_balance(size_t, const qk_balance_column *, size_t, const double *, size_t, uint8_t *, size_t,    \
                            float *, size_t, float *);

QK_DECLARE(scalar)
QK_DECLARE(avx2)
