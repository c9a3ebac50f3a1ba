#pragma once
/// Stores with invented measurements: every dataset of a run file, as fa-harness would write it.

#include "store/layout.hpp"
#include "store/run_file.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fa::testing {

struct SyntheticRun {
    std::string name = "run";
    std::uint64_t seed = 1; ///< of the invented numbers
    std::string architecture = "resmlp-2x8";
    std::string credit = "dfa"; ///< a rule without feedback has no fresh draws
    std::optional<store::Relaxation> relaxation = {};
    std::string keep = "samples";
    std::int64_t depth = 2; ///< L
    std::int64_t batches = 8;
    std::int64_t batch_size = 16;
    std::int64_t draws = 20;
    std::int64_t test_samples = 400;
    bool has_train = true;
    double growth = 1.5;         ///< of ‖h‖ per block
    double last_gradient = 1e-3; ///< ‖g_L‖ / 128
    double stability = 0.1;
    double accuracy = 0.8;
    double train_shift = 0.2; ///< added to layer 0's Γ_train
    bool fresh_is_zero =
        false; ///< gamma/fresh and concat_fresh are zeros, for a store whose values are cached
    double undefined_share = 0.0; ///< of Γ, made NaN
    int undefined_layer = -1;     ///< a layer whose Γ is wholly NaN
    std::string data_sha256 = "data";
    std::string loss = "cross_entropy";
    std::uint64_t draw_seed = 0;
    std::uint64_t eval_seed = 0;
    std::string feedback = "stored";
    std::int64_t feedback_sign = 1;
    bool feedback_shared = false;
    std::string feedback_distribution = "normal";
    std::string recorded_method = {}; ///< by the checkpoint
    std::string recorded_seed = {};
    std::string feedback_verified = "verified"; ///< said only where there is a Γ_train
};

/// The digest of a run's file: a function of its name and invented seed.
std::string digest_of_synthetic(const SyntheticRun& run);
/// Writes DIR/runs/<name>.h5.
void write_synthetic_run(const store::Layout& layout, const SyntheticRun& run);
/// Writes DIR/cache/<digest>.json with invented values of the default strategies and the layers' means: not
/// those that the run's samples give.
void write_synthetic_cache(const store::Layout& layout, const SyntheticRun& run);
/// Writes DIR/manifest.txt.
void write_manifest(const store::Layout& layout, const std::string& text);

} // namespace fa::testing
