// Products of errors with totals: a register holds eight rows of two error columns, so that each column is summed in the
// same eight lanes as everywhere else.

#include "kernels.h"

#if defined(__x86_64__)

#include "avx512.h"

QK_AVX512_BEGIN

typedef float eight __attribute__((vector_size(32), aligned(4)));
typedef float pair __attribute__((vector_size(64), aligned(4)));

enum { PAIRS = 4, TOTALS = 6 };

static inline eight load_eight(const float *p) { return *(const eight *)p; }
static inline pair beside(eight a, eight b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// The lanes of one column of a pair, added as in `balance`.
static inline float lane_total(pair sum, int column) {
    float four[4];
    for (int l = 0; l < 4; l++) four[l] = sum[8 * column + l] + sum[8 * column + l + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

static void add_tile(size_t rows, const float *const e[2 * PAIRS], const float *const t[TOTALS],
                     float result[2 * PAIRS][TOTALS]) {
    pair sum[PAIRS][TOTALS] = {{{0}}};
    for (size_t i = 0; i < rows; i += 8) {
        pair a[PAIRS];
        EACH(p, PAIRS) a[p] = beside(load_eight(e[2 * p] + i), load_eight(e[2 * p + 1] + i));
        EACH(k, TOTALS) {
            eight total = load_eight(t[k] + i);
            pair both = beside(total, total);
            EACH(p, PAIRS) sum[p][k] = __builtin_elementwise_fma(a[p], both, sum[p][k]);
        }
    }
    for (int j = 0; j < 2 * PAIRS; j++)
        for (int k = 0; k < TOTALS; k++) result[j][k] = lane_total(sum[j / 2][k], j % 2);
}

void qk_avx512_discrepancy(size_t rows, const float *errors, const float *totals, size_t stride, const size_t *listed,
                           size_t listed_count, size_t column_count, double *products) {
    for (size_t j = 0; j < listed_count; j += 2 * PAIRS) {
        const float *e[2 * PAIRS];  // the last columns are repeated where there are fewer
        for (size_t a = 0; a < 2 * PAIRS; a++) e[a] = errors + listed[smaller(j + a, listed_count - 1)] * stride;
        for (size_t k = 0; k < column_count; k += TOTALS) {
            const float *t[TOTALS];
            float tile[2 * PAIRS][TOTALS];
            for (size_t b = 0; b < TOTALS; b++) t[b] = totals + smaller(k + b, column_count - 1) * stride;
            add_tile(rows, e, t, tile);
            for (size_t a = 0; a < 2 * PAIRS && j + a < listed_count; a++)
                for (size_t b = 0; b < TOTALS && k + b < column_count; b++)
                    products[listed[j + a] * column_count + k + b] += tile[a][b];
        }
    }
}

QK_AVX512_END

#endif
