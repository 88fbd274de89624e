// Passes over the columns of a block with 512-bit registers: the lanes of `column_passes.inc`, two of its registers in one.

#include "kernels.h"

#if defined(__x86_64__)

#include "avx512.h"

#pragma STDC FP_CONTRACT OFF

QK_AVX512_BEGIN

static inline __m256d low_half(__m512d x) { return _mm512_castpd512_pd256(x); }
static inline __m256d high_half(__m512d x) { return _mm512_extractf64x4_pd(x, 1); }

/// Sixteen lanes, added as `pass_total` adds them.
static inline double total_of(__m512d a, __m512d b) {
    __m512d sum = _mm512_add_pd(a, b);
    __m256d half = _mm256_add_pd(low_half(sum), high_half(sum));
    return (half[0] + half[2]) + (half[1] + half[3]);
}

void qk_avx512_moments(const double *values, size_t count, double shift, double *sums) {
    if (count == 0) return;
    const __m512d by = _mm512_set1_pd(shift), first = _mm512_set1_pd(values[0]);
    __m512d sum[2] = {_mm512_setzero_pd(), _mm512_setzero_pd()}, squares[2] = {sum[0], sum[0]};
    __m512d low[2] = {first, first}, high[2] = {first, first};
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        EACH(v, 2) {
            __m512d x = _mm512_loadu_pd(values + i + 8 * v), d = _mm512_sub_pd(x, by);
            sum[v] = _mm512_add_pd(sum[v], d);
            squares[v] = _mm512_add_pd(squares[v], _mm512_mul_pd(d, d));
            low[v] = _mm512_min_pd(x, low[v]);
            high[v] = _mm512_max_pd(x, high[v]);
        }
    }
    double total = total_of(sum[0], sum[1]), square = total_of(squares[0], squares[1]);
    double least = low[0][0], most = high[0][0];
    EACH(v, 2) for (int l = 0; l < 8; l++) {
        least = low[v][l] < least ? low[v][l] : least;
        most = high[v][l] > most ? high[v][l] : most;
    }
    for (; i < count; i++) {
        double x = values[i], d = x - shift;
        total += d;
        square += d * d;
        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    sums[0] += total;
    sums[1] += square;
    sums[2] = least < sums[2] ? least : sums[2];
    sums[3] = most > sums[3] ? most : sums[3];
}

void qk_avx512_row_sizes(const double *values, size_t count, double center, double weight, double *sizes) {
    const __m512d by = _mm512_set1_pd(center), times = _mm512_set1_pd(weight);
    for (size_t i = 0; i < count; i += 8) {
        const __mmask8 kept = (__mmask8)(count - i < 8 ? (1u << (count - i)) - 1 : 0xff);
        __m512d d = _mm512_sub_pd(_mm512_maskz_loadu_pd(kept, values + i), by);
        __m512d size = _mm512_maskz_loadu_pd(kept, sizes + i);
        size = _mm512_add_pd(size, _mm512_mul_pd(times, _mm512_mul_pd(d, d)));
        _mm512_mask_storeu_pd(sizes + i, kept, size);
    }
}

/// What `coding_errors` looks up, for up to sixteen codes.
typedef struct {
    __m512d levels[2], center, inverse_scale;
} coding;

/// The lanes of its sums, in registers.
typedef struct {
    __m256d product, error;
} coding_lanes;

typedef float floats __attribute__((vector_size(32), aligned(4)));

#define PAIR(x, i) __builtin_shufflevector(x, x, 2 * (i), 2 * (i) + 1)

