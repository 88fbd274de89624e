#include "ceilings.h"
#include <time.h>

double thread_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double ceiling_cycles(size_t rounds) {
    size_t a = 0;
    for (size_t i = 0; i < rounds; i++)
        __asm__ volatile("add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
                         "add $1, %0"
                         : "+r"(a));
    return (double)a;
}

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define TEN(instruction)                                                                                             \
    instruction(0) instruction(1) instruction(2) instruction(3) instruction(4) instruction(5) instruction(6)         \
        instruction(7) instruction(8) instruction(9)
#define ALL "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12"
#define CLEAR "vzeroall\n"

#define FMA_F64(k) "vfmadd231pd %%ymm14, %%ymm15, %%ymm" #k "\n"
#define FMA_F32(k) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #k "\n"
#define I16(k) "vpmaddwd %%ymm14, %%ymm15, %%ymm10\n vpaddd %%ymm10, %%ymm" #k ", %%ymm" #k "\n"
#define I8(k)                                                                                                        \
    "vpmaddubsw %%ymm14, %%ymm15, %%ymm10\n vpmaddwd %%ymm10, %%ymm13, %%ymm10\n vpaddd %%ymm10, %%ymm" #k           \
    ", %%ymm" #k "\n"
#define I8_TWICE(k)                                                                                                  \
    "vpmaddubsw %%ymm14, %%ymm15, %%ymm10\n vpmaddubsw %%ymm14, %%ymm15, %%ymm11\n"                                  \
    "vpaddw %%ymm10, %%ymm11, %%ymm10\n vpmaddwd %%ymm10, %%ymm13, %%ymm10\n vpaddd %%ymm10, %%ymm" #k ", %%ymm" #k "\n"

#define DEFINE(name, body, operations)                                                                               \
    double name(size_t rounds) {                                                                                     \
        __asm__ volatile(CLEAR ::: ALL, "xmm13", "xmm14", "xmm15");                                                  \
        for (size_t i = 0; i < rounds; i++) __asm__ volatile(TEN(body)::: ALL);                                      \
        return 10.0 * (operations) * (double)rounds;                                                                 \
    }

DEFINE(ceiling_fma_f64, FMA_F64, 8)
DEFINE(ceiling_fma_f32, FMA_F32, 16)
DEFINE(ceiling_i16, I16, 32)
DEFINE(ceiling_i8, I8, 64)
DEFINE(ceiling_i8_twice, I8_TWICE, 128)

double ceiling_read(const double *values, size_t count) {
    __m256d s[4];
    for (int k = 0; k < 4; k++) s[k] = _mm256_setzero_pd();
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (int k = 0; k < 4; k++) s[k] = _mm256_add_pd(s[k], _mm256_loadu_pd(values + i + 4 * k));
    double parts[4], sum = 0;
    _mm256_storeu_pd(parts, _mm256_add_pd(_mm256_add_pd(s[0], s[1]), _mm256_add_pd(s[2], s[3])));
    for (; i < count; i++) sum += values[i];
    return sum + parts[0] + parts[1] + parts[2] + parts[3];
}

#pragma clang attribute pop

#else

double ceiling_fma_f64(size_t rounds) { return 0; }
double ceiling_fma_f32(size_t rounds) { return 0; }
double ceiling_i16(size_t rounds) { return 0; }
double ceiling_i8(size_t rounds) { return 0; }
double ceiling_i8_twice(size_t rounds) { return 0; }
double ceiling_read(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += values[i];
    return sum;
}

#endif
