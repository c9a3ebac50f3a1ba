#pragma once
#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace fa::aggregation {

/// χ² numbers for the replicates of generalised confidence intervals, keyed by (replicate, stream): the same
/// for every caller.
class ChiSquares {
  public:
    explicit ChiSquares(std::size_t replicates) : replicates_(replicates) {}

    std::size_t replicates() const { return replicates_; }
    /// [replicates], valid as long as this object is; streams are independent of each other. Below 100
    /// degrees of freedom by the exact quantile of a uniform number, from there by Wilson and Hilferty's
    /// (1931), within 1e-4 of it.
    std::span<const double> of(std::size_t stream, double freedom);

  private:
    std::size_t replicates_;
    std::map<std::pair<std::size_t, double>, std::vector<double>> known_;
};

} // namespace fa::aggregation
