// zlib, for CRC-32 and for compressed input.
#include <zlib.h>
