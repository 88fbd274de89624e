// Balanced rounding and the passes over columns, scalar.

#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define QK_NAME(name) qk_scalar_##name
#include "balanced_rounding.inc"
#include "column_passes.inc"
