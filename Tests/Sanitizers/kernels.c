// Every kernel set against the scalar one, on random shapes, strides, offsets and extreme entries, with outputs on the
// heap right up to their last byte. Built by `make sanitize` with the address and undefined-behaviour sanitizers, and by
// `make emulate` for instruction sets that this processor lacks.

#include "quantized_kernels.h"
#include <stdbool.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static uint64_t random_bits(void) {
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static size_t below(size_t limit) { return (size_t)(random_bits() % limit); }
static double number(double reach) { return ((double)(random_bits() >> 11) * 0x1p-52 - 1) * reach; }

/// Exactly `bytes` bytes, so that the sanitizer sees every access outside.
static void *filled(size_t bytes, int random) {
    uint8_t *p = malloc(bytes > 0 ? bytes : 1);
    for (size_t i = 0; i < bytes; i++) p[i] = random ? (uint8_t)random_bits() : 0;
    return p;
}

static double *numbers(size_t count, double reach) {
    double *p = malloc(count > 0 ? count * sizeof(double) : 1);
    for (size_t i = 0; i < count; i++) p[i] = number(reach);
    return p;
}

static int ascends(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void same(const void *a, const void *b, size_t bytes, const char *kernel, const char *set) {
    if (bytes == 0 || memcmp(a, b, bytes) == 0) return;
    fprintf(stderr, "%s: %s differs from scalar\n", kernel, set);
    exit(1);
}

static void check_codes(const qk_kernels *s, const qk_kernels *v) {
    size_t n = below(400), k = 1 + below(256);
    int bits = 1 + (int)below(8);
    size_t bytes = (n * (size_t)bits + 7) / 8;
    uint8_t *codes = filled(n, 1), *p = filled(bytes, 0), *q = filled(bytes, 0), *c = filled(n, 0), *d = filled(n, 0);
    s->pack(codes, n, bits, p);
    v->pack(codes, n, bits, q);
    same(p, q, bytes, "pack", v->name);
    s->unpack(p, n, bits, c);
    v->unpack(p, n, bits, d);
    same(c, d, n, "unpack", v->name);

    double *x = numbers(n, 4), *levels = numbers(k, 3);
    float *y = filled(4 * n, 0), *bounds = filled(4 * k, 0);
    qsort(levels, k, sizeof(double), ascends);
    for (size_t i = 0; i < n; i++) {
        if (below(9) == 0) x[i] = levels[below(k)];
        if (below(60) == 0) x[i] = (double[]){NAN, INFINITY, -INFINITY}[below(3)];
        y[i] = (float)x[i];
    }
    for (size_t i = 0; i < k; i++) bounds[i] = (float)levels[i];
    s->encode_f64(x, n, levels, k - 1, c);
    v->encode_f64(x, n, levels, k - 1, d);
    same(c, d, n, "encode_f64", v->name);
    s->encode_f32(y, n, bounds, k - 1, c);
    v->encode_f32(y, n, bounds, k - 1, d);
    same(c, d, n, "encode_f32", v->name);
    uint64_t start = random_bits(), first = random_bits() >> below(64);
    s->encode_stochastic(x, n, levels, k, start, first, c);
    v->encode_stochastic(x, n, levels, k, start, first, d);
    same(c, d, n, "encode_stochastic", v->name);

    int16_t *l16 = filled(2 * k, 1), *a16 = filled(2 * n, 0), *b16 = filled(2 * n, 0);
    int8_t *l8 = filled(k, 1), *a8 = filled(n, 0), *b8 = filled(n, 0);
    double *a = filled(8 * n, 0), *b = filled(8 * n, 0);
#define CHECK_DECODE(type, from, to1, to2)                                                                           \
    s->decode_##type(codes, n, from, k, to1);                                                                        \
    v->decode_##type(codes, n, from, k, to2);                                                                        \
    same(to1, to2, n * sizeof *to1, "decode_" #type, v->name);                                                       \
    s->unpack_decode_##type(p, n, bits, from, k, to1);                                                               \
    v->unpack_decode_##type(p, n, bits, from, k, to2);                                                               \
    same(to1, to2, n * sizeof *to1, "unpack_decode_" #type, v->name);
    CHECK_DECODE(f64, levels, a, b)
    CHECK_DECODE(i16, l16, a16, b16)
    CHECK_DECODE(i8, l8, a8, b8)
    free(codes), free(p), free(q), free(c), free(d), free(x), free(levels), free(y), free(bounds);
    free(l16), free(a16), free(b16), free(l8), free(a8), free(b8), free(a), free(b);
}

/// Entries at the ends of their range (all at one end, or at either) or anywhere in it.
static int64_t entry(int kind, int64_t largest) {
    if (kind == 0) return -largest;
    if (kind == 1) return below(2) ? largest : -largest;
    return (int64_t)below((size_t)(2 * largest + 1)) - largest;
}

#define LARGEST(...) __VA_ARGS__
#define DEFINE_CHECK_GRAM(suffix, type, limit, bound)                                                                \
    static void check_gram_##suffix(const qk_kernels *s, const qk_kernels *v, size_t m) {                            \
        size_t n = 1 + below(40), stride = m + below(40), in = (n - 1) * stride + m;                                 \
        int32_t largest = below(4) == 0 ? limit : 1 + (int32_t)below(limit);                                         \
        type *x = filled(in * sizeof(type), 0);                                                                      \
        int kind = (int)below(3);                                                                                    \
        for (size_t i = 0; i < in; i++) x[i] = (type)entry(kind, largest);                                           \
        int64_t *a = filled(8 * n * n, 0), *b = filled(8 * n * n, 0);                                                \
        uint8_t *scratch = filled((n + 15) / 16 * 16 * QK_GRAM_SCRATCH, 1);                                             \
        int64_t *c = filled(8 * n, 0), *d = filled(8 * n, 0);                                                        \
        s->gram_##suffix(x, m, stride, n, bound scratch, a, c);                                                      \
        v->gram_##suffix(x, m, stride, n, bound scratch, b, d);                                                      \
        same(a, b, 8 * n * n, "gram_" #suffix, v->name);                                                             \
        same(c, d, 8 * n, "gram_" #suffix " (sums)", v->name);                                                       \
        free(x), free(a), free(b), free(c), free(d), free(scratch);                                                                    \
    }

DEFINE_CHECK_GRAM(i8, int8_t, 63, )
DEFINE_CHECK_GRAM(i16, int16_t, 32767, LARGEST(largest, ))

static void check_bits(const qk_kernels *s, const qk_kernels *v, size_t bytes) {
    size_t m = below(400), planes = below(9), gap = (m + 7) / 8 + below(5), out = planes == 0 ? 0 : planes * gap;
    uint8_t *values = filled(m, 1), *p = filled(out, 0), *q = filled(out, 0);
    s->bit_planes(values, m, planes, p, gap);
    v->bit_planes(values, m, planes, q, gap);
    same(p, q, out, "bit_planes", v->name);

    size_t n = 1 + below(12), stride = bytes + below(40), in = (n - 1) * stride + bytes;
    int64_t *a = filled(8 * n * n, 0), *b = filled(8 * n * n, 0);
    uint8_t *x = filled(in, 1);
    if (below(3) == 0) memset(x, 255, in);  // the largest counts
    s->gram_bits(x, bytes, stride, n, a);
    v->gram_bits(x, bytes, stride, n, b);
    same(a, b, 8 * n * n, "gram_bits", v->name);
    free(values), free(p), free(q), free(a), free(b), free(x);
}

static void check_weighted(const qk_kernels *s, const qk_kernels *v) {
    size_t m = below(600), n = below(30), stride = m + below(5), in = n == 0 ? 0 : (n - 1) * stride + m;
    double *x = numbers(in, 3), *w = numbers(m, 2), *a = filled(8 * n * n, 0), *b = filled(8 * n * n, 0);
    double *scratch = filled((n + 7) / 8 * 8 * 2 * QK_WEIGHTED_ROWS * sizeof(double), 1);
    s->gram_weighted(x, m, stride, n, w, scratch, a);
    v->gram_weighted(x, m, stride, n, w, scratch, b);
    same(a, b, 8 * n * n, "gram_weighted", v->name);
    free(x), free(w), free(a), free(b), free(scratch);
}

static void check_products(const qk_kernels *s, const qk_kernels *v) {
    size_t m = below(3000), n = below(10);
    int bits = 1 + (int)below(8);
    size_t column = (m * (size_t)bits + 7) / 8, stride = column + below(3);
    uint8_t *packed = filled(n == 0 ? 0 : (n - 1) * stride + column, 1);
    double *levels = numbers(n << bits, 3), *x = numbers(n, 3), *y = numbers(m, 3);
    double *a = filled(8 * m, 0), *b = filled(8 * m, 0), *c = filled(8 * n, 0), *d = filled(8 * n, 0);
    s->multiply(packed, m, stride, n, bits, levels, x, a);
    v->multiply(packed, m, stride, n, bits, levels, x, b);
    same(a, b, 8 * m, "multiply", v->name);
    s->multiply_transposed(packed, m, stride, n, bits, levels, y, c);
    v->multiply_transposed(packed, m, stride, n, bits, levels, y, d);
    same(c, d, 8 * n, "multiply_transposed", v->name);
    free(packed), free(levels), free(x), free(y), free(a), free(b), free(c), free(d);
}

static void check_integer_products(const qk_kernels *s, const qk_kernels *v) {
    size_t m = below(5000), n = below(70);
    qk_integer_column *columns = malloc((n > 0 ? n : 1) * sizeof *columns);
    for (size_t j = 0; j < n; j++) {
        int bits = 1 + (int)below(4);
        columns[j] = (qk_integer_column){filled((m * (size_t)bits + 7) / 8, 1), filled((size_t)1 << bits, 1), bits};
    }
    double *x = numbers(n, 3), *y = numbers(m, 3), reach = below(3) == 0 ? ldexp(1, (int)below(2000) - 1000) : 1;
    for (size_t j = 0; j < n; j++) x[j] *= below(9) == 0 ? 1e-6 * reach : reach;
    for (size_t i = 0; i < m; i++) y[i] *= below(9) == 0 ? 1e-6 * reach : reach;
    if (m > 0 && below(20) == 0) y[below(m)] = INFINITY;
    if (n > 0 && below(20) == 0) x[below(n)] = NAN;
    double *a = filled(8 * m, 0), *b = filled(8 * m, 0), *c = filled(8 * n, 0), *d = filled(8 * n, 0), e = 0, f = 0;
    s->multiply_integers(columns, n, m, x, a);
    v->multiply_integers(columns, n, m, x, b);
    same(a, b, 8 * m, "multiply_integers", v->name);
    s->multiply_transposed_integers(columns, n, m, y, c, &e);
    v->multiply_transposed_integers(columns, n, m, y, d, &f);
    same(c, d, 8 * n, "multiply_transposed_integers", v->name);
    same(&e, &f, 8, "multiply_transposed_integers (sum)", v->name);
    for (size_t j = 0; j < n; j++) free((void *)columns[j].packed), free((void *)columns[j].levels);
    free(columns), free(x), free(y), free(a), free(b), free(c), free(d);
}

static void check_map(const qk_kernels *s, const qk_kernels *v) {
    size_t m = 1 + below(120), p = 1 + below(40), listed = below(2) ? below(m + 1) : m;
    size_t *columns = malloc(p * sizeof *columns);
    long *rows = listed < m ? malloc((listed > 0 ? listed : 1) * sizeof *rows) : NULL;
    for (size_t j = 0; j < p; j++) columns[j] = (j + 1) % p;
    size_t first = rows && below(2) ? below(m - listed + 1) : m;  // rows that follow each other, or any
    for (size_t i = 0; rows && i < listed; i++) rows[i] = (long)(first < m ? first + i : below(m));
    double *x = numbers(m * p, 3), *centers = numbers(p, 3), *w = numbers(p * p, 3), *offsets = numbers(p, 3);
    double *scratch = filled(8 * QK_MAP_PANEL * p, 0), *a = filled(8 * listed * p, 0), *b = filled(8 * listed * p, 0);
    qk_column_map map = {columns, p, centers, w, offsets, (int)below(2)};
    s->map_columns(x, m, rows, listed, &map, scratch, a);
    v->map_columns(x, m, rows, listed, &map, scratch, b);
    same(a, b, 8 * listed * p, "map_columns", v->name);
    free(columns), free(rows), free(x), free(centers), free(w), free(offsets), free(scratch), free(a), free(b);
}

static void check_passes(const qk_kernels *s, const qk_kernels *v) {
    size_t n = below(300), p = 1 + below(20), k = 1 + below(256), stride = (n + 7) / 8 * 8, listed = below(p + 1);
    double *x = numbers(n * p, 5), *bases = below(2) ? numbers(n, 2) : NULL, *levels = numbers(256, 3);
    uint8_t *codes = filled(n, 1), *counted = filled(n, 1);
    bool is_refined = below(2);
    if (!is_refined) {  // counted under their own codes, often few
        if (below(2)) k = 1 + below(16);
        free(counted), counted = codes;
    }
    for (size_t i = 0; i < n; i++) counted[i] = (uint8_t)(counted[i] % k);
    double *a = numbers(n, 1), *b = filled(8 * n, 0);
    memcpy(b, a, 8 * n);
    s->row_sizes(x, n, 0.5, 2, a);
    v->row_sizes(x, n, 0.5, 2, b);
    same(a, b, 8 * n, "row_sizes", v->name);
    float *e[2], *t[2];
    for (int i = 0; i < 2; i++) e[i] = filled(4 * stride * p, 0), t[i] = filled(4 * stride * p, 0);
    for (size_t j = 0; j < p; j++) {
        double sums[2][4] = {{0, 0, INFINITY, -INFINITY}, {0, 0, INFINITY, -INFINITY}}, totals[2][2] = {{0}};
        size_t counts[2][256] = {{0}};
        double squares[2][256] = {{0}};
        const qk_kernels *sets[2] = {s, v};
        for (int i = 0; i < 2; i++) {
            sets[i]->moments(x + j * n, n, 0.25, sums[i]);
            sets[i]->coding_errors(x + j * n, bases, codes, counted, n, levels, 0.25, 0.7, k, counts[i], squares[i],
                                   totals[i], e[i] + j * stride, t[i] + j * stride);
        }
        same(sums[0], sums[1], sizeof sums[0], "moments", v->name);
        same(counts[0], counts[1], sizeof counts[0], "coding_errors (counts)", v->name);
        same(squares[0], squares[1], sizeof squares[0], "coding_errors (squares)", v->name);
        same(totals[0], totals[1], sizeof totals[0], "coding_errors (sums)", v->name);
    }
    same(e[0], e[1], 4 * stride * p, "coding_errors (errors)", v->name);
    same(t[0], t[1], 4 * stride * p, "coding_errors (totals)", v->name);
    size_t *list = malloc((listed > 0 ? listed : 1) * sizeof *list);
    for (size_t i = 0; i < listed; i++) list[i] = (i + 3) % p;
    double *c = filled(8 * p * p, 0), *d = filled(8 * p * p, 0);
    s->discrepancy(stride, e[0], t[0], stride, list, listed, p, c);
    v->discrepancy(stride, e[0], t[0], stride, list, listed, p, d);
    same(c, d, 8 * p * p, "discrepancy", v->name);
    for (int i = 0; i < 2; i++) free(e[i]), free(t[i]);
    free(x), free(bases), free(levels), free(codes), free(is_refined ? counted : NULL), free(a), free(b), free(list), free(c),
        free(d);
}

static void check_balance(const qk_kernels *s, const qk_kernels *v) {
    size_t n = below(60), p = 1 + below(50), stride = (p + 1 + 15) / 16 * 16;
    qk_balance_column *columns = malloc(p * sizeof *columns);
    double *x = numbers(n * p, 3);
    for (size_t j = 0; j < p; j++) {
        size_t k = below(6) == 0 ? below(257) : below(18);
        double *levels = numbers(k, 3), *bases = below(6) == 0 ? numbers(n, 1) : NULL;
        qsort(levels, k, sizeof(double), ascends);
        columns[j] = (qk_balance_column){.center = number(1), .inverse_scale = 0.8, .levels = levels, .level_count = k, .bases = bases};
        for (size_t i = 0; i < n; i++)
            if (k > 0 && below(9) == 0) x[j * n + i] = columns[j].center + levels[below(k)] / 0.8;
    }
    uint8_t *codes[2];
    float *discrepancy[2], *scratch = filled(4 * 11 * stride, 1);
    const qk_kernels *sets[2] = {s, v};
    for (int i = 0; i < 2; i++) {
        codes[i] = filled(n * p, 0), discrepancy[i] = filled(4 * p * stride, 0);
        for (int part = 0; part < 2; part++) {  // the state goes on from one block to the next
            sets[i]->balance(n, columns, p, x, n, codes[i], n, discrepancy[i], stride, scratch);
        }
    }
    same(codes[0], codes[1], n * p, "balance (codes)", v->name);
    same(discrepancy[0], discrepancy[1], 4 * p * stride, "balance (discrepancy)", v->name);
    for (int i = 0; i < 2; i++) free(codes[i]), free(discrepancy[i]);
    for (size_t j = 0; j < p; j++) free((void *)columns[j].levels), free((void *)columns[j].bases);
    free(columns), free(x), free(scratch);
}

int main(void) {
    const qk_kernels *scalar = qk_available(0);
    for (size_t set = 1; qk_available(set); set++) {
        const qk_kernels *v = qk_available(set);
        for (int round = 0; round < 1500; round++) {
            check_codes(scalar, v);
            check_gram_i8(scalar, v, round % 100 == 0 ? 4000 + below(4300) : below(300));
            check_gram_i16(scalar, v, round % 100 == 0 ? 1000 + below(2200) : below(300));
            check_bits(scalar, v, round % 100 == 0 ? 4000 + below(9000) : below(400));
            if (round % 10 == 0) {
                check_products(scalar, v);
                check_weighted(scalar, v);
                check_integer_products(scalar, v);
                check_map(scalar, v);
                check_passes(scalar, v);
                check_balance(scalar, v);
            }
        }
        printf("%s: equals scalar\n", v->name);
        fflush(stdout);
    }
    return 0;
}
