#pragma once
#include "aggregation/strategy.hpp"
#include "aggregation/strategy_evaluation.hpp"
#include "harness/fresh_part.hpp"
#include "store/run_file.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace fa::harness {

/// Every strategy's value and every layer's mean of each draw, from its Γ. Draws are divided among the rank's
/// threads (`--threads`), which changes no bit.
class DrawValues {
  public:
    DrawValues(const store::RunAttributes& run, const std::vector<aggregation::Strategy>& strategies);

    /// Into the part that the block lies in, whose vector forms are measured.
    /// @param gamma  of the block, [R_b, S, L+1] contiguous float32
    void put(jobs::Range block, const at::Tensor& gamma, FreshPart& part);

  private:
    const store::RunAttributes& run_;
    const std::vector<aggregation::Strategy>& strategies_;
    std::vector<aggregation::StrategyEvaluation> evaluations_; ///< one a thread
};

} // namespace fa::harness
