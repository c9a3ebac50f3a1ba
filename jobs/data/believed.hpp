#pragma once
/// Sizes that a file's header claims, before memory is asked for.

#include "jobs/data/source.hpp"

namespace fa::jobs::data {

/// "[6, 3, 32, 32]"
std::string shape_text(const std::vector<std::uint64_t>& sizes);

/// Numbers of the whole array, if that many could lie in the file and in memory.
/// @param memory_bytes  of one number there
/// @throws DataError if they couldn't: what is packed, or in chunks that were never written, can claim any
/// size
std::uint64_t believed_count(const ArrayHeader& array, std::uint64_t memory_bytes);

} // namespace fa::jobs::data
