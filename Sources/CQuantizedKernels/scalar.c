// The definition of every kernel, in portable C. Every other instruction set gives the same bits.

#include "kernels.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

void qk_scalar_pack(const uint8_t *codes, size_t count, int bits, uint8_t *packed) {
    uint32_t mask = (1u << bits) - 1, pending = 0;
    int filled = 0;
    for (size_t i = 0; i < count; i++) {
        pending |= (codes[i] & mask) << filled;
        filled += bits;
        if (filled >= 8) {
            *packed++ = (uint8_t)pending;
            pending >>= 8;
            filled -= 8;
        }
    }
    if (filled > 0) *packed = (uint8_t)pending;
}

void qk_scalar_unpack(const uint8_t *packed, size_t count, int bits, uint8_t *codes) {
    uint32_t mask = (1u << bits) - 1, pending = 0;
    int filled = 0;
    for (size_t i = 0; i < count; i++) {
        if (filled < bits) {
            pending |= (uint32_t)*packed++ << filled;
            filled += 8;
        }
        codes[i] = (uint8_t)(pending & mask);
        pending >>= bits;
        filled -= bits;
    }
}

/// Binary search; the place is computed, not chosen: a choice becomes a branch, mispredicted every other time.
#define DEFINE_ENCODE(suffix, type)                                                                                  \
    static inline size_t count_below_##suffix(const type *bounds, size_t count, type value) {                        \
        size_t below = 0;                                                                                            \
        for (; count > 1; count -= count / 2)                                                                        \
            below += (size_t)(bounds[below + count / 2 - 1] < value) * (count / 2);                                  \
        return below + (size_t)(count == 1 && bounds[below] < value);                                                \
    }                                                                                                                \
                                                                                                                     \
    void qk_scalar_encode_##suffix(const type *values, size_t count, const type *thresholds,                         \
                                   size_t threshold_count, uint8_t *codes) {                                         \
        for (size_t i = 0; i < count; i++)                                                                           \
            codes[i] = (uint8_t)count_below_##suffix(thresholds, threshold_count, values[i]);                        \
    }

DEFINE_ENCODE(f64, double)
DEFINE_ENCODE(f32, float)

void qk_scalar_encode_stochastic(const double *values, size_t count, const double *levels, size_t level_count,
                                 uint64_t start, uint64_t first, uint8_t *codes) {
    for (size_t i = 0; i < count; i++) {
        size_t c = 0;
        if (level_count > 1) {
            c = count_below_f64(levels + 1, level_count - 2, values[i]);
            c += qk_uniform(start, first + i) * (levels[c + 1] - levels[c]) < values[i] - levels[c];
        }
        codes[i] = (uint8_t)c;
    }
}

/// The table has an entry for each byte, so that no code reads past the levels.
#define DEFINE_DECODE(suffix, type)                                                                                  \
    void qk_scalar_decode_##suffix(const uint8_t *codes, size_t count, const type *levels, size_t level_count,       \
                                   type *values) {                                                                   \
        type table[256] = {0};                                                                                       \
        if (level_count > 0) memcpy(table, levels, level_count * sizeof(type));                                      \
        for (size_t i = 0; i < count; i++) values[i] = table[codes[i]];                                              \
    }                                                                                                                \
                                                                                                                     \
    void qk_scalar_unpack_decode_##suffix(const uint8_t *packed, size_t count, int bits, const type *levels,         \
                                          size_t level_count, type *values) {                                        \
        uint8_t codes[1024];                                                                                         \
        for (size_t i = 0; i < count; i += sizeof codes) {                                                           \
            size_t n = count - i < sizeof codes ? count - i : sizeof codes;                                          \
            qk_scalar_unpack(packed + i / 8 * (size_t)bits, n, bits, codes);                                         \
            qk_scalar_decode_##suffix(codes, n, levels, level_count, values + i);                                    \
        }                                                                                                            \
    }

DEFINE_DECODE(f64, double)
DEFINE_DECODE(i16, int16_t)
DEFINE_DECODE(i8, int8_t)

