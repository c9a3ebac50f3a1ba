#pragma once
/// Everything measured on one evaluation batch, and what the Γ engine needs of it.

#include "diagnostics/direction.hpp"
#include "diagnostics/histogram.hpp"
#include "diagnostics/probe.hpp"
#include "diagnostics/training_feedback.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// One batch's rows of section 6's datasets: float64, contiguous, on the CPU, one canonical NaN. Tensors of
/// measurements that don't exist for this run are undefined (credit=none: no Γ columns; no training Bs: no
/// *_train).
struct BatchMeasurements {
    at::Tensor hidden_norm, gradient_norm;  ///< [N, L+1]; the gradient's divided by 128
    at::Tensor error_norm, loss;            ///< [N]
    at::Tensor gamma_train, centered_train; ///< [N, L+1]
    at::Tensor batchvec_train, flat_train;  ///< [L+1]
    at::Tensor concat_train;                ///< [N]
    std::vector<at::Tensor> mean_direction; ///< per layer [d_l]: unit mean raw gradient, NaN where undefined
    at::Tensor clamped_old, clamped_new;    ///< [N, L+1]
    at::Tensor fp16_gamma, fp16_lost, bf16_gamma, bf16_lost; ///< [N, L+1]
    at::Tensor float32_gamma;                                ///< [N, L+1]
    at::Tensor fp16_hidden_overflow;                         ///< [N, L+1]
    at::Tensor norm_minus_one;                               ///< [L+1]
};

/// What the Γ engine needs of one batch; rows that are undefined are NaN. On the network's device.
struct GammaInputs {
    std::vector<at::Tensor>
        reference;            ///< per layer [N + 1, d_l] float32: ĝ, and last the unit mean raw gradient
    at::Tensor error;         ///< [N + 1, C] float32: ê, and last the unit mean raw error
    at::Tensor gradient_norm; ///< ‖g‖, [N, L+1] float64 (weights of flat and concat)
    at::Tensor error_norm;    ///< ‖e‖, [N] float64
};

struct BatchResult {
    BatchMeasurements measured;
    GammaInputs gamma_inputs; ///< empty for credit=none
};

/// @param network    in the audit's precision (float64 unless --precision float32)
/// @param network32  the same in float32, for the usual float32 path
/// @param inputs     [N, …], float64 or float32: converted to each network's precision
/// @param labels     [N] int64
/// @param feedback   the training Bs; without matrices there is no *_train
/// @param pitfall_feedback  what the pitfalls' Γ columns use: the training Bs, else fresh draw 0 ([d_l, C]
/// float64);
///                          empty for credit=none
/// @param precision  of `network`
/// @throws std::runtime_error if a gradient is undefined; std::invalid_argument if matrices don't fit the
/// layers
BatchResult measure_batch(const models::Network& network, const models::Network& network32,
                          const at::Tensor& inputs, const at::Tensor& labels, jobs::Loss loss,
                          const TrainingFeedback& feedback, const std::vector<at::Tensor>& pitfall_feedback,
                          at::ScalarType precision = at::kDouble);

} // namespace fa::diagnostics
