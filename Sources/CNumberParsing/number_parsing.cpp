#include "number_parsing.h"
