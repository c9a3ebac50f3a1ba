#pragma once
/// The NCCL side of a team's collectives on tensors; in builds without CUDA (nccl_absent.cpp) every call
/// throws std::logic_error, and no rank has a device to call it with.

#include "harness/collectives.hpp"

#include <memory>

namespace fa::harness {

/// Tensors on `device` go to NCCL as they are, others through its memory. Collective in the team, each of
/// whose ranks has a GPU of its own; so is the destruction, unless the stack unwinds: then this rank leaves
/// without the others.
/// @throws diagnostics::GpuError on this rank alone
std::unique_ptr<const Collectives> nccl_collectives(const comm::Communicator& team, at::Device device);

} // namespace fa::harness
