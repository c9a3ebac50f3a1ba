#pragma once
/// Where the spread of a group's Γ comes from: each source's share of the variance, with its interval.

#include "aggregation/group_variance.hpp"
#include "reporting/figures/figure.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fa::reporting {

struct VarianceShare {
    std::string gamma; ///< "train" or "fresh"
    std::string source;
    double share, low, high; ///< of the variance of one sample's Γ, fractions
    double mean_share;       ///< of that of the mean over the whole design
};

/// Of the variances averaged over the layers; train first.
std::vector<VarianceShare> variance_shares(const aggregation::GroupVariance& variance);
/// None where nothing could be estimated.
/// @param interpretable  "yes", or in how many runs (a) or (b) fired
std::optional<Figure> figure_of(const std::vector<VarianceShare>& shares, const std::string& group,
                                const std::string& interpretable);

} // namespace fa::reporting
