#pragma once
/// What becomes of a device's errors (design 8; docs/manual.md, "GPUs"). Memory that doesn't suffice is a
/// run's affair; any other error leaves the device, and with it this process, in no state to go on: it ends
/// the job.

#include "harness/comm/communicator.hpp"
#include "harness/rank_device.hpp"

#include <c10/util/Exception.h>

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

namespace fa::harness {

/// Is it a device's memory that didn't suffice? LibTorch has a class for its allocator's error; what else
/// runs out (a handle of cuBLAS, a kernel's first launch, pinned memory) is told by its words alone.
bool is_out_of_memory(const std::exception& error);

/// Is it an error of CUDA, cuBLAS, cuDNN or NCCL other than out of memory? LibTorch's and ours.
bool is_device_error(const std::exception& error);

/// Gives back to the device what LibTorch's allocator keeps for later. Nothing on the CPU.
void empty_cache(const RankDevice& device);

/// "GPU 1 (NVIDIA H100) of host x has too little memory (79.1 GiB) for this run: …", what would help, and the
/// library's own words.
std::string out_of_memory_text(const RankDevice& device, const std::string& words);

/// Why a run failed, with what would help where only a GPU lacks a way to compute it.
std::string with_advice(const std::string& reason, const RankDevice& device);

/// Runs a step; where the device's memory doesn't suffice the allocator's cache is emptied and the smaller
/// step, of which the same numbers come, runs in its place. A step lets go of its memory when it throws.
/// @throws std::runtime_error with out_of_memory_text if that takes too much, too
template <typename Step, typename SmallerStep>
void retry_without_cache(const RankDevice& device, Step&& step, SmallerStep&& smaller_step)
{
    // The error's words; what it holds is let go of before anything else happens. None where the step fits.
    const auto shortage_of = [](auto& work) -> std::optional<std::string> {
        try {
            work();
            return std::nullopt;
        } catch (const std::exception& error) {
            if (!is_out_of_memory(error))
                throw;
            return error.what();
        }
    };
    if (!shortage_of(step))
        return;
    empty_cache(device);
    if (const auto words = shortage_of(smaller_step))
        throw std::runtime_error(out_of_memory_text(device, *words));
}

/// Knows what a device's error is to be told with.
class DeviceErrors {
  public:
    DeviceErrors(int rank, RankDevice device) : rank_(rank), device_(std::move(device)) {}

    /// The run that the rank works on from here on.
    void in_hand(std::string run) { run_ = std::move(run); }

    /// "rank 3 on host x, GPU 1 (NVIDIA H100), run 'y': CUDA error: …", out of memory too; any
    /// other error's own words.
    std::string told(const std::exception& error) const;

    /// Ends the job (comm::abort_job) if it is a device's; else returns.
    void end_job_at(const std::exception& error) const;

  private:
    int rank_;
    RankDevice device_;
    std::string run_;
};

} // namespace fa::harness
