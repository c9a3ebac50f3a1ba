#pragma once
/// What one run of fa-train does: everything that decides the bytes of its checkpoint, except the data.

#include "jobs/run_spec.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fa::training {

enum class Method { bp, dfa, sdfa, drtp, fa, ep, sb, cb, frozen };
/// How the learning rate goes over the steps: linearly to 0, or not at all.
enum class Decay { linear, constant };

struct Recipe {
    std::string name; ///< of the run, and of its file: <name>.safetensors
    std::filesystem::path data;
    Method method = Method::bp;
    std::uint64_t seed = 0;
    std::int64_t epochs = 0;
    double learning_rate = 0;
    Decay decay = Decay::constant;
    std::int64_t batch_size = 128;
    std::int64_t depth = 4;   ///< L, blocks
    std::int64_t width = 256; ///< d
    double ep_beta = 0.3;     ///< β, the nudge
    std::int64_t ep_steps = 12;
    double ep_step = 0.1;            ///< size of a relaxation step
    std::int64_t bridge_width = 256; ///< of the layers of sb's and cb's own network
    jobs::Distribution feedback_distribution = jobs::Distribution::normal;
    std::uint64_t feedback_seed = 0;

    friend bool operator==(const Recipe&, const Recipe&) = default;
};

/// Words of a zoo file's line or of the command line, before they are understood.
using Settings = std::map<std::string, std::string>;

/// The keys that a recipe has, as a zoo file spells them; the command line writes - for _.
std::span<const std::string_view> recipe_keys();

/// Everything that is wrong with some settings.
struct RecipeError : std::runtime_error {
    explicit RecipeError(std::vector<std::string> messages);
    std::vector<std::string> messages;
};

/// A recipe from settings. `method` and `seed` must be there; the others have defaults, which for epochs, lr
/// and decay are those of design 11 for the method; `feedback_seed` is the seed's.
/// @param folder  what a relative `data` is relative to
/// @throws RecipeError listing every unknown key and wrong value
Recipe make_recipe(const Settings& settings, const std::filesystem::path& folder);

/// The recipe as one line of key=value words, without name and data: what the checkpoint records. Two runs
/// with equal lines, equal data and equal threads have equal bytes.
std::string recipe_line(const Recipe& recipe, int threads);

/// The credit signal by which the method trains; none for bp and frozen.
std::optional<jobs::Credit> credit_of(Method method);

/// Does the method come with recorded feedback matrices? (BP's are recorded and unused: the natural null.)
bool records_feedback(Method method);

std::string to_string(Method method);
std::string to_string(Decay decay);

} // namespace fa::training