/// Eight entries, or `count` where there are fewer.
static inline __attribute__((always_inline)) coding_lanes add_eight(
    coding by, coding_lanes lanes, __m128d tables[4][16], const double *values, const double *bases, const uint8_t *codes,
    size_t count, float *errors, float *totals) {
    const __mmask8 kept = (__mmask8)((1u << count) - 1);
    uint64_t bytes = 0;
    memcpy(&bytes, codes, count);
    const __m512i places = _mm512_cvtepu8_epi64(_mm_cvtsi64_si128((long long)bytes));
    __m512d x = _mm512_maskz_loadu_pd(kept, values);
    __m512d level = _mm512_permutex2var_pd(by.levels[0], places, by.levels[1]);
    level = _mm512_add_pd(level, bases ? _mm512_maskz_loadu_pd(kept, bases) : _mm512_setzero_pd());
    __m512d d = _mm512_sub_pd(x, by.center), e = _mm512_sub_pd(level, x);
    __m512d square = _mm512_mul_pd(e, e), product = _mm512_mul_pd(e, d);
    const __m512d one = _mm512_set1_pd(1), even = _mm512_unpacklo_pd(square, one), odd = _mm512_unpackhi_pd(square, one);
    const __m128d pairs[8] = {PAIR(even, 0), PAIR(odd, 0), PAIR(even, 1), PAIR(odd, 1),
                              PAIR(even, 2), PAIR(odd, 2), PAIR(even, 3), PAIR(odd, 3)};
    EACH(l, 8) if ((size_t)l < count) {
        __m128d *place = &tables[l % 4][bytes >> (8 * l) & 15];
        *place = _mm_add_pd(*place, pairs[l]);
    }
    __m512d error = _mm512_mul_pd(e, by.inverse_scale), standard = _mm512_mul_pd(d, by.inverse_scale);
    __m512d total = _mm512_add_pd(_mm512_mul_pd(_mm512_set1_pd(2), standard), error);
    const floats kept_error = __builtin_convertvector(error, floats), kept_total = __builtin_convertvector(total, floats);
    if (count == 8) {
        lanes.product = _mm256_add_pd(_mm256_add_pd(lanes.product, low_half(product)), high_half(product));
        lanes.error = _mm256_add_pd(_mm256_add_pd(lanes.error, low_half(e)), high_half(e));
        if (errors) *(floats *)errors = kept_error, *(floats *)totals = kept_total;
        return lanes;
    }
    for (size_t l = 0; l < count; l++) {
        lanes.product[l % 4] += product[l];
        lanes.error[l % 4] += e[l];
        if (errors) errors[l] = kept_error[l], totals[l] = kept_total[l];
    }
    return lanes;
}

static inline __attribute__((always_inline)) coding_lanes add_all(
    coding by, __m128d tables[4][16], const double *values, const double *bases, const uint8_t *codes, size_t count,
    float *errors, float *totals) {
    coding_lanes lanes = {_mm256_setzero_pd(), _mm256_setzero_pd()};
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        lanes = add_eight(by, lanes, tables, values + i, bases ? bases + i : NULL, codes + i, 8,
                          errors ? errors + i : NULL, errors ? totals + i : NULL);
    }
    if (i == count) return lanes;
    return add_eight(by, lanes, tables, values + i, bases ? bases + i : NULL, codes + i, count - i,
                     errors ? errors + i : NULL, errors ? totals + i : NULL);
}

void qk_avx512_coding_errors(
    const double *values, const double *bases, const uint8_t *codes, const uint8_t *counted, size_t count,
    const double *levels, double center, double inverse_scale, size_t counted_levels, size_t *counts, double *squares,
    double *sums, float *errors, float *totals) {
    // Levels of more codes do not fit into registers.
    if (counted_levels > 16 || counted != codes) {
        qk_avx2_coding_errors(values, bases, codes, counted, count, levels, center, inverse_scale, counted_levels, counts,
                              squares, sums, errors, totals);
        return;
    }
    const coding by = {{_mm512_loadu_pd(levels), _mm512_loadu_pd(levels + 8)},
                       _mm512_set1_pd(center),
                       _mm512_set1_pd(inverse_scale)};
    __m128d tables[4][16];
    EACH(l, 4) for (size_t c = 0; c < 16; c++) tables[l][c] = _mm_setzero_pd();
    const coding_lanes lanes = bases    ? add_all(by, tables, values, bases, codes, count, errors, totals)
                               : errors ? add_all(by, tables, values, NULL, codes, count, errors, totals)
                                        : add_all(by, tables, values, NULL, codes, count, NULL, NULL);
    for (size_t c = 0; c < counted_levels; c++) {
        __m128d sum = _mm_add_pd(_mm_add_pd(tables[0][c], tables[2][c]), _mm_add_pd(tables[1][c], tables[3][c]));
        squares[c] += sum[0];
        counts[c] += (size_t)sum[1];
    }
    sums[0] += (lanes.product[0] + lanes.product[2]) + (lanes.product[1] + lanes.product[3]);
    sums[1] += (lanes.error[0] + lanes.error[2]) + (lanes.error[1] + lanes.error[3]);
}

QK_AVX512_END

#endif
