#pragma once

#include <stdexcept>

namespace fa::models {

/// A checkpoint that cannot be audited; the message names the tensor or offset and what would be right.
struct CheckpointError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace fa::models
