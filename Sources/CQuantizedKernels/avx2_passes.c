// Balanced rounding, the passes over columns and their linear maps, compiled for AVX2.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

#define QK_NAME(name) qk_avx2_##name
#include "balanced_rounding.inc"
#include "column_passes.inc"

#define QK_MAP_NUMBERS qk_pass_doubles
#define QK_MAP_VECTORS 3
#define QK_MAP_COLUMNS 3
#include "column_map.inc"

#pragma clang attribute pop

#endif
