// Weighted sums of products of columns in double precision. Panels of 8 columns lie row by row; a register tile is 4 columns
// of a weighted panel, whose entries are broadcast, times the 8 of another, so that each lane has a sum of its own.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

enum { PANEL = 8, QUAD = 4, ROWS = QK_WEIGHTED_ROWS, PANEL_ENTRIES = ROWS * PANEL };

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// Four rows of four columns: as they are to `right`, times their weights to `left`.
static inline void pack_four(const double *columns, size_t stride, const double *weights, double *left, double *right) {
    __m256d c[4], t[4];
    EACH(k, 4) c[k] = _mm256_loadu_pd(columns + (size_t)k * stride);
    EACH(k, 2) {
        t[2 * k] = _mm256_unpacklo_pd(c[2 * k], c[2 * k + 1]);
        t[2 * k + 1] = _mm256_unpackhi_pd(c[2 * k], c[2 * k + 1]);
    }
    EACH(k, 4) {
        __m256d row = k < 2 ? _mm256_permute2f128_pd(t[k], t[k + 2], 0x20) : _mm256_permute2f128_pd(t[k - 2], t[k], 0x31);
        _mm256_storeu_pd(right + PANEL * k, row);
        _mm256_storeu_pd(left + PANEL * k, _mm256_mul_pd(row, _mm256_set1_pd(weights[k])));
    }
}

/// A panel of `count` columns (zeros for the others).
static void pack_panel(const double *columns, size_t rows, size_t stride, size_t count, const double *weights,
                       double *left, double *right) {
    size_t done = 0;
    for (; count >= PANEL && done + QUAD <= rows; done += QUAD)
        EACH(h, 2)
            pack_four(columns + done + (size_t)(QUAD * h) * stride, stride, weights + done,
                      left + done * PANEL + QUAD * h, right + done * PANEL + QUAD * h);
    for (; done < rows; done++)
        for (size_t c = 0; c < PANEL; c++) {
            double entry = c < count ? columns[c * stride + done] : 0;
            right[done * PANEL + c] = entry;
            left[done * PANEL + c] = c < count ? entry * weights[done] : 0;
        }
}

/// Sums of the products of two panels.
__attribute__((noinline)) static void multiply_panels(const double *left, const double *right, size_t rows,
                                                      double sums[PANEL * PANEL]) {
    EACH(half, 2) {
        __m256d s[QUAD][2];
        EACH(c, QUAD) s[c][0] = s[c][1] = _mm256_setzero_pd();
        for (size_t i = 0; i < rows; i++) {
            __m256d r[2] = {_mm256_loadu_pd(right + i * PANEL), _mm256_loadu_pd(right + i * PANEL + QUAD)};
            EACH(c, QUAD) {
                __m256d l = _mm256_broadcast_sd(left + i * PANEL + QUAD * half + c);
                EACH(h, 2) s[c][h] = _mm256_fmadd_pd(l, r[h], s[c][h]);
            }
        }
        EACH(c, QUAD) EACH(h, 2) _mm256_storeu_pd(sums + PANEL * (QUAD * half + c) + QUAD * h, s[c][h]);
    }
}

void qk_avx2_gram_weighted(const double *columns, size_t rows, size_t stride, size_t count, const double *weights,
                           double *scratch, double *gram) {
    size_t panels = (count + PANEL - 1) / PANEL;
    double *left = scratch, *right = scratch + panels * PANEL_ENTRIES;
    for (size_t row = 0; row < rows; row += ROWS) {
        size_t now = smaller(ROWS, rows - row);
        for (size_t p = 0; p < panels; p++)
            pack_panel(columns + row + p * PANEL * stride, now, stride, count - p * PANEL, weights + row,
                       left + p * PANEL_ENTRIES, right + p * PANEL_ENTRIES);
        for (size_t p = 0; p < panels; p++)
            for (size_t q = 0; q <= p; q++) {
                double sums[PANEL * PANEL];
                size_t j = p * PANEL, k = q * PANEL;
                multiply_panels(left + q * PANEL_ENTRIES, right + p * PANEL_ENTRIES, now, sums);
                for (size_t c = 0; c < smaller(PANEL, count - k); c++)
                    for (size_t i = p == q ? c : 0; i < smaller(PANEL, count - j); i++)
                        gram[j + i + (k + c) * count] += sums[c * PANEL + i];
            }
    }
}

#pragma clang attribute pop

#endif
