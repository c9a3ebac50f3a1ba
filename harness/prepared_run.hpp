#pragma once
/// A run as every rank of its team holds it: parsed, checked, ready to be measured.

#include "diagnostics/draws.hpp"
#include "diagnostics/measure.hpp"
#include "diagnostics/training_feedback.hpp"
#include "harness/options.hpp"
#include "harness/rank_device.hpp"
#include "harness/run_inputs.hpp"
#include "jobs/run_spec.hpp"
#include "jobs/tensors_file.hpp"
#include "models/network.hpp"
#include "store/run_file.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fa::harness {

struct PreparedRun {
    jobs::RunSpec spec;
    RankDevice place; ///< where this rank computes: its networks and the evaluation's tensors are there
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
    std::int64_t parameters = 0;                 ///< weights of the network
    std::optional<store::Relaxation> relaxation; ///< of credit=ep
    store::RunAttributes attributes;
    std::string warning; ///< what whoever reads its numbers must know; else empty

    /// Of the network, where it is a plain chain; empty with model=tensors.
    std::optional<models::HiddenStates> plain_states() const
    {
        return network ? network->plain_states() : std::nullopt;
    }
    bool has_gamma() const { return spec.credit != jobs::Credit::none; }
    /// Has the credit feedback matrices, of which there can be fresh draws?
    bool has_fresh() const { return jobs::has_feedback(spec.credit); }
    /// Is the method's own signal given, or a rule that needs no feedback matrices?
    bool has_own_credit() const
    {
        return has_gamma() && ((tensors && tensors->has_credit()) || !has_fresh());
    }
    bool has_train() const { return has_own_credit() || (has_gamma() && !feedback.matrices.empty()); }

    /// Inputs and labels of the test samples at `indices`, where the rank computes: [n, …] float32, shaped as
    /// the data set has them, and [n] int64.
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
PreparedRun prepare_run(const jobs::RunSpec& spec, const AuditOptions& options, const RunInputs& inputs,
                        const RankDevice& place = {});

} // namespace fa::harness
