// Values to codes: fewer than 16 thresholds are halved in registers. More are cut into rows of 16: the last threshold
// of each row tells the row of a value, and a comparison with the whole row the place in it.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#include "avx512.h"
#include <math.h>

QK_AVX512_BEGIN

enum { ROW = 16, ROWS = 16 };

/// The number of thresholds of a row below a value.
static inline int row_below_f64(const double *row, double value) {
    __m512d x = _mm512_set1_pd(value);
    unsigned first = _mm512_cmp_pd_mask(_mm512_loadu_pd(row), x, _CMP_LT_OQ);
    unsigned second = _mm512_cmp_pd_mask(_mm512_loadu_pd(row + 8), x, _CMP_LT_OQ);
    return __builtin_popcount(first | second << 8);
}

static inline int row_below_f32(const float *row, float value) {
    return __builtin_popcount((unsigned)_mm512_cmp_ps_mask(_mm512_loadu_ps(row), _mm512_set1_ps(value), _CMP_LT_OQ));
}

/// How many of up to 15 steps, followed by infinities, lie below each of 16 values: halving four times.
static inline __m128i steps_below_f64(const double steps[16], const double *values) {
    __m512d first = _mm512_loadu_pd(steps), second = _mm512_loadu_pd(steps + 8);
    vec below[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    EACH(half, 4) {
        const vec reach = _mm512_set1_epi64(8 >> half), last = _mm512_set1_epi64((8 >> half) - 1);
        EACH(v, 2) {
            __m512d step = _mm512_permutex2var_pd(first, _mm512_add_epi64(below[v], last), second);
            __mmask8 mask = _mm512_cmp_pd_mask(step, _mm512_loadu_pd(values + 8 * v), _CMP_LT_OQ);
            below[v] = _mm512_mask_add_epi64(below[v], mask, below[v], reach);
        }
    }
    return _mm_unpacklo_epi64(_mm512_cvtepi64_epi8(below[0]), _mm512_cvtepi64_epi8(below[1]));
}

static inline __m128i steps_below_f32(const float steps[16], const float *values) {
    __m512 all = _mm512_loadu_ps(steps), x = _mm512_loadu_ps(values);
    vec below = _mm512_setzero_si512();
    EACH(half, 4) {
        const vec reach = _mm512_set1_epi32(8 >> half), last = _mm512_set1_epi32((8 >> half) - 1);
        __m512 step = _mm512_permutexvar_ps(_mm512_add_epi32(below, last), all);
        below = _mm512_mask_add_epi32(below, _mm512_cmp_ps_mask(step, x, _CMP_LT_OQ), below, reach);
    }
    return _mm512_cvtepi32_epi8(below);
}

#define DEFINE_ENCODE(suffix, type)                                                                                  \
    void qk_avx512_encode_##suffix(const type *values, size_t count, const type *thresholds, size_t threshold_count, \
                                   uint8_t *codes) {                                                                 \
        int is_short = threshold_count < ROW;                                                                        \
        size_t rows = threshold_count / ROW, step_count = is_short ? threshold_count : rows;                         \
        type steps[ROW], last[ROW];                                                                                  \
        for (size_t k = 0; k < ROW; k++)                                                                             \
            steps[k] = k < step_count ? thresholds[is_short ? k : k * ROW + ROW - 1] : (type)INFINITY;               \
        for (size_t k = 0; k < ROW; k++)                                                                             \
            last[k] = rows * ROW + k < threshold_count ? thresholds[rows * ROW + k] : (type)INFINITY;                \
        for (size_t i = 0; i < count; i += 16) {                                                                     \
            type padded[16] = {0};                                                                                   \
            uint8_t c[16];                                                                                           \
            size_t n = smaller(16, count - i);                                                                       \
            const type *x = n < 16 ? memcpy(padded, values + i, n * sizeof(type)) : values + i;                      \
            _mm_storeu_si128((__m128i *)c, steps_below_##suffix(steps, x));                              \
            for (size_t v = 0; !is_short && v < 16; v++)                                                             \
                c[v] = (uint8_t)(c[v] * ROW +                                                                        \
                                 row_below_##suffix(c[v] < rows ? thresholds + c[v] * ROW : last, x[v]));            \
            memcpy(codes + i, c, n);                                                                                 \
        }                                                                                                            \
    }

DEFINE_ENCODE(f64, double)
DEFINE_ENCODE(f32, float)

QK_AVX512_END

#endif
