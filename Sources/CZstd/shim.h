// Zstandard, for compressed input and for compressed stores.
#include <zstd.h>
#include <zstd_errors.h>
