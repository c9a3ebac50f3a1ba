#include "harness/numerics.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <cstdlib>

namespace fa::harness {

void fix_libraries()
{
    // MKL's documented guarantee of the same bits for the same shapes.
    setenv("MKL_CBWR", "AUTO", 1);
    // cuBLAS's, in one stream or several: workspaces of a fixed size.
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 1);
    // LibTorch's ways to multiply, and to try out which is fastest (whose choice changes from job to job).
    setenv("PYTORCH_TUNABLEOP_ENABLED", "0", 1);
    for (const char* wish :
         {"TORCH_BLAS_PREFER_CUBLASLT", "DISABLE_ADDMM_CUDA_LT", "CUBLASLT_WORKSPACE_SIZE",
          "TORCH_CUBLASLT_UNIFIED_WORKSPACE", "TORCH_LINEAR_FLATTEN_3D", "TORCH_CUDNN_V8_API_DISABLED",
          "TORCH_CUDNN_USE_HEURISTIC_MODE_B", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"})
        unsetenv(wish);
    // No float32 through TF32, nor anything through lower precisions, whatever the user's shell says.
    setenv("NVIDIA_TF32_OVERRIDE", "0", 1);
    setenv("CUBLAS_EMULATE_SINGLE_PRECISION", "0", 1);
    setenv("CUBLAS_EMULATE_DOUBLE_PRECISION", "0", 1);
}

void fix_numerics(int threads, at::Device device)
{
    at::set_num_interop_threads(1);
    at::set_num_threads(threads);
    auto& context = at::globalContext();
    context.setDeterministicAlgorithms(true, false);
    context.setDeterministicFillUninitializedMemory(false);
    context.setFlushDenormal(false);
    if (device.is_cpu())
        return;
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
    context.setBenchmarkCuDNN(false);
    context.setDeterministicCuDNN(true);
    // Pinned memory and libraries' handles belong to the current device: else all ranks would take some of
    // GPU 0.
    c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
}

} // namespace fa::harness
