#pragma once
/// One line of the manifest, checked (design 5).

#include "jobs/data_options.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace fa::jobs {

/// The rules of section 2: those evaluated by feedback matrices, those without, and no credit at all.
enum class Credit { dfa, sdfa, drtp, fa, fa_noskip, ep, sb, cb, callback, none };
/// Is the rule evaluated by feedback matrices? The others have no fresh draws: their Γ_train is all there is.
bool has_feedback(Credit) noexcept;
enum class Loss { cross_entropy, mse };
enum class Distribution { normal, uniform, rademacher, orthogonal, permute };

/// Where the training feedback matrices come from.
struct StoredFeedback {       ///< in the checkpoint; N/A where it has none
    std::string pattern = {}; ///< of the tensors' names, "blocks.{l}.B"; empty: `feedback.<l>`
};
struct NoFeedback {}; ///< unknown: Γ_train is N/A
struct FileFeedback { ///< in another file
    std::filesystem::path path;
    std::string part =
        {}; ///< of the file: where the matrices are; empty: its `feedback.<l>`, or all it holds
};
struct SeededFeedback { ///< regenerated
    enum class Generator { ours, torch_cpu } generator;
    std::uint64_t seed;
};
using FeedbackSource = std::variant<StoredFeedback, NoFeedback, FileFeedback, SeededFeedback>;

/// How equilibrium propagation's nudged states are found (credit=ep); the defaults are design 2's.
struct Relaxation {
    double beta = 0.3;       ///< β, strength of the nudge; above 0
    std::int64_t steps = 12; ///< of gradient descent from the free states
    double step = 0.1;       ///< its size; above 0
    friend bool operator==(const Relaxation&, const Relaxation&) = default;
};

/// What frozen= says: the control's run name, its accuracy as a fraction, or none.
using FrozenBaseline = std::variant<std::monostate, std::string, double>;

struct RunSpec {
    int line = 0; ///< in the manifest, for messages

    // Labels: they decide tables and verdicts, never a measured number.
    std::string name;
    std::string method;
    std::string group; ///< empty: method plus architecture
    std::optional<std::int64_t> seed;
    FrozenBaseline frozen;
    std::optional<double> headline; ///< claimed accuracy, a fraction
    std::string note;

    // Inputs and options: they decide the numbers.
    std::filesystem::path checkpoint; ///< resolved against the manifest's folder
    std::filesystem::path data;       ///< likewise; a file or a folder
    DataOptions data_options;
    std::string
        checkpoint_part; ///< of a torch.save file: the dict that is the network; empty: the one there is
    std::string model = "auto";
    Credit credit = Credit::dfa;
    Loss loss = Loss::cross_entropy;
    FeedbackSource feedback = StoredFeedback{};
    int feedback_sign = 1;
    bool feedback_shared = false;
    std::optional<Distribution> feedback_distribution; ///< unset: the checkpoint's record, else normal
    std::int64_t draws = 200;
    std::uint64_t draw_seed = 0;
    std::uint64_t eval_seed = 0;
    std::int64_t batches = 8;
    std::int64_t batch_size = 128;
    std::map<std::string, std::string> model_options; ///< keys that a model adds
    /// Of credit=ep; unset: the checkpoint's record, else that of Relaxation.
    std::optional<double> ep_beta, ep_step;
    std::optional<std::int64_t> ep_steps;

    /// Is the checkpoint a file of what was measured elsewhere, with no network to run on any data?
    bool is_tensors() const { return model == "tensors"; }
};

std::string to_string(Credit);
std::string to_string(Loss);
std::string to_string(Distribution);
/// The text form of the manifest: "stored", "stored:blocks.{l}.B", "none", "seed:7", "seed:torch:7", the
/// path, or "path:part".
std::string to_string(const FeedbackSource&);
/// @throws std::invalid_argument listing what would be right
Credit credit_from(const std::string& text);
Distribution distribution_from(const std::string& text);

} // namespace fa::jobs
