#pragma once
/// Γ of blocks of draws on all batches of a run, wherever it is computed: by the CPU's engine or a GPU's.

#include "diagnostics/draws.hpp"
#include "diagnostics/gamma_engine.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "jobs/plan.hpp"

#include <cstdint>
#include <vector>

namespace fa::diagnostics {

/// What the draws of a run are measured on.
struct GammaTask {
    const DrawSpec& draws;                   ///< a checked one
    const std::vector<GammaInputs>& batches; ///< of B batches, on the device that computes
    std::int64_t batch_size;                 ///< N
    std::int64_t most_draws;                 ///< in a block

    std::int64_t samples() const { return batch_size * static_cast<std::int64_t>(batches.size()); }
    std::int64_t layers() const { return static_cast<std::int64_t>(draws.shapes.size()); }
};

/// Blocks are begun and finished in the same order; at most two are under way, so that a GPU computes one
/// while the CPU works on the other's values.
class GammaSource {
  public:
    virtual ~GammaSource() = default;

    /// @param draws  at most `most_draws` of them
    virtual void begin(jobs::Range draws) = 0;

    /// Γ of the block that was begun first: gamma [R_b, S, L+1], batchvec and flat [R_b, B, L+1], concat
    /// [R_b, S], which may be views of larger tensors. float32 on the CPU, one canonical NaN for undefined.
    virtual void finish(const FreshGamma& out) = 0;
};

} // namespace fa::diagnostics
