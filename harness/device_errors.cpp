#include "harness/device_errors.hpp"

#include "diagnostics/gpu_error.hpp"
#include "harness/byte_size.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/comm/session.hpp"

#include <c10/core/CachingDeviceAllocator.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace fa::harness {
namespace {

/// How LibTorch begins what it says of CUDA, cuBLAS and cuDNN where it has no class of errors for it. (Its
/// threads and TorchScript's interpreter pass errors on by their text.)
constexpr std::array<std::string_view, 6> beginnings = {
    "CUDA error:", "CUDA driver error:", "cuDNN error:", "CUDNN error:", "cuda runtime error", "NCCL error"};

} // namespace

bool is_device_error(const std::exception& error)
{
    if (dynamic_cast<const c10::OutOfMemoryError*>(&error))
        return false;
    if (dynamic_cast<const diagnostics::GpuError*>(&error) ||
        dynamic_cast<const c10::AcceleratorError*>(&error))
        return true;
    const std::string text = error.what();
    return std::ranges::any_of(beginnings,
                               [&](std::string_view beginning) { return text.starts_with(beginning); });
}

void empty_cache(const RankDevice& device)
{
    if (!device.device.is_cpu())
        c10::getDeviceAllocator(device.device.type())->emptyCache();
}

std::string out_of_memory_text(const RankDevice& device)
{
    const auto size = device.memory > 0 ? fmt::format(" ({})", human_bytes(device.memory)) : "";
    return fmt::format(
        "{} of host {} has too little memory{} for this run: a smaller batch_size, fewer ranks on "
        "this GPU or --device cpu would help",
        device.name, device.host, size);
}

std::string DeviceErrors::told(const std::exception& error) const
{
    const auto words = comm::reason(error);
    if (!is_device_error(error))
        return words;
    const auto run = run_.empty() ? "" : fmt::format(", run '{}'", run_);
    // LibTorch's hints to its developers stand in the lines below.
    return fmt::format("rank {} on host {}, {}{}: {}", rank_, device_.host, device_.name, run,
                       words.substr(0, words.find('\n')));
}

void DeviceErrors::end_job_at(const std::exception& error) const
{
    if (is_device_error(error))
        comm::abort_job(told(error));
}

} // namespace fa::harness
