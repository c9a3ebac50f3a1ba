#pragma once
/// Local-credit rules: the signal a_l that a method uses in place of the gradient (design 2, "Credit
/// signals").

#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/norms.hpp"
#include "diagnostics/output_error.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// A rule with what it needs, evaluated on any batch.
class CreditSignal {
  public:
    virtual ~CreditSignal() = default;

    /// a_l of each sample, one entry a layer; a_l as the rule defines it, for the error of the summed loss.
    /// @param labels  [N] int64
    virtual std::vector<SampleVectors> operator()(const OutputError& output,
                                                  const at::Tensor& labels) const = 0;

    /// The same as usual code computes it: in float32 from a float32 error.
    /// @param error  [N, C] float32
    /// @returns      per layer [N, d_l] float32
    virtual std::vector<at::Tensor> in_float32(const at::Tensor& error, const at::Tensor& labels) const = 0;
};

/// dfa, sdfa, drtp, fa and fa_noskip with known matrices.
class FeedbackCredit final : public CreditSignal {
  public:
    /// @param feedback  B_0 … B_L, float64, of `feedback_shapes`
    FeedbackCredit(jobs::Credit credit, jobs::Loss loss, std::vector<at::Tensor> feedback);

    std::vector<SampleVectors> operator()(const OutputError& output, const at::Tensor& labels) const override;
    std::vector<at::Tensor> in_float32(const at::Tensor& error, const at::Tensor& labels) const override;

  private:
    jobs::Credit credit_;
    jobs::Loss loss_;
    std::vector<at::Tensor> feedback_;

    /// a_0 … a_L of rows s, [N, C], in their precision.
    std::vector<at::Tensor> carried_down(const at::Tensor& input) const;
};

} // namespace fa::diagnostics
