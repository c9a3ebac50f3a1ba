#pragma once
/// A third side of a team's collectives: hands every call on to another one, and counts.

#include "harness/collectives.hpp"

#include <memory>

namespace fa::testing {

class CountedCollectives final : public harness::Collectives {
  public:
    explicit CountedCollectives(std::unique_ptr<const harness::Collectives> inner)
        : Collectives(inner->device()), inner_(std::move(inner))
    {
    }

    void all_gather(const at::Tensor& mine, at::Tensor& all) const override
    {
        ++gathers;
        inner_->all_gather(mine, all);
    }
    void sum(at::Tensor& counts) const override
    {
        ++sums;
        inner_->sum(counts);
    }
    std::string name() const override { return "counted " + inner_->name(); }

    mutable int gathers = 0, sums = 0;

  private:
    std::unique_ptr<const harness::Collectives> inner_;
};

} // namespace fa::testing
