#pragma once
#include "diagnostics/credit.hpp"
#include "jobs/run_spec.hpp"
#include "models/checkpoint.hpp"

#include <memory>

namespace fa::diagnostics {

/// β, steps and step of credit=ep: the manifest's keys, else the checkpoint's metadata `ep_beta`, `ep_steps`,
/// `ep_step`, else the defaults.
/// @throws models::CheckpointError naming the metadata that can't be read and what would be right
jobs::Relaxation relaxation_of(const jobs::RunSpec& spec, const models::Checkpoint& checkpoint);

/// The signal of a rule without feedback matrices (ep, sb, cb, callback).
/// @param network  in any precision, anywhere: asked only what it can do
/// @param device   of the batches that it is evaluated on
/// @throws models::CheckpointError if the checkpoint lacks the rule's network or it doesn't fit;
/// std::invalid_argument if the rule can't be evaluated on such a network
std::unique_ptr<const CreditSignal> own_credit(const jobs::RunSpec& spec,
                                               const models::Checkpoint& checkpoint,
                                               const models::Network& network, at::Device device = at::kCPU);

} // namespace fa::diagnostics
