#pragma once
#include "diagnostics/gamma_source.hpp"
#include "diagnostics/kept_draws.hpp"

#include <cstdint>
#include <deque>

namespace fa::diagnostics {

/// The CPU's: everything happens in `finish`, batch by batch, with draws that runs of the same shape share.
class CpuGamma final : public GammaSource {
  public:
    /// @param draws  of the task's spec; both must outlive this object
    CpuGamma(const GammaTask& task, KeptDraws& draws);

    void begin(jobs::Range draws) override { begun_.push_back(draws); }
    void finish(const FreshGamma& out) override;

  private:
    GammaTask task_;
    KeptDraws& draws_;
    GammaEngine engine_;
    std::deque<jobs::Range> begun_;
};

} // namespace fa::diagnostics
