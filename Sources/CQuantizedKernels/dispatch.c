// One constant table per instruction set: the scalar kernels first, then what the set overrides.

#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define SCALAR_KERNELS                                                                                               \
    .pack = qk_scalar_pack, .unpack = qk_scalar_unpack, .encode_f64 = qk_scalar_encode_f64,                          \
    .encode_f32 = qk_scalar_encode_f32, .encode_stochastic = qk_scalar_encode_stochastic,          \
    .decode_f64 = qk_scalar_decode_f64, .decode_i16 = qk_scalar_decode_i16,      \
    .unpack_decode_f64 = qk_scalar_unpack_decode_f64, .unpack_decode_i16 = qk_scalar_unpack_decode_i16,              \
    .decode_i8 = qk_scalar_decode_i8, .unpack_decode_i8 = qk_scalar_unpack_decode_i8,                                \
    .gram_i16 = qk_scalar_gram_i16, .gram_i8 = qk_scalar_gram_i8,                                                    \
    .bit_planes = qk_scalar_bit_planes, .gram_bits = qk_scalar_gram_bits,                                            \
    .gram_weighted = qk_scalar_gram_weighted,                                                                        \
    .multiply = qk_scalar_multiply, .multiply_transposed = qk_scalar_multiply_transposed,                            \
    .multiply_integers = qk_scalar_multiply_integers,                                                                \
    .multiply_transposed_integers = qk_scalar_multiply_transposed_integers,                                          \
    .balance = qk_scalar_balance, .moments = qk_scalar_moments, .row_sizes = qk_scalar_row_sizes,                    \
    .map_columns = qk_scalar_map_columns, .coding_errors = qk_scalar_coding_errors, .discrepancy = qk_scalar_discrepancy

static const qk_kernels scalar_kernels = {.name = "scalar", SCALAR_KERNELS};

#if defined(__x86_64__)

// An override is a second initializer of the same member, on purpose.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"

#define AVX2_KERNELS                                                                                                 \
    .pack = qk_avx2_pack, .unpack = qk_avx2_unpack, .encode_f64 = qk_avx2_encode_f64,                                \
    .encode_f32 = qk_avx2_encode_f32, .encode_stochastic = qk_avx2_encode_stochastic,                                \
    .decode_f64 = qk_avx2_decode_f64, .decode_i16 = qk_avx2_decode_i16,                                              \
    .unpack_decode_f64 = qk_avx2_unpack_decode_f64, .unpack_decode_i16 = qk_avx2_unpack_decode_i16,                  \
    .gram_i16 = qk_avx2_gram_i16, .decode_i8 = qk_avx2_decode_i8, .unpack_decode_i8 = qk_avx2_unpack_decode_i8,      \
    .gram_i8 = qk_avx2_gram_i8, .bit_planes = qk_avx2_bit_planes, .gram_bits = qk_avx2_gram_bits,                    \
    .multiply = qk_avx2_multiply, .multiply_transposed = qk_avx2_multiply_transposed,                                \
    .multiply_integers = qk_avx2_multiply_integers, .gram_weighted = qk_avx2_gram_weighted,                          \
    .multiply_transposed_integers = qk_avx2_multiply_transposed_integers, .balance = qk_avx2_balance,                \
    .moments = qk_avx2_moments, .row_sizes = qk_avx2_row_sizes, .coding_errors = qk_avx2_coding_errors,              \
    .discrepancy = qk_avx2_discrepancy, .map_columns = qk_avx2_map_columns

static const qk_kernels avx2_kernels = {SCALAR_KERNELS, AVX2_KERNELS, .name = "avx2"};

