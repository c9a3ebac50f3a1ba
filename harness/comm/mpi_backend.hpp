#pragma once
#include "harness/comm/communicator.hpp"

#include <mpi.h>

#include <memory>

namespace fa::harness::comm {

/// A group of MPI ranks. The communicator is duplicated, so no message of ours meets another's.
std::shared_ptr<const Backend> make_mpi_backend(MPI_Comm group);

} // namespace fa::harness::comm
