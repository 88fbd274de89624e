// Cells of delimited text, shared by the two source files.
#pragma once

#include "number_parsing.h"

#include <string>
#include <string_view>

namespace cells {

inline bool is_blank(char byte, char separator) { return (byte == ' ' || byte == '\t') && byte != separator; }
inline bool is_digit(char byte) { return static_cast<unsigned char>(byte - '0') <= 9; }

/// Reads one cell; `scratch` is room for a number with a decimal comma. *value is set for csv_cell_number only.
csv_cell parse(std::string_view text, char separator, std::string &scratch, double *value);

}  // namespace cells
