// Linear maps of columns, compiled for NEON.

#include "kernels.h"

#if defined(__aarch64__)

#pragma STDC FP_CONTRACT OFF

typedef double numbers __attribute__((vector_size(16), aligned(8)));

#define QK_NAME(name) qk_neon_##name
#define QK_MAP_NUMBERS numbers
#define QK_MAP_VECTORS 4
#define QK_MAP_COLUMNS 6
#include "column_map.inc"

#endif
