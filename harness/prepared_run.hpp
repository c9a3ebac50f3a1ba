#pragma once
/// A run as every rank of its team holds it: parsed, checked, ready to be measured.

#include "diagnostics/draws.hpp"
#include "diagnostics/measure.hpp"
#include "diagnostics/training_feedback.hpp"
#include "harness/options.hpp"
#include "harness/run_inputs.hpp"
#include "jobs/run_spec.hpp"
#include "jobs/tensors_file.hpp"
#include "models/network.hpp"
#include "store/run_file.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <span>
#include <vector>

namespace fa::harness {

struct PreparedRun {
    jobs::RunSpec spec;
    std::shared_ptr<const EvaluationData> data; ///< null with model=tensors
    std::vector<std::int64_t> samples;          ///< indices of the evaluation samples in the test split, [S];
                                                ///< with model=tensors their rows
    diagnostics::Evaluation evaluation;         ///< on every batch
    std::unique_ptr<models::Network> network;   ///< in the evaluation's precision; null with model=tensors
    std::unique_ptr<models::Network> network32; ///< for the usual float32 path; likewise
    std::unique_ptr<jobs::TensorsFile> tensors; ///< with model=tensors
    at::Tensor tensor_labels;                   ///< of its samples, [S]
    diagnostics::TrainingFeedback feedback;
    diagnostics::DrawSpec draws;
    store::RunAttributes attributes;

    bool has_gamma() const { return spec.credit != jobs::Credit::none; }
    bool has_own_credit() const { return tensors && tensors->has_credit(); }
    bool has_train() const { return has_gamma() && (has_own_credit() || !feedback.matrices.empty()); }

    /// Inputs and labels of the test samples at `indices`: [n, features] float32 and [n] int64.
    struct Batch {
        at::Tensor inputs;
        at::Tensor labels;
    };
    Batch batch(std::span<const std::int64_t> indices) const;
    /// Evaluation batch b.
    Batch evaluation_batch(std::int64_t b) const;
    /// Class of the sample at an index of `samples`.
    std::int64_t label(std::int64_t sample) const;
};

/// @throws std::runtime_error with what is wrong with the checkpoint, the data, or how they fit together
PreparedRun prepare_run(const jobs::RunSpec& spec, const AuditOptions& options, const RunInputs& inputs);

} // namespace fa::harness