#define DEFINE_GRAM(suffix, type)                                                                                    \
    static void add_gram_##suffix(const type *columns, size_t rows, size_t stride, size_t count, int64_t *gram,      \
                                  int64_t *sums) {                                                                   \
        for (size_t k = 0; k < count; k++) {                                                                         \
            for (size_t i = 0; i < rows; i++) sums[k] += columns[k * stride + i];                                    \
            for (size_t j = k; j < count; j++) {                                                                     \
                int64_t sum = 0;                                                                                     \
                for (size_t i = 0; i < rows; i++) sum += (int32_t)columns[j * stride + i] * columns[k * stride + i]; \
                gram[j + k * count] += sum;                                                                          \
            }                                                                                                        \
        }                                                                                                            \
    }

DEFINE_GRAM(i16, int16_t)
DEFINE_GRAM(i8, int8_t)

/// The bound and the scratch memory only matter to sets that keep partial sums in narrow lanes.
void qk_scalar_gram_i16(const int16_t *columns, size_t rows, size_t stride, size_t count, int32_t largest,
                        uint8_t *scratch, int64_t *gram, int64_t *sums) {
    (void)largest;
    (void)scratch;
    add_gram_i16(columns, rows, stride, count, gram, sums);
}

void qk_scalar_gram_i8(const int8_t *columns, size_t rows, size_t stride, size_t count, uint8_t *scratch,
                       int64_t *gram, int64_t *sums) {
    (void)scratch;
    add_gram_i8(columns, rows, stride, count, gram, sums);
}

void qk_scalar_bit_planes(const uint8_t *values, size_t count, size_t plane_count, uint8_t *planes, size_t stride) {
    for (size_t b = 0; b < plane_count; b++)
        for (size_t i = 0; i < count; i += 8) {
            unsigned byte = 0;
            for (size_t k = 0; k < 8 && i + k < count; k++) byte |= (values[i + k] >> b & 1u) << k;
            planes[b * stride + i / 8] = (uint8_t)byte;
        }
}

void qk_scalar_gram_bits(const uint8_t *planes, size_t bytes, size_t stride, size_t count, int64_t *gram) {
    for (size_t k = 0; k < count; k++)
        for (size_t j = k; j < count; j++) {
            const uint8_t *a = planes + j * stride, *b = planes + k * stride;
            int64_t shared = 0;
            for (size_t i = 0; i < bytes; i++) shared += __builtin_popcount(a[i] & b[i]);
            gram[j + k * count] += shared;
        }
}

void qk_scalar_gram_weighted(const double *columns, size_t rows, size_t stride, size_t count, const double *weights,
                             double *scratch, double *gram) {
    (void)scratch;
    for (size_t row = 0; row < rows; row += QK_WEIGHTED_ROWS) {
        size_t end = rows - row < QK_WEIGHTED_ROWS ? rows : row + QK_WEIGHTED_ROWS;
        for (size_t k = 0; k < count; k++)
            for (size_t j = k; j < count; j++) {
                double sum = 0;
                for (size_t i = row; i < end; i++)
                    sum = fma(weights[i] * columns[k * stride + i], columns[j * stride + i], sum);
                gram[j + k * count] += sum;
            }
    }
}

enum { CHUNK = 1024 };

void qk_scalar_multiply(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                        const double *levels, const double *x, double *y) {
    for (size_t j = 0; j < count; j += QK_GROUP) {
        double p[QK_GROUP][256] = {{0}};
        size_t columns = count - j < QK_GROUP ? count - j : QK_GROUP;
        for (size_t k = 0; k < columns; k++)
            for (size_t c = 0; c < (size_t)1 << bits; c++) p[k][c] = levels[((j + k) << bits) + c] * x[j + k];
        for (size_t i = 0; i < rows; i += CHUNK) {
            uint8_t codes[QK_GROUP][CHUNK] = {{0}};
            size_t n = rows - i < CHUNK ? rows - i : CHUNK;
            for (size_t k = 0; k < columns; k++)
                qk_scalar_unpack(packed + (j + k) * stride + i / 8 * (size_t)bits, n, bits, codes[k]);
            for (size_t r = 0; r < n; r++)
                y[i + r] += (p[0][codes[0][r]] + p[1][codes[1][r]]) + (p[2][codes[2][r]] + p[3][codes[3][r]]);
        }
    }
}

