#pragma once
#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// Cosines of the batches' mean-gradient directions, [batches, batches] float64 (one layer; NaN where
/// undefined): what diagnostic (c) is made of.
/// @param directions  per batch the unit mean raw gradient, [d], NaN where undefined (vector_forms.hpp)
at::Tensor direction_cosines(const std::vector<at::Tensor>& directions);

} // namespace fa::diagnostics
