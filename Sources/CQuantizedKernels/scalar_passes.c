// Balanced rounding, the passes over columns and their linear maps, scalar.

#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define QK_NAME(name) qk_scalar_##name
#include "balanced_rounding.inc"
#include "column_passes.inc"

#define QK_MAP_NUMBERS double
#define QK_MAP_VECTORS 4
#define QK_MAP_COLUMNS 1
#include "column_map.inc"
