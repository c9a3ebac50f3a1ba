#pragma once
/// What the ranks of a team do together with tensors, by MPI or by NCCL; what stands above never asks which.

#include "harness/comm/communicator.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <string>

namespace fa::harness {

/// Collective: every rank of the team makes the same calls, with tensors of the same sizes. Tensors are
/// contiguous, on any device.
///
/// What can go wrong with one rank's memory is agreed on first (comm::GroupError on every rank); what fails
/// in MPI, NCCL or CUDA itself throws on some ranks alone, and must end the job.
class Collectives {
  public:
    explicit Collectives(at::Device device) : device_(device) {}
    virtual ~Collectives() = default;
    Collectives(const Collectives&) = delete;
    Collectives& operator=(const Collectives&) = delete;

    /// Where this rank computes: tensors that lie there travel without detours.
    at::Device device() const { return device_; }

    /// @param mine  [n] bytes; may be `all`'s row of this rank, on all ranks or none
    /// @param all   [ranks, n] bytes: becomes those of every rank, in rank order
    virtual void all_gather(const at::Tensor& mine, at::Tensor& all) const = 0;
    /// @param counts  int64, read as uint64: becomes the sum over the ranks, exact in any order
    virtual void sum(at::Tensor& counts) const = 0;
    /// "MPI", "NCCL 2.28.9", or "one rank" alone.
    virtual std::string name() const = 0;

  private:
    at::Device device_;
};

/// NCCL where every rank of the team computes on a GPU of its own, else MPI. Collective in the team, which
/// must outlive it; so is its destruction.
/// @throws diagnostics::GpuError on this rank alone, from CUDA or NCCL
std::unique_ptr<const Collectives> make_collectives(const comm::Communicator& team, at::Device device);

} // namespace fa::harness
