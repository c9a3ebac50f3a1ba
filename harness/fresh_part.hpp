#pragma once
/// Γ_fresh of consecutive draws, with all that a run keeps of it: one rank's part of a run file, or a
/// segment.

#include "aggregation/strategy.hpp"
#include "harness/histograms.hpp"
#include "harness/rows.hpp"
#include "jobs/plan.hpp"
#include "store/run_file.hpp"

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

namespace fa::harness {

/// What is kept of each draw, by name: the run file's datasets ("gamma/fresh" [n, S, L+1], "gamma/fresh_mean"
/// [n, batches, L+1] …, float32), and of every strategy (and layer, aggregation::layer_key) its value,
/// "values/<text>" [n] float64. The first axis is the draw.
using DrawColumns = std::map<std::string, at::Tensor>;

class FreshPart {
  public:
    /// Room for the draws, nothing measured yet.
    /// @param keys  strategies' texts and layers' keys whose values are kept
    FreshPart(const store::RunAttributes& run, jobs::Range draws, const std::vector<std::string>& keys);
    /// What was measured before.
    /// @param counts  Γ per layer and bin, [L+1, 2048] int64
    FreshPart(jobs::Range draws, DrawColumns columns, at::Tensor counts)
        : draws_(draws), columns_(std::move(columns)), counts_(std::move(counts))
    {
    }

    jobs::Range draws() const { return draws_; }
    const DrawColumns& columns() const { return columns_; }
    at::Tensor& counts() { return counts_; }
    const at::Tensor& counts() const { return counts_; }

    bool has(const std::string& column) const { return columns_.contains(column); }
    /// A block's rows of a column, [R_b, …].
    at::Tensor rows(const std::string& column, jobs::Range block) const
    {
        return columns_.at(column).narrow(0, block.begin - draws_.begin, block.size());
    }
    void drop(const std::string& column) { columns_.erase(column); }
    /// The same without the draws from `end` on, none of which is counted yet.
    FreshPart until(std::int64_t end) const;
    /// Takes over the draws that both have; the counts of all of the other's where its first draw is one of
    /// these: of parts that divide the draws each is then counted by one.
    void adopt(const FreshPart& other);
    /// Gives the run file's datasets to `out`.
    void put(Rows& out) const;

  private:
    jobs::Range draws_;
    DrawColumns columns_;
    at::Tensor counts_;
};

/// "values/<key>"
std::string value_column(const std::string& key);
/// Every strategy's text and every layer's key.
std::vector<std::string> value_keys(const store::RunAttributes& run,
                                    const std::vector<aggregation::Strategy>& strategies);
/// The columns that a part of n draws must have, with their shapes, strategies' values apart.
std::map<std::string, std::vector<std::int64_t>> column_shapes(const store::RunAttributes& run,
                                                               std::int64_t draws);

} // namespace fa::harness
