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

/// And how it says that memory ran out: its allocator's words, and those of what allocates past it.
constexpr std::array<std::string_view, 6> of_memory = {
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED",
    "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"};

template <std::size_t size>
bool begins_with_one_of(const std::array<std::string_view, size>& words, std::string_view text)
{
    return std::ranges::any_of(words, [&](std::string_view some) { return text.starts_with(some); });
}

/// LibTorch's hints to its developers stand in the lines below.
std::string first_line(const std::string& words)
{
    return words.substr(0, words.find('\n'));
}

} // namespace

bool is_out_of_memory(const std::exception& error)
{
    return dynamic_cast<const c10::OutOfMemoryError*>(&error) || begins_with_one_of(of_memory, error.what());
}

bool is_device_error(const std::exception& error)
{
    if (is_out_of_memory(error))
        return false;
    if (dynamic_cast<const diagnostics::GpuError*>(&error) ||
        dynamic_cast<const c10::AcceleratorError*>(&error))
        return true;
    return begins_with_one_of(beginnings, error.what());
}

void empty_cache(const RankDevice& device)
{
    if (!device.device.is_cpu())
        c10::getDeviceAllocator(device.device.type())->emptyCache();
}

std::string out_of_memory_text(const RankDevice& device, const std::string& words)
{
    const auto size = device.memory > 0 ? fmt::format(" ({})", human_bytes(device.memory)) : "";
    return fmt::format(
        "{} of host {} has too little memory{} for this run: a smaller batch_size, fewer ranks on "
        "this GPU or --device cpu would help ({})",
        device.name, device.host, size, first_line(words));
}

std::string with_advice(const std::string& reason, const RankDevice& device)
{
    constexpr std::string_view other_way = ": --device cpu audits this run";
    constexpr std::string_view no_way = "does not have a deterministic implementation";
    constexpr std::string_view no_layer = "cudnn RNN backward can only be called in training mode";
    if (device.device.is_cpu())
        return reason;
    if (const auto place = reason.find(no_way); place != std::string::npos)
        return fmt::format("{}, and the audit uses no other{}", reason.substr(0, place + no_way.size()),
                           other_way);
    if (const auto place = reason.find(no_layer); place != std::string::npos)
        return fmt::format("{}, in which networks are never audited{}",
                           reason.substr(0, place + no_layer.size()), other_way);
    return reason;
}

std::string DeviceErrors::told(const std::exception& error) const
{
    const auto words = comm::reason(error);
    if (!is_device_error(error) && !is_out_of_memory(error))
        return words;
    const auto run = run_.empty() ? "" : fmt::format(", run '{}'", run_);
    return fmt::format("rank {} on host {}, {}{}: {}", rank_, device_.host, device_.name, run,
                       first_line(words));
}

void DeviceErrors::end_job_at(const std::exception& error) const
{
    if (is_device_error(error))
        comm::abort_job(told(error));
}

} // namespace fa::harness
