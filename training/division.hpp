#pragma once
/// Which of several fa-train processes trains what.

#include "training/recipe.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace fa::training {

/// This process among those a launcher started.
struct Place {
    int rank = 0;
    int ranks = 1;
};

/// A launcher that says too little for processes to divide anything.
struct LauncherError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Looks a variable up; null where it isn't set. For tests.
using Environment = std::function<const char*(const char*)>;

/// Rank and number of ranks from what mpirun (OMPI_COMM_WORLD_RANK and _SIZE) or srun --mpi=pmix (PMIX_RANK
/// and SLURM_STEP_NUM_TASKS) put into the environment: known without MPI, so that help and mistakes of usage
/// are printed once and cost nothing. (Runs are independent; only exit codes pass: launcher.hpp.) Alone
/// without a launcher.
/// @throws LauncherError under srun without PMIx, where every task would train everything
Place place_of_process(const Environment& environment);

/// Rough cost of a run, in epochs of backpropagation on a network of the usual size.
double cost_of(const Recipe& recipe);

/// The indices of the recipes that fall to `place`: costliest first, each to the rank with the least so far
/// (ties: the lower rank). Every rank computes the same division.
std::vector<std::size_t> share_of(std::span<const Recipe> recipes, Place place);

} // namespace fa::training
