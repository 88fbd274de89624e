// Linear maps of columns, compiled for AVX-512.

#include "kernels.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#include "avx512.h"

QK_AVX512_BEGIN

typedef double numbers __attribute__((vector_size(64), aligned(8)));

#define QK_NAME(name) qk_avx512_##name
#define QK_MAP_NUMBERS numbers
#define QK_MAP_VECTORS 4
#define QK_MAP_COLUMNS 6
#include "column_map.inc"

QK_AVX512_END

#endif
