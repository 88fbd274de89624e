// OpenBLAS for BLAS and LAPACK; Debian's build leaves LAPACKE out, so liblapacke is linked beside it.
#include <cblas.h>
#include <lapacke.h>
