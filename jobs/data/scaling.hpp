#pragma once
/// What becomes of inputs between the file and the network (DataOptions).

#include "jobs/data_options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fa::jobs::data {

/// Moves the last axis of each sample to its front where the options say that it is the channels'.
/// @param inputs  [samples, …shape], row major
/// @param shape   of one sample, as stored; becomes the shape that the network sees
/// @throws DataError (without a place) if a sample isn't [height, width, channels]
void arrange(std::vector<float>& inputs, std::vector<std::int64_t>& shape, const DataOptions& options);

/// (x·scale − mean)/std, in float32, of arranged inputs.
/// @param are_bytes  the file holds uint8
/// @throws DataError (without a place) if there are neither one nor shape[0] means or stds
void scale(std::vector<float>& inputs, const std::vector<std::int64_t>& shape, bool are_bytes,
           const DataOptions& options);

} // namespace fa::jobs::data
