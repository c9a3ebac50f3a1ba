#pragma once
#include <stdexcept>

namespace fa::jobs {

/// A data set that can't be read; the message names the file, the place in it and what would be right.
struct DataError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace fa::jobs
