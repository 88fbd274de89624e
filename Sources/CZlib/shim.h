// zlib, for CRC-32.
#include <zlib.h>
