#pragma once
/// The MPI side of a team's collectives on tensors.

#include "harness/collectives.hpp"

#include <cstdint>
#include <memory>

namespace fa::harness {

/// Tensors of the CPU go to MPI as they are.
std::unique_ptr<const Collectives> mpi_collectives(const comm::Communicator& team);

/// Tensors of a device go through host memory, pinned where the device is a GPU.
/// @param slab_bytes  of that memory, at most, but for a byte of each rank
std::unique_ptr<const Collectives> staged_mpi_collectives(const comm::Communicator& team, at::Device device,
                                                          std::int64_t slab_bytes = 64 << 20);

} // namespace fa::harness
