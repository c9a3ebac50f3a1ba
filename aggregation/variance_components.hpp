#pragma once
/// Where the spread of Γ comes from: variance components of crossed random effects, by the method of moments
/// (docs/statistics.md, "Where the spread comes from").

#include "aggregation/bootstrap.hpp"
#include "aggregation/chi_squares.hpp"
#include "aggregation/statistics.hpp"
#include "aggregation/variance_sums.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

/// One source of spread: a factor, or several together ("seed × draw": what only that pair has).
struct Source {
    std::string name;
    double estimate = undefined;                      ///< of the variance, unbiased; may come out negative
    double levels = 1;                                ///< by what a mean over the whole design divides it
    double freedom = 0;                               ///< degrees of freedom of its mean square
    double share = undefined;                         ///< of one Γ's variance, negative estimates taken as 0
    double mean_share = undefined;                    ///< of the variance of the mean over the whole design
    BootstrapInterval interval{undefined, undefined}; ///< of `share`

    double variance() const { return estimate < 0 ? 0.0 : estimate; } ///< NaN stays NaN
};

struct Decomposition {
    /// Levels of the axes seed, draw, place that the design can tell apart; sources in row-major order,
    /// without the first, which has no factor.
    std::array<std::size_t, 3> shape{1, 1, 1};
    std::vector<Source> sources;
    std::vector<std::string> not_estimable; ///< factors of which the design has one level
    double mean = undefined;
};

/// Estimates by symmetric sums (Koch 1967): mean products of two values that share exactly this or that, and
/// the differences between them. For a balanced design these are the ANOVA estimates; batches may have
/// different sizes. A factor with one level is in no source: what belongs to it is part of the others ("draw"
/// is then draw and seed × draw together).
/// @param has_draws  false: Γ_train, where draws are no factor at all
Decomposition decompose(const SquaredTotals& totals, bool has_draws);

/// The sources' estimates averaged over columns (and their levels, where some columns leave samples out):
/// layers as a fixed factor. Without sources where one column lacks a factor that another has.
Decomposition average_of(std::span<const Decomposition> columns);

/// Intervals of the shares by generalised confidence (Weerahandi 1993): in each replicate every mean square
/// is taken times its degrees of freedom over a χ², and the shares are formed anew; 2.5 % to 97.5 % of the
/// replicates. Exact for the mean squares of a normal model; wide for few levels, as it must be.
void add_intervals(Decomposition& decomposition, ChiSquares& chi_squares);

} // namespace fa::aggregation
