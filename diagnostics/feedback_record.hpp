#pragma once
/// What a checkpoint's metadata say of its training feedback.

#include "jobs/run_spec.hpp"
#include "models/checkpoint.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fa::diagnostics {

struct FeedbackRecord {
    std::optional<jobs::Credit> credit; ///< `credit`: the rule the checkpoint was trained with, where it is
                                        ///< one with feedback
    std::optional<std::string> sha256;  ///< `feedback_sha256`
    std::optional<std::string> seed;    ///< `feedback_seed`
    std::optional<jobs::Distribution> distribution; ///< `feedback_distribution`
    std::vector<double> scale;                      ///< `feedback_std`, [L+1]; empty where not recorded
};

/// @param told  the manifest's distribution, where it gives one: then what is recorded is not looked at
/// @throws models::CheckpointError naming the key that cannot be read and what would be right
FeedbackRecord feedback_record(const models::Checkpoint& checkpoint, std::size_t layers,
                               std::optional<jobs::Distribution> told);

} // namespace fa::diagnostics
