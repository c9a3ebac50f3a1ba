#pragma once
#include "aggregation/strategy.hpp"

#include <string>

namespace fa::reporting {

/// "mean over the samples of all batches, then mean over layers 0 … L": a strategy as a paper says it.
std::string in_words(const aggregation::Strategy& strategy);

} // namespace fa::reporting