void qk_scalar_multiply_transposed(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                                   const double *levels, const double *y, double *z) {
    for (size_t start = 0; start < rows; start += QK_PRODUCT_ROWS) {
        size_t end = rows - start < QK_PRODUCT_ROWS ? rows : start + QK_PRODUCT_ROWS;
        for (size_t j = 0; j < count; j++) {
            double lanes[QK_LANES] = {0};
            for (size_t i = start; i < end; i += CHUNK) {
                uint8_t codes[CHUNK];
                size_t n = end - i < CHUNK ? end - i : CHUNK;
                qk_scalar_unpack(packed + j * stride + i / 8 * (size_t)bits, n, bits, codes);
                for (size_t r = 0; r < n; r++) lanes[r % QK_LANES] += levels[(j << bits) + codes[r]] * y[i + r];
            }
            z[j] += qk_lane_total(lanes);
        }
    }
}

/// Sums of products with an integer in two parts, so that neither overflows.
typedef struct {
    int64_t high, low;
} integer_sum;

/// The integer high * 2^16 + low, |low| <= 2^15.
static inline integer_sum split(int64_t integer) {
    int64_t low = (int16_t)integer;
    return (integer_sum){(integer - low) / 65536, low};
}

/// target + sum * unit; the sum is rounded once, as its parts times 2^16 and 1 are exact.
static inline double add_sum(integer_sum sum, double unit, double target) {
    return fma(fma((double)sum.high, 65536, (double)sum.low), unit, target);
}

void qk_scalar_multiply_integers(const qk_integer_column *columns, size_t count, size_t rows, const double *x,
                                 double *y) {
    qk_fixed_point point = qk_fixed_point_of(x, count);
    for (size_t j = 0; j < count; j += QK_INTEGER_GROUP)
        for (size_t i = 0; i < rows; i += CHUNK) {
            integer_sum sums[CHUNK] = {{0, 0}};
            size_t n = rows - i < CHUNK ? rows - i : CHUNK;
            for (size_t k = j; k < count && k < j + QK_INTEGER_GROUP; k++) {
                uint8_t codes[CHUNK];
                integer_sum factor = split(qk_integer(x[k], point));
                qk_scalar_unpack(columns[k].packed + i / 8 * (size_t)columns[k].bits, n, columns[k].bits, codes);
                for (size_t r = 0; r < n; r++) {
                    int64_t level = columns[k].levels[codes[r]];
                    sums[r].high += level * factor.high;
                    sums[r].low += level * factor.low;
                }
            }
            for (size_t r = 0; r < n; r++) y[i + r] = add_sum(sums[r], point.unit, y[i + r]);
        }
}

void qk_scalar_multiply_transposed_integers(const qk_integer_column *columns, size_t count, size_t rows,
                                            const double *y, double *z, double *sum) {
    for (size_t i = 0; i < rows; i += QK_INTEGER_ROWS) {
        size_t n = rows - i < QK_INTEGER_ROWS ? rows - i : QK_INTEGER_ROWS;
        qk_fixed_point point = qk_fixed_point_of(y + i, n);
        integer_sum factors[QK_INTEGER_ROWS], all = {0, 0};
        for (size_t r = 0; r < n; r++) {
            factors[r] = split(qk_integer(y[i + r], point));
            all.high += factors[r].high;
            all.low += factors[r].low;
        }
        *sum = add_sum(all, point.unit, *sum);
        for (size_t j = 0; j < count; j++) {
            uint8_t codes[QK_INTEGER_ROWS];
            integer_sum product = {0, 0};
            qk_scalar_unpack(columns[j].packed + i / 8 * (size_t)columns[j].bits, n, columns[j].bits, codes);
            for (size_t r = 0; r < n; r++) {
                product.high += columns[j].levels[codes[r]] * factors[r].high;
                product.low += columns[j].levels[codes[r]] * factors[r].low;
            }
            z[j] = add_sum(product, point.unit, z[j]);
        }
    }
}
