#pragma once
/// Ranks that each have a GPU of their own, as NCCL connects them. Knows no MPI: who brings the ranks
/// together is the caller's business.

#include <ATen/ATen.h>
#include <nccl.h>

#include <functional>
#include <string>

namespace fa::harness {

/// Every call but the destructor's when the stack unwinds is collective. They return when the GPU is done.
class NcclCommunicator {
  public:
    /// What all ranks must have from one of them.
    /// @throws diagnostics::GpuError, as everything here
    static ncclUniqueId unique_id();

    /// @param meanwhile  called again and again while this rank waits for the others
    NcclCommunicator(const ncclUniqueId& id, int rank, int ranks, at::Device device,
                     std::function<void()> meanwhile = {});
    ~NcclCommunicator();
    NcclCommunicator(const NcclCommunicator&) = delete;
    NcclCommunicator& operator=(const NcclCommunicator&) = delete;

    /// @param mine  [n] bytes on the device; may be `all`'s row of this rank
    /// @param all   [ranks, n] bytes on the device
    void all_gather(const at::Tensor& mine, at::Tensor& all) const;
    /// @param counts  int64 on the device, read as uint64
    void sum(at::Tensor& counts) const;

    /// "2.28.9": of the library that is loaded.
    static std::string version();

  private:
    void check(ncclResult_t result, const char* call) const;
    void wait(const char* call) const;

    at::Device device_;
    std::function<void()> meanwhile_;
    ncclComm_t communicator_ = nullptr;
    int exceptions_;
};

} // namespace fa::harness
