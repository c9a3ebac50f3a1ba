#include "harness/numerics.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>

namespace fa::harness {
namespace {

/// The first product of a thread takes a handle of cuBLAS, this one's and autograd's: now, since later a run
/// may fill the memory that it needs.
void take_handles(at::Device device)
{
    const at::AutoGradMode gradients(true);
    const auto one = at::ones({2, 2}, at::TensorOptions(at::kDouble).device(device)).requires_grad_(true);
    const auto product = one.matmul(one);
    torch::autograd::grad({product}, {one}, {at::ones_like(product)});
}

} // namespace

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
    // NCCL's memory is taken when a team forms, not at its first collective, when the rest may be in use.
    setenv("NCCL_RUNTIME_CONNECT", "0", 0);
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
    take_handles(device);
}

} // namespace fa::harness
