#include "quantized_kernels.h"
