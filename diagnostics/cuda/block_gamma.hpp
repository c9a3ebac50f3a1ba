#pragma once
/// Γ of blocks of draws on a device, as the side that knows LibTorch (device_source.hpp) asks for it. This
/// header and what it includes know none, so that nvcc compiles them fast.

#include "diagnostics/cuda/gamma_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace fa::diagnostics::device {

/// A run's inputs on the device, window by window (WindowInputs, WindowWeights, ChainProducts).
struct RunInputs {
    const float *reference, *input, *gate;
    const double *flat_numerator, *flat_square, *concat_numerator, *concat_square;
    const double *flat_gradient, *concat_gradient;
    const double* mean_weight;
};

/// Memory of one block under way, on the host, such as a device copies to and from by itself.
struct Slot {
    float* results; ///< GammaPlan::result_floats
    float* given;   ///< DrawKind::given: R·entries, laid out as `Products::given` says
};

class BlockGamma {
  public:
    virtual ~BlockGamma() = default;
    /// Queues draws first … first + draws; their results go to the slot, which must be free.
    virtual void begin(std::size_t slot, std::int64_t first, std::int64_t draws) = 0;
    /// Until the slot's results are there.
    virtual void wait(std::size_t slot) = 0;
};

/// How to compute on one device.
struct DeviceBackend {
    std::uint64_t library_bytes; ///< that it needs besides, at the start of the memory
    /// @param memory  on the device: library_bytes and `workspace_bytes`; all pointers outlive the result
    std::function<std::unique_ptr<BlockGamma>(const GammaPlan& plan, const RunInputs& inputs,
                                              std::byte* memory, const std::vector<Slot>& slots)>
        make;
};

/// cuBLAS's workspace, of NVIDIA's recommended size for data-centre GPUs; fixed, so that its choices and sums
/// are too.
inline constexpr std::uint64_t cublas_workspace_bytes = std::uint64_t{32} << 20;

/// Bytes on the device besides the inputs and the library's.
std::uint64_t workspace_bytes(const GammaPlan& plan, std::size_t slots);

} // namespace fa::diagnostics::device
