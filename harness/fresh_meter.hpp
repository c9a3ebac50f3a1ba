#pragma once
/// Measures Γ_fresh, one block of draws after another.

#include "diagnostics/gamma_source.hpp"
#include "harness/draw_values.hpp"
#include "harness/fresh_part.hpp"
#include "harness/fresh_task.hpp"

#include <memory>
#include <optional>

namespace fa::harness {

class FreshMeter {
  public:
    /// The task must outlive it.
    explicit FreshMeter(const FreshTask& task);

    /// Γ of a block, its counts and every strategy's values, into the part that the block lies in.
    /// @param next  the block that is measured next, if any: a GPU begins with it at once
    void measure(jobs::Range block, FreshPart& part, std::optional<jobs::Range> next);

  private:
    void use_gpu(const FreshTask& task);
    at::Tensor gamma_of(jobs::Range block, const FreshPart& part) const;

    const store::RunAttributes& run_;
    DrawValues values_;
    std::unique_ptr<diagnostics::GammaSource> source_;
    int in_flight_ = 1;                ///< blocks that the source may have begun and not finished
    std::optional<jobs::Range> begun_; ///< what `next` said
    at::Tensor passing_;               ///< Γ of the block in hand where samples aren't kept, [R_b, S, L+1]
};

} // namespace fa::harness
