#pragma once
/// One rank's rows of the datasets of a run file.

#include "store/run_file.hpp"

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

namespace fa::harness {

/// The datasets that a run with these attributes has, in the schema's order. Decided by what the run is,
/// never by what a rank happens to hold.
std::vector<std::string> datasets_of(const store::RunAttributes& attributes);

/// Bytes of those datasets, over all ranks: what a team must hold, and about the size of the run file.
std::uint64_t bytes_of(const store::RunAttributes& attributes);

class Rows {
  public:
    /// Rows [first, first + tensor.size(0)) of a dataset; the tensor's type must be the schema's (u64 counts
    /// come as int64).
    void put(const std::string& dataset, const at::Tensor& tensor, std::int64_t first);
    const at::Tensor& tensor(const std::string& dataset) const { return rows_.at(dataset).tensor; }
    bool has(const std::string& dataset) const { return rows_.contains(dataset); }

    /// Every dataset of the run once, in order; the views live as long as this object.
    /// @throws std::logic_error if a type differs from the schema's
    std::vector<store::Slab> slabs(const store::RunAttributes& attributes) const;

  private:
    struct Part {
        at::Tensor tensor;
        std::int64_t first = 0;
    };
    std::map<std::string, Part> rows_;
};

} // namespace fa::harness
