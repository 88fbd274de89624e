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

/// The lanes of each column of a pair, added as in `balance`; the totals are lanes 0 and 8.
static inline pair lane_totals(pair sum) {
    sum += __builtin_shufflevector(sum, sum, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    sum += __builtin_shufflevector(sum, sum, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    return sum + __builtin_shufflevector(sum, sum, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
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
    EACH(p, PAIRS) EACH(k, TOTALS) {
        pair both = lane_totals(sum[p][k]);
        result[2 * p][k] = both[0];
        result[2 * p + 1][k] = both[8];
    }
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
