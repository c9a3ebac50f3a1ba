#pragma once
/// The header of NumPy's .npy format, versions 1 to 3.

#include "jobs/data/elements.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fa::jobs::data {

struct NpyHeader {
    ElementType type{};
    bool fortran_order = false; ///< the first axis runs fastest
    std::vector<std::uint64_t> sizes;
};

/// Reads the magic string, version and header, up to the first number.
/// @throws DataError (without a place: the caller knows it) saying what is wrong and what would be right
NpyHeader read_npy_header(const ReadBytes& read);

/// The dict of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
/// @throws DataError, likewise
NpyHeader parse_npy_dict(std::string_view text);

} // namespace fa::jobs::data
