#pragma once
/// The module of a TorchScript archive, run with the care that gradients of hidden states need.

#include "models/fitting.hpp"
#include "models/network.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace fa::models {

class TorchScriptProgram {
  public:
    /// @param extra_files  names in the archive → filled with their contents, empty where there is none
    /// @throws CheckpointError if the bytes are no archive that this LibTorch loads
    TorchScriptProgram(std::span<const std::byte> bytes, std::map<std::string, std::string>& extra_files);

    /// All tensors among its attributes, by name.
    Tensors tensors() const;
    /// A copy whose tensors are on this device, the floating ones of this type; constants in its code keep
    /// theirs.
    TorchScriptProgram cast(const at::TensorOptions& place) const;

    /// @throws std::runtime_error with the program's own error, or saying what it returned instead; a
    /// device's errors are LibTorch's, c10::OutOfMemoryError and c10::AcceleratorError
    Activations forward(const at::Tensor& inputs) const;
    bool has_local_credit() const;
    std::vector<at::Tensor> local_credit(const at::Tensor& inputs, const at::Tensor& labels) const;

  private:
    explicit TorchScriptProgram(torch::jit::Module module) : module_(std::move(module)) {}
    c10::IValue run(const char* method, std::vector<c10::IValue> arguments) const;

    torch::jit::Module module_; ///< a handle: copies share
};

} // namespace fa::models
