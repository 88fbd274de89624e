// OpenBLAS, to compare with.
#include <cblas.h>
