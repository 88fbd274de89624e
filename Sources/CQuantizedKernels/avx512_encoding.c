// Values to codes. Fewer than 16 thresholds for floats are halved in registers; more are cut into rows of 16: the last
// threshold of each row tells the row of a value, and a comparison with the whole row the place in it.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#include "avx512.h"
#include <math.h>

QK_AVX512_BEGIN

#include "avx512_search.h"

void qk_avx512_encode_f64(const double *values, size_t count, const double *thresholds, size_t threshold_count,
                          uint8_t *codes) {
    bound_tree tree;
    prepare_tree(&tree, thresholds, threshold_count);
    search_tree(&tree, values, count, codes);
}

enum { ROW = 16 };

/// The number of thresholds of a row below a value.
static inline int row_below_f32(const float *row, float value) {
    return __builtin_popcount((unsigned)_mm512_cmp_ps_mask(_mm512_loadu_ps(row), _mm512_set1_ps(value), _CMP_LT_OQ));
}

/// How many of up to 15 steps, followed by infinities, lie below each of 16 values: halving four times.
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

void qk_avx512_encode_f32(const float *values, size_t count, const float *thresholds, size_t threshold_count,
                          uint8_t *codes) {
    int is_short = threshold_count < ROW;
    size_t rows = threshold_count / ROW, step_count = is_short ? threshold_count : rows;
    float steps[ROW], last[ROW];
    for (size_t k = 0; k < ROW; k++) {
        steps[k] = k < step_count ? thresholds[is_short ? k : k * ROW + ROW - 1] : INFINITY;
        last[k] = rows * ROW + k < threshold_count ? thresholds[rows * ROW + k] : INFINITY;
    }
    for (size_t i = 0; i < count; i += 16) {
        float padded[16] = {0};
        uint8_t c[16];
        size_t n = smaller(16, count - i);
        const float *x = n < 16 ? memcpy(padded, values + i, n * sizeof(float)) : values + i;
        _mm_storeu_si128((__m128i *)c, steps_below_f32(steps, x));
        for (size_t v = 0; !is_short && v < 16; v++)
            c[v] = (uint8_t)(c[v] * ROW + row_below_f32(c[v] < rows ? thresholds + c[v] * ROW : last, x[v]));
        memcpy(codes + i, c, n);
    }
}

QK_AVX512_END

#endif
