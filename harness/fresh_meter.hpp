#pragma once
/// Measures Γ_fresh, one block of draws after another.

#include "aggregation/strategy_evaluation.hpp"
#include "diagnostics/gamma_engine.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "diagnostics/kept_draws.hpp"
#include "harness/fresh_part.hpp"
#include "harness/prepared_run.hpp"

#include <vector>

namespace fa::harness {

class FreshMeter {
  public:
    /// @param batches  what the Γ engine needs of every eval batch
    /// @param draws    of this run's spec
    FreshMeter(const PreparedRun& run, const std::vector<diagnostics::GammaInputs>& batches,
               const std::vector<aggregation::Strategy>& strategies, diagnostics::KeptDraws& draws);

    /// Γ of a block, its counts and every strategy's values, into the part that the block lies in.
    void measure(jobs::Range block, FreshPart& part);
    /// The strategies' values alone, from the samples' Γ that the part holds.
    void evaluate(jobs::Range block, FreshPart& part);

  private:
    at::Tensor gamma_of(jobs::Range block, const FreshPart& part) const;
    void evaluate(jobs::Range block, const at::Tensor& gamma, FreshPart& part);

    const store::RunAttributes& run_;
    const std::vector<diagnostics::GammaInputs>& batches_;
    const std::vector<aggregation::Strategy>& strategies_;
    diagnostics::KeptDraws& draws_;
    diagnostics::GammaEngine engine_;
    aggregation::StrategyEvaluation evaluation_;
    at::Tensor passing_; ///< Γ of the block in hand where samples aren't kept, [R_b, S, L+1]
};

} // namespace fa::harness
