#include "diagnostics/gpus.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>

namespace fa::diagnostics {
namespace {

/// As nvidia-smi writes it: GPU-01234567-89ab-…
std::string text_of(const cudaUUID_t& uuid)
{
    std::string text = "GPU";
    for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
        if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
    }
    return text;
}

/// How many; none with the reason.
struct Count {
    int gpus = 0;
    std::string reason;
};

Count count_gpus()
{
    Count count;
    const auto status = cudaGetDeviceCount(&count.gpus);
    if (status == cudaSuccess && count.gpus > 0)
        return count;
    static_cast<void>(cudaGetLastError()); // it would be taken for the error of a later call
    count.gpus = 0;
    int driver = 0, runtime = 0;
    const bool known =
        cudaDriverGetVersion(&driver) == cudaSuccess && cudaRuntimeGetVersion(&runtime) == cudaSuccess;
    if (status == cudaSuccess || status == cudaErrorNoDevice)
        count.reason = "CUDA sees no GPU (is there one, and does CUDA_VISIBLE_DEVICES name it?)";
    else if (known && driver == 0)
        count.reason = "there is no NVIDIA driver";
    else if (known && status == cudaErrorInsufficientDriver)
        count.reason = fmt::format("the NVIDIA driver is made for CUDA {}.{}, this build needs {}.{}",
                                   driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
    else
        count.reason = fmt::format("cudaGetDeviceCount: {}", cudaGetErrorString(status));
    static_cast<void>(cudaGetLastError());
    return count;
}

} // namespace

std::vector<Gpu> gpus()
{
    std::vector<Gpu> all;
    const auto count = count_gpus();
    for (int index = 0; index < count.gpus; ++index) {
        cudaDeviceProp its{};
        char bus[32] = {};
        if (cudaGetDeviceProperties(&its, index) != cudaSuccess ||
            cudaDeviceGetPCIBusId(bus, sizeof bus, index) != cudaSuccess) {
            static_cast<void>(cudaGetLastError());
            continue; // one that can't even say what it is computes nothing either
        }
        all.push_back({.index = index,
                       .name = its.name,
                       .uuid = text_of(its.uuid),
                       .bus = bus,
                       .major = its.major,
                       .minor = its.minor,
                       .memory = its.totalGlobalMem,
                       .multiprocessors = its.multiProcessorCount});
    }
    return all;
}

std::string why_no_gpu()
{
    const auto count = count_gpus();
    return count.gpus == 0
               ? count.reason
               : fmt::format("of {} GPUs that CUDA counts none can say what it is (does nvidia-smi "
                             "show them?)",
                             count.gpus);
}

std::string gpu_libraries()
{
    int cuda = 0, major = 0, minor = 0, patch = 0;
    static_cast<void>(cudaRuntimeGetVersion(&cuda));
    static_cast<void>(cublasGetProperty(MAJOR_VERSION, &major));
    static_cast<void>(cublasGetProperty(MINOR_VERSION, &minor));
    static_cast<void>(cublasGetProperty(PATCH_LEVEL, &patch));
    return fmt::format("CUDA {}.{}, cuBLAS {}.{}.{}", cuda / 1000, cuda % 1000 / 10, major, minor, patch);
}

} // namespace fa::diagnostics
