#pragma once
/// Bootstrap over crossed factors (design 3, "across seeds"): a replicate resamples the seeds of a group and,
/// common to all of them, the draws (for fresh means) or the evaluation batches (for Γ_train). Random numbers
/// are keyed by (replicate, factor, place), so an interval never depends on which other runs or groups there
/// are.

#include "aggregation/gamma_view.hpp"
#include "aggregation/strategy.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::aggregation {

/// What is resampled; its number is the `layer` word of the random numbers' key.
enum class Factor : std::uint32_t {
    seeds = 0,
    draws = 1,
    batches = 2,
    other_seeds = 3,    ///< of a second group whose seeds aren't paired with the first's
    rearrangements = 4, ///< of permutation tests
    mean_squares = 16   ///< and what follows: one for each variance component
};

/// Fills `indices` with numbers below their count, drawn with replacement: the same for every caller of the
/// same replicate and factor.
void resample(std::uint32_t replicate, Factor factor, std::span<std::uint32_t> indices);
std::vector<std::uint32_t> resampled(std::uint32_t replicate, Factor factor, std::size_t count);

/// One run's value in each replicate, before seeds are resampled.
using Replicates = std::vector<double>;

/// Values at each draw, [strategies][R].
using DrawValues = std::vector<std::vector<double>>;

/// Means of each strategy's values over resampled draws, of several runs in one go.
/// @param runs  the draws of each may be of another number
/// @returns     [runs][strategies][replicates]; the last empty for no draws
std::vector<std::vector<Replicates>> over_draws(std::span<const DrawValues* const> runs,
                                                std::size_t replicates);

/// Each strategy on Γ_train of resampled batches.
/// @param view  with samples and vector forms (what isn't there makes its strategies NaN)
/// @returns     [strategies][replicates]
std::vector<Replicates> over_batches(std::span<const Strategy> strategies, const GammaView& view,
                                     std::size_t replicates);

struct BootstrapInterval {
    double low;  ///< 2.5 % quantile of the replicates
    double high; ///< 97.5 %
};
BootstrapInterval interval_of(std::span<const double> replicates);

/// In each replicate the mean over resampled seeds; none for fewer than two runs.
/// @param runs    one per run of the group, equally long
/// @param factor  seeds, or other_seeds for a second group that isn't paired with the first
Replicates over_seeds(std::span<const Replicates> runs, Factor factor = Factor::seeds);

} // namespace fa::aggregation
