#pragma once

#include "models/torch_file/contents.hpp"

#include <ATen/ATen.h>

#include <map>
#include <span>
#include <string>

namespace fa::models {

/// Tensors of a torch.save file with their elements: contiguous, on the CPU, with memory of their own. Equal
/// ones are the same tensor.
/// @throws CheckpointError if a storage is damaged
std::map<std::string, at::Tensor> tensors_of(const torch_file::Container& file,
                                             const std::vector<torch_file::NamedTensor>& described);

} // namespace fa::models
