#pragma once
/// The numbers of a pickle that are more than bytes in the machine's order. All throw CheckpointError.

#include "models/pickle/objects.hpp"

#include <string_view>

namespace fa::models::pickle {

/// "5", and "01" and "00", which are True and False: the lines of protocols 0 and 1.
Object decimal_or_flag(std::string_view line);
/// "5L"
Object decimal_long(std::string_view line);
/// Little-endian two's complement of any length; beyond 64 bits it stays bytes.
Object long_integer(std::string_view digits);
/// A double with its highest byte first, the one number that pickles store so.
Object big_endian_real(std::string_view bytes);

} // namespace fa::models::pickle
