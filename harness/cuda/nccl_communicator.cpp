#include "harness/cuda/nccl_communicator.hpp"

#include "diagnostics/gpu_error.hpp"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <chrono>
#include <exception>
#include <thread>

namespace fa::harness {
namespace {

/// @param communicator  or null, where the call made none yet
[[noreturn]] void fail(ncclResult_t result, const char* call, ncclComm_t communicator)
{
    const std::string details = ncclGetLastError(communicator);
    throw diagnostics::GpuError(std::string(call) + ": " + ncclGetErrorString(result) +
                                (details.empty() ? "" : " (" + details + ")"));
}

/// Does the stream still compute?
bool is_busy(cudaStream_t stream)
{
    const auto status = cudaStreamQuery(stream);
    if (status == cudaSuccess)
        return false;
    if (status != cudaErrorNotReady)
        throw diagnostics::GpuError(std::string("cudaStreamQuery: ") + cudaGetErrorString(status));
    cudaGetLastError(); // or LibTorch's next check would take "not ready" for a failure
    return true;
}

} // namespace

ncclUniqueId NcclCommunicator::unique_id()
{
    ncclUniqueId id;
    if (const auto result = ncclGetUniqueId(&id); result != ncclSuccess)
        fail(result, "ncclGetUniqueId", nullptr);
    return id;
}

NcclCommunicator::NcclCommunicator(const ncclUniqueId& id, int rank, int ranks, at::Device device,
                                   std::function<void()> meanwhile)
    : device_(device), meanwhile_(std::move(meanwhile)), exceptions_(std::uncaught_exceptions())
{
    const c10::cuda::CUDAGuard guard(device_);
    check(ncclCommInitRank(&communicator_, ranks, id, rank), "ncclCommInitRank");
}

NcclCommunicator::~NcclCommunicator()
{
    // To destroy it in order means to wait for the other ranks; one that unwinds alone leaves.
    if (std::uncaught_exceptions() > exceptions_)
        ncclCommAbort(communicator_);
    else
        ncclCommDestroy(communicator_);
}

void NcclCommunicator::check(ncclResult_t result, const char* call) const
{
    if (result != ncclSuccess)
        fail(result, call, communicator_);
}

void NcclCommunicator::all_gather(const at::Tensor& mine, at::Tensor& all) const
{
    const c10::cuda::CUDAGuard guard(device_);
    check(ncclAllGather(mine.data_ptr(), all.data_ptr(), mine.nbytes(), ncclUint8, communicator_,
                        c10::cuda::getCurrentCUDAStream()),
          "ncclAllGather");
    wait("ncclAllGather");
}

void NcclCommunicator::sum(at::Tensor& counts) const
{
    const c10::cuda::CUDAGuard guard(device_);
    check(ncclAllReduce(counts.data_ptr(), counts.data_ptr(), static_cast<std::size_t>(counts.numel()),
                        ncclUint64, ncclSum, communicator_, c10::cuda::getCurrentCUDAStream()),
          "ncclAllReduce");
    wait("ncclAllReduce");
}

/// Not cudaStreamSynchronize: where another rank is gone the stream would never be done, and NCCL tells so
/// only to who asks.
void NcclCommunicator::wait(const char* call) const
{
    const auto stream = c10::cuda::getCurrentCUDAStream(device_.index()).stream();
    constexpr int eager = 1000; // turns, a few milliseconds: most calls take less
    for (int turn = 0; is_busy(stream); ++turn) {
        auto state = ncclSuccess;
        check(ncclCommGetAsyncError(communicator_, &state), "ncclCommGetAsyncError");
        check(state, call);
        if (meanwhile_ && turn % 16 == 0)
            meanwhile_();
        if (turn >= eager)
            std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
}

std::string NcclCommunicator::version()
{
    int number = 0; // 22809 is 2.28.9
    if (const auto result = ncclGetVersion(&number); result != ncclSuccess)
        fail(result, "ncclGetVersion", nullptr);
    return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." +
           std::to_string(number % 100);
}

} // namespace fa::harness
