#pragma once
/// Everything measured on one evaluation batch, and what the Γ engine needs of it.

#include "diagnostics/credit.hpp"
#include "diagnostics/direction.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "diagnostics/given_tensors.hpp"
#include "diagnostics/histogram.hpp"
#include "diagnostics/probe.hpp"
#include "jobs/run_spec.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <vector>

namespace fa::diagnostics {

/// One batch's rows of section 6's datasets: float64, contiguous, on the CPU, one canonical NaN; of a batch
/// on a GPU to be read once its stream is done (stream.synchronize(): the copies don't wait). Tensors of
/// measurements that don't exist for this run are undefined (credit=none: no Γ columns; a rule with feedback
/// but no training Bs: no *_train).
struct BatchMeasurements {
    at::Tensor hidden_norm, gradient_norm;  ///< [N, L+1]; the gradient's divided by 128
    at::Tensor error_norm, loss;            ///< [N]
    at::Tensor gamma_train, centered_train; ///< [N, L+1]
    at::Tensor batchvec_train, flat_train;  ///< [L+1]
    at::Tensor concat_train;                ///< [N]
    std::vector<at::Tensor> mean_direction; ///< per layer [d_l]: unit mean raw gradient, NaN where
                                            ///< undefined; these stay where the batch is
    at::Tensor clamped_old, clamped_new;    ///< [N, L+1]
    at::Tensor fp16_gamma, fp16_lost, bf16_gamma, bf16_lost; ///< [N, L+1]
    at::Tensor float32_gamma;                                ///< [N, L+1]
    at::Tensor fp16_hidden_overflow;                         ///< [N, L+1]
    at::Tensor norm_minus_one;                               ///< [L+1]
    at::Tensor relaxation_residual;                          ///< [N], of credit=ep
};

struct BatchResult {
    BatchMeasurements measured;
    GammaInputs gamma_inputs; ///< where the batch is; empty where the credit has no feedback matrices
};

/// What is evaluated on every batch of a run, where the batches are measured.
struct Evaluation {
    jobs::Credit credit = jobs::Credit::dfa;
    jobs::Loss loss = jobs::Loss::cross_entropy;
    at::ScalarType precision = at::kDouble; ///< of the network
    std::vector<at::Tensor>
        training_feedback;                  ///< B_0 … B_L float64; empty where unknown: there is no *_train
    std::vector<at::Tensor> fresh_feedback; ///< draw 0, for the pitfalls' Γ columns where there are no
                                            ///< training Bs; else empty
    std::shared_ptr<const CreditSignal> own_signal =
        nullptr; ///< of a rule without feedback matrices, else null
};

/// @param network    in the audit's precision (float64 unless --precision float32)
/// @param network32  the same in float32, for the usual float32 path
/// @param inputs     [N, …], float64 or float32: converted to each network's precision
/// @param labels     [N] int64
/// All of them, and the evaluation, on one device.
/// @throws std::runtime_error if a gradient is undefined; std::invalid_argument if matrices don't fit the
/// layers
BatchResult measure_batch(const models::Network& network, const models::Network& network32,
                          const at::Tensor& inputs, const at::Tensor& labels, const Evaluation& evaluation);

/// The same of what another framework measured. Γ_train is that of the given credit signals, or else of the
/// evaluation's training feedback; float32_gamma is NaN, and so is fp16_hidden_overflow where hidden states
/// are not known: there is no forward to repeat.
BatchResult measure_given(const GivenTensors& given, const at::Tensor& labels, const Evaluation& evaluation);

} // namespace fa::diagnostics
