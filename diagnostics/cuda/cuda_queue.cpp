#include "diagnostics/cuda/cuda_queue.hpp"

#include "diagnostics/cuda/block_gamma.hpp"
#include "diagnostics/cuda/cuda_check.hpp"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <limits>
#include <string_view>

namespace fa::diagnostics::device {
namespace {

/// cuBLAS takes wishes for other arithmetic from the environment, too: products of bfloat16 or integer pieces
/// that stand for float32 and double. They change bits, so they are asked for by name not to happen, before
/// the handle reads them. (fa-harness has asked already, before there were threads that read the
/// environment.)
void forbid_emulation()
{
    for (const char* name : {"CUBLAS_EMULATE_SINGLE_PRECISION", "CUBLAS_EMULATE_DOUBLE_PRECISION"})
        if (const char* wish = std::getenv(name); !wish || std::string_view(wish) != "0")
            setenv(name, "0", 1);
}

/// Where the device is full cuBLAS says "not initialized" as well as "alloc failed".
void create_handle(cublasHandle_t* handle)
{
    constexpr std::size_t little = std::size_t{64} << 20;
    const cublasStatus_t status = cublasCreate(handle);
    std::size_t left = 0, all = 0;
    if (status == CUBLAS_STATUS_NOT_INITIALIZED && cudaMemGetInfo(&left, &all) == cudaSuccess &&
        left < little)
        out_of_memory("cublasCreate");
    check(status, "cublasCreate");
}

int extent(std::int64_t value)
{
    if (value > std::numeric_limits<std::int32_t>::max())
        throw GpuError("a matrix of more rows than cuBLAS multiplies");
    return static_cast<int>(value);
}

cublasOperation_t operation(bool transpose)
{
    return transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
}

} // namespace

void out_of_memory(const char* call)
{
    static_cast<void>(cudaGetLastError()); // LibTorch's next check would take it for an error of its own
    TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory: ", call, " found none");
    std::abort(); // which is never reached: the macro throws
}

CudaQueue::CudaQueue(int gpu, std::size_t slots, std::byte* workspace) : gpu_(gpu)
{
    try {
        make(slots, workspace);
    } catch (...) {
        release();
        throw;
    }
}

void CudaQueue::make(std::size_t slots, std::byte* workspace)
{
    enter();
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    for (auto* stream : {&compute_, &copy_})
        check(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    for (auto* events : {&computed_, &copied_}) {
        events->resize(slots);
        for (auto& event : *events)
            check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
    }
    forbid_emulation();
    create_handle(&cublas_);
    check(cublasSetStream(cublas_, compute_), "cublasSetStream");
    // After cublasSetStream, which puts cuBLAS's own workspace back.
    check(cublasSetWorkspace(cublas_, workspace, cublas_workspace_bytes), "cublasSetWorkspace");
    check(cublasSetMathMode(cublas_, CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
    check(cublasSetAtomicsMode(cublas_, CUBLAS_ATOMICS_NOT_ALLOWED), "cublasSetAtomicsMode");
    check(cublasSetPointerMode(cublas_, CUBLAS_POINTER_MODE_HOST), "cublasSetPointerMode");
}

/// What fails here has failed before, and was reported then.
void CudaQueue::release() noexcept
{
    static_cast<void>(cudaSetDevice(gpu_));
    for (const auto stream : {compute_, copy_})
        if (stream)
            static_cast<void>(cudaStreamSynchronize(stream));
    if (cublas_)
        static_cast<void>(cublasDestroy(cublas_));
    for (const auto* events : {&computed_, &copied_})
        for (const auto event : *events)
            if (event)
                static_cast<void>(cudaEventDestroy(event));
    for (const auto stream : {compute_, copy_})
        if (stream)
            static_cast<void>(cudaStreamDestroy(stream));
}

CudaQueue::~CudaQueue()
{
    release();
}

void CudaQueue::enter()
{
    check(cudaSetDevice(gpu_), "cudaSetDevice");
}

void CudaQueue::multiply(const Gemm& shape, const void* a, const void* b, void* c, cudaDataType_t type,
                         cublasComputeType_t compute, const void* one, const void* zero)
{
    const auto m = extent(shape.m), n = extent(shape.n), k = extent(shape.k);
    const auto lda = extent(shape.lda), ldb = extent(shape.ldb), ldc = extent(shape.ldc);
    const auto of_a = operation(shape.transpose_a), of_b = operation(shape.transpose_b);
    if (shape.batch == 1)
        check(cublasGemmEx(cublas_, of_a, of_b, m, n, k, one, a, type, lda, b, type, ldb, zero, c, type, ldc,
                           compute, CUBLAS_GEMM_DEFAULT),
              "cublasGemmEx");
    else
        check(cublasGemmStridedBatchedEx(cublas_, of_a, of_b, m, n, k, one, a, type, lda, shape.stride_a, b,
                                         type, ldb, shape.stride_b, zero, c, type, ldc, shape.stride_c,
                                         extent(shape.batch), compute, CUBLAS_GEMM_DEFAULT),
              "cublasGemmStridedBatchedEx");
}

void CudaQueue::gemm(const Gemm& shape, const float* a, const float* b, float* c)
{
    const float one = 1.0F, zero = 0.0F;
    multiply(shape, a, b, c, CUDA_R_32F, CUBLAS_COMPUTE_32F, &one, &zero);
}

void CudaQueue::gemm(const Gemm& shape, const double* a, const double* b, double* c)
{
    const double one = 1.0, zero = 0.0;
    multiply(shape, a, b, c, CUDA_R_64F, CUBLAS_COMPUTE_64F, &one, &zero);
}

void CudaQueue::upload(void* to, const void* from, std::size_t bytes)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, compute_), "cudaMemcpyAsync to the GPU");
}

void CudaQueue::download(std::size_t slot, void* to, const void* from, std::size_t bytes)
{
    check(cudaEventRecord(computed_[slot], compute_), "cudaEventRecord");
    check(cudaStreamWaitEvent(copy_, computed_[slot], 0), "cudaStreamWaitEvent");
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, copy_), "cudaMemcpyAsync from the GPU");
    check(cudaEventRecord(copied_[slot], copy_), "cudaEventRecord");
}

void CudaQueue::wait(std::size_t slot)
{
    enter();
    check(cudaEventSynchronize(copied_[slot]), "cudaEventSynchronize");
}

void CudaQueue::finish()
{
    check(cudaStreamSynchronize(compute_), "cudaStreamSynchronize");
    check(cudaStreamSynchronize(copy_), "cudaStreamSynchronize");
}

} // namespace fa::diagnostics::device
