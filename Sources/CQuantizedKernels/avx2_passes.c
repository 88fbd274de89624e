// Balanced rounding and the passes over columns, compiled for AVX2.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

#define QK_NAME(name) qk_avx2_##name
#include "balanced_rounding.inc"
#include "column_passes.inc"

#pragma clang attribute pop

#endif
