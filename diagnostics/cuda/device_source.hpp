#pragma once
/// The Γ source of a device: inputs laid out for the kernels, all memory, blocks under way. It knows LibTorch
/// and no CUDA; which device computes is the backend's.

#include "diagnostics/cuda/block_gamma.hpp"
#include "diagnostics/gamma_source.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace fa::diagnostics::device {

/// @param draws  a checked spec
/// @throws std::out_of_range for matrices of more entries than a stream has
GammaPlan gamma_plan(const DrawSpec& draws, std::int64_t batches, std::int64_t batch_size,
                     std::int64_t most_draws);

class DeviceSource : public GammaSource {
  public:
    /// @param plan     gamma_plan of the task (tests cut it otherwise)
    /// @throws std::invalid_argument if shapes disagree
    DeviceSource(const GammaTask& task, const GammaPlan& plan, int in_flight, const DeviceBackend& backend);

    void begin(jobs::Range draws) override;
    void finish(const FreshGamma& out) override;

    /// Bytes on the device.
    static std::uint64_t bytes(const GammaPlan& plan, int in_flight, const DeviceBackend& backend);

  private:
    struct Block {
        std::size_t slot;
        std::int64_t draws;
    };

    DrawSpec spec_;
    GammaPlan plan_;
    std::vector<at::Tensor> inputs_, host_; ///< on the device; of the slots
    at::Tensor memory_;                     ///< on the device
    std::vector<Slot> slots_;
    std::vector<float> buffer_; ///< of draws made by the CPU
    std::deque<Block> under_way_;
    std::size_t begun_ = 0;
    std::unique_ptr<BlockGamma> blocks_; ///< last: it waits for the device before the memory goes

    RunInputs take_inputs(const GammaTask& task);
    void make_slots(int in_flight, bool pinned);
    void give_draws(jobs::Range draws, float* to);
};

} // namespace fa::diagnostics::device
