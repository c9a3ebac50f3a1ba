#pragma once
/// How much work a run is: decides the order of runs, the ranks of a team and the progress line; no number
/// measured.

#include "harness/heartbeat.hpp"
#include "jobs/run_spec.hpp"
#include "models/network.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace fa::harness {

/// Work is counted in multiply-adds, and told to users in Gflop: two flop are one.
inline double gigaflop(double multiply_adds)
{
    return 2e-9 * multiply_adds;
}
inline double multiply_adds(double gigaflop)
{
    return 0.5e9 * gigaflop;
}

struct RunWork {
    double probe = 0;    ///< multiply-adds of forward and backward over the evaluation batches
    double accuracy = 0; ///< of the forward over the test split
    double fresh = 0;    ///< of Γ_fresh
    std::int64_t batches = 0, accuracy_batches = 0, draw_blocks = 0;
    std::int64_t draws = 0, draws_per_block = 0; ///< the last block may be shorter
    std::int64_t test_samples = 0, batch_size = 0;
    double gammas = 0; ///< values of Γ_fresh: draws × samples × layers

    /// Of the draws, as --segment-work counts it: a value of Γ costs its products and, to be kept, counted
    /// and reduced by every strategy, about as much time as 2500 multiply-adds (docs/manual.md,
    /// "Interruptions").
    double of_draws() const { return fresh + 2500 * gammas; }
    double total() const { return probe + accuracy + fresh; }
    WorkShares shares() const;
    /// More ranks than this would find nothing to do.
    std::int64_t useful_ranks() const;
};

/// @param parameters    number of weights
/// @param test_samples  of the data set
/// @param plain         `plain_states` of the network
RunWork work_of(const jobs::RunSpec& spec, const std::vector<std::int64_t>& widths, std::int64_t classes,
                std::int64_t parameters, std::int64_t test_samples,
                std::optional<models::HiddenStates> plain = std::nullopt);

} // namespace fa::harness
