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
    .multiply = qk_scalar_multiply, .multiply_transposed = qk_scalar_multiply_transposed,                            \
    .multiply_integers = qk_scalar_multiply_integers,                                                                \
    .multiply_transposed_integers = qk_scalar_multiply_transposed_integers,                                          \
    .balance = qk_scalar_balance, .moments = qk_scalar_moments, .row_sizes = qk_scalar_row_sizes,                    \
    .coding_errors = qk_scalar_coding_errors, .discrepancy = qk_scalar_discrepancy

static const qk_kernels scalar_kernels = {.name = "scalar", SCALAR_KERNELS};

#if defined(__x86_64__)

// An override is a second initializer of the same member, on purpose.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"

static const qk_kernels avx2_kernels = {
    SCALAR_KERNELS,
    .name = "avx2",
    .pack = qk_avx2_pack,
    .unpack = qk_avx2_unpack,
    .encode_f64 = qk_avx2_encode_f64,
    .encode_f32 = qk_avx2_encode_f32,
    .encode_stochastic = qk_avx2_encode_stochastic,
    .decode_f64 = qk_avx2_decode_f64,
    .decode_i16 = qk_avx2_decode_i16,
    .unpack_decode_f64 = qk_avx2_unpack_decode_f64,
    .unpack_decode_i16 = qk_avx2_unpack_decode_i16,
    .gram_i16 = qk_avx2_gram_i16,
    .decode_i8 = qk_avx2_decode_i8,
    .unpack_decode_i8 = qk_avx2_unpack_decode_i8,
    .gram_i8 = qk_avx2_gram_i8,
    .bit_planes = qk_avx2_bit_planes,
    .gram_bits = qk_avx2_gram_bits,
    .multiply = qk_avx2_multiply,
    .multiply_transposed = qk_avx2_multiply_transposed,
    .multiply_integers = qk_avx2_multiply_integers,
    .multiply_transposed_integers = qk_avx2_multiply_transposed_integers,
    .balance = qk_avx2_balance,
    .moments = qk_avx2_moments,
    .row_sizes = qk_avx2_row_sizes,
    .coding_errors = qk_avx2_coding_errors,
    .discrepancy = qk_avx2_discrepancy,
};

#pragma clang diagnostic pop

const qk_kernels *qk_available(size_t index) {
    // __builtin_cpu_supports also asks the operating system for the wide registers.
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt");
    if (index == 0) return &scalar_kernels;
    return index == 1 && avx2 ? &avx2_kernels : NULL;
}

#else

const qk_kernels *qk_available(size_t index) { return index == 0 ? &scalar_kernels : NULL; }

#endif
