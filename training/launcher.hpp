#pragma once
/// How the processes that mpirun or srun started end together.

#include <functional>

namespace fa::training {

/// Does this process's share of the work, and waits until every process of the launcher has done its own: one
/// that left early with an error code would make mpirun end the others in the middle of a training. While it
/// waits it leaves its core to them. Alone, without a launcher, it only works: MPI is not even initialised.
///
/// @param work  returns an exit code, 0 for success. An exception passes through without waiting for anybody,
///              and the launcher then ends the job.
/// @returns     on rank 0 the largest code of all, on the others 0; alone, work's own
/// @throws std::runtime_error if MPI can't be initialised
int worst_exit_code(const std::function<int()>& work);

} // namespace fa::training
