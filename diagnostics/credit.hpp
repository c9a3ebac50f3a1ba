#pragma once
/// Local-credit rules: the signal a_l that a method uses in place of the gradient (design 2, "Credit
/// signals").

#include "diagnostics/norms.hpp"
#include "diagnostics/output_error.hpp"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

namespace fa::diagnostics {

/// A rule with its feedback matrices, evaluated on any batch.
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

/// dfa: a_l = B_l e.
class DirectFeedback final : public CreditSignal {
  public:
    /// @param feedback  B_l, [d_l, C] float64, for each layer 0 … L
    explicit DirectFeedback(std::vector<at::Tensor> feedback) : feedback_(std::move(feedback)) {}

    std::vector<SampleVectors> operator()(const OutputError& output, const at::Tensor& labels) const override;
    std::vector<at::Tensor> in_float32(const at::Tensor& error, const at::Tensor& labels) const override;

  private:
    std::vector<at::Tensor> feedback_;
};

} // namespace fa::diagnostics
