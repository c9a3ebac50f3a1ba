#include "harness/accelerator_versions.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>
#include <nccl.h>

namespace fa::harness {
namespace {

int cublas_property(libraryPropertyType property)
{
    int value = 0;
    cublasGetProperty(property, &value); // fails for unknown properties alone
    return value;
}

/// NCCL writes 2.30.7 as 23007.
std::string nccl_version()
{
    int version = 0;
    if (ncclGetVersion(&version) != ncclSuccess)
        return "of unknown version";
    return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

} // namespace

std::string accelerator_versions()
{
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime); // 13000 is 13.0; asks no driver
    return fmt::format("CUDA {}.{}, cuBLAS {}.{}.{}, NCCL {}; kernels for {}", runtime / 1000,
                       runtime / 10 % 100, cublas_property(MAJOR_VERSION), cublas_property(MINOR_VERSION),
                       cublas_property(PATCH_LEVEL), nccl_version(), FA_CUDA_ARCHITECTURES);
}

} // namespace fa::harness