#define AVX512_KERNELS                                                                                               \
    .encode_f64 = qk_avx512_encode_f64, .encode_f32 = qk_avx512_encode_f32,                                          \
    .encode_stochastic = qk_avx512_encode_stochastic, .decode_i16 = qk_avx512_decode_i16,                            \
    .decode_i8 = qk_avx512_decode_i8, .unpack_decode_i16 = qk_avx512_unpack_decode_i16,                              \
    .unpack_decode_i8 = qk_avx512_unpack_decode_i8, .gram_i16 = qk_avx512_gram_i16, .gram_i8 = qk_avx512_gram_i8,    \
    .gram_bits = qk_avx512_gram_bits, .multiply_integers = qk_avx512_multiply_integers,                              \
    .multiply_transposed_integers = qk_avx512_multiply_transposed_integers, .discrepancy = qk_avx512_discrepancy,     \
    .map_columns = qk_avx512_map_columns, .moments = qk_avx512_moments, .row_sizes = qk_avx512_row_sizes,             \
    .coding_errors = qk_avx512_coding_errors

static const qk_kernels avx512_kernels = {SCALAR_KERNELS, AVX2_KERNELS, AVX512_KERNELS, .name = "avx512"};

static const qk_kernels avx512vnni_kernels = {
    SCALAR_KERNELS,
    AVX2_KERNELS,
    AVX512_KERNELS,
    .name = "avx512vnni",
    .gram_i16 = qk_avx512vnni_gram_i16,
    .gram_i8 = qk_avx512vnni_gram_i8,
    .multiply_integers = qk_avx512vnni_multiply_integers,
    .multiply_transposed_integers = qk_avx512vnni_multiply_transposed_integers,
};

#pragma clang diagnostic pop

// __builtin_cpu_supports also asks the operating system for the wide registers. Emulation has them all.
#if defined(QK_EMULATED)
#define HAS(feature) 1
#else
#define HAS(feature) (__builtin_cpu_supports(feature) != 0)
#endif

const qk_kernels *qk_available(size_t index) {
    static const qk_kernels *const sets[] = {&scalar_kernels, &avx2_kernels, &avx512_kernels, &avx512vnni_kernels};
    int avx2 = HAS("avx2") && HAS("fma") && HAS("popcnt");
    int avx512 = avx2 && HAS("avx512f") && HAS("avx512bw") && HAS("avx512dq") && HAS("avx512vl");
    size_t count = 1 + (size_t)avx2 + (size_t)avx512 + (size_t)(avx512 && HAS("avx512vnni"));
    return index < count ? sets[index] : NULL;
}

#elif defined(__aarch64__)

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"

#define NEON_KERNELS                                                                                                 \
    .encode_f64 = qk_neon_encode_f64, .encode_f32 = qk_neon_encode_f32, .decode_i16 = qk_neon_decode_i16,            \
    .decode_i8 = qk_neon_decode_i8, .unpack_decode_i16 = qk_neon_unpack_decode_i16,                                  \
    .unpack_decode_i8 = qk_neon_unpack_decode_i8, .gram_i16 = qk_neon_gram_i16, .gram_i8 = qk_neon_gram_i8,          \
    .gram_bits = qk_neon_gram_bits, .multiply_integers = qk_neon_multiply_integers,                                  \
    .multiply_transposed_integers = qk_neon_multiply_transposed_integers, .map_columns = qk_neon_map_columns

static const qk_kernels neon_kernels = {SCALAR_KERNELS, NEON_KERNELS, .name = "neon"};

static const qk_kernels neondot_kernels = {
    SCALAR_KERNELS, NEON_KERNELS, .name = "neondot", .gram_i8 = qk_neondot_gram_i8};

#pragma clang diagnostic pop

#if defined(__linux__)
#include <sys/auxv.h>
static int has_dot_products(void) { return (getauxval(AT_HWCAP) >> 20 & 1) != 0; }  // HWCAP_ASIMDDP
#elif defined(__ARM_FEATURE_DOTPROD)
static int has_dot_products(void) { return 1; }
#else
static int has_dot_products(void) { return 0; }
#endif

const qk_kernels *qk_available(size_t index) {
    static const qk_kernels *const sets[] = {&scalar_kernels, &neon_kernels, &neondot_kernels};
    return index < 2 + (size_t)has_dot_products() ? sets[index] : NULL;
}

#else

const qk_kernels *qk_available(size_t index) { return index == 0 ? &scalar_kernels : NULL; }

#endif
