#include "jobs/manifest_keys.hpp"

#include "jobs/layer_place.hpp"
#include "jobs/manifest_values.hpp"
#include "jobs/manifest_words.hpp"
#include "jobs/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

namespace fa::jobs {

namespace {

using Word = std::string_view;
constexpr std::array<Word, 10> credits = {"dfa", "sdfa", "drtp", "fa",       "fa_noskip",
                                          "ep",  "sb",   "cb",   "callback", "none"};
constexpr std::array<Word, 6> models = {"auto", "resmlp", "vit_mini", "mlp", "torchscript", "tensors"};
constexpr std::array<Word, 2> losses = {"cross_entropy", "mse"};
constexpr std::array<Word, 2> layouts = {"channels_first", "channels_last"};
constexpr std::array<Word, 3> normalisations = {"cifar10", "mnist", "none"};
constexpr std::array<Word, 5> distributions = {"normal", "uniform", "rademacher", "orthogonal", "permute"};
constexpr std::array<Word, 6> activations = {"relu", "tanh", "sigmoid", "gelu", "gelu_tanh", "identity"};
constexpr std::array<Word, 2> hidden_states = {"pre", "post"};
constexpr std::array<Word, 2> patch_orders = {"channels_first", "channels_last"};

/// Philox counters are 32 bits wide: draws and samples are counted in them.
constexpr std::int64_t most_draws = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t most_heads = 1'000'000;
constexpr std::int64_t most_ep_steps = 1'000'000;
constexpr std::int64_t most_samples = std::numeric_limits<std::int32_t>::max();

constexpr std::int64_t lowest_label = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest_label = std::numeric_limits<std::int64_t>::max();

/// "blocks.{l}.B" of "stored:blocks.{l}.B".
std::string name_pattern(const std::string& value, std::size_t prefix)
{
    const auto pattern = value.substr(prefix);
    if (!layer_place(pattern)) {
        throw std::invalid_argument("feedback=" + shown(value) +
                                    ": the names need one place for the layer, as in stored:blocks.{l}.B (or "
                                    "{l-1}, {l+1}, {2l} where they count otherwise)");
    }
    return pattern;
}

FeedbackSource feedback_source(const std::string& value, const Place& place)
{
    constexpr Word seed = "seed:";
    constexpr Word torch = "seed:torch:";
    constexpr Word stored = "stored:";
    if (value == "stored") {
        return StoredFeedback{};
    }
    if (value == "none") {
        return NoFeedback{};
    }
    if (value.starts_with(torch)) {
        return SeededFeedback{SeededFeedback::Generator::torch_cpu,
                              seed_number("feedback", value, torch.size())};
    }
    if (value.starts_with(seed)) {
        return SeededFeedback{SeededFeedback::Generator::ours, seed_number("feedback", value, seed.size())};
    }
    if (value.starts_with(stored)) {
        return StoredFeedback{name_pattern(value, stored.size())};
    }
    auto file =
        existing_file_part("feedback", value, place.folder, place.paths,
                           "feedback is stored, stored:PATTERN, none, seed:N, seed:torch:N, a file or "
                           "FILE:PART");
    return FileFeedback{std::move(file.path), std::move(file.part)};
}

/// Whether a word names a run is known once all lines are read: check_baselines() of manifest.cpp.
FrozenBaseline frozen_baseline(const std::string& value)
{
    if (value.empty()) {
        throw std::invalid_argument("frozen=: a run's name, an accuracy as a fraction, or none is needed");
    }
    if (value == "none") {
        return std::monostate{};
    }
    const auto accuracy = number(value);
    return accuracy && *accuracy >= 0.0 && *accuracy <= 1.0 ? FrozenBaseline(*accuracy)
                                                            : FrozenBaseline(value);
}

Distribution distribution(const std::string& value)
{
    return distribution_from(std::string(choice("feedback_distribution", value, distributions)));
}

/// "1e-5", as it is written.
std::string small_number(const std::string& key, const std::string& value)
{
    const auto eps = number(value);
    if (!eps || *eps <= 0.0) {
        throw std::invalid_argument(key + "=" + shown(value) + ": a number above 0 is needed, e.g. 1e-5");
    }
    return value;
}

/// Two or three whole numbers from 1 to 999999 with an x between them?
bool is_sizes(std::string_view value)
{
    int numbers = 0;
    for (std::size_t begin = 0; begin <= value.size(); ++numbers) {
        const auto end = std::min(value.find('x', begin), value.size());
        const auto digits = value.substr(begin, end - begin);
        if (digits.empty() || digits.size() > 6 || digits.front() == '0' ||
            digits.find_first_not_of("0123456789") != Word::npos) {
            return false;
        }
        begin = end + 1;
    }
    return numbers == 2 || numbers == 3;
}

/// "32x32" or "3x32x32", as it is written.
std::string sizes(const std::string& key, const std::string& value)
{
    if (!is_sizes(value)) {
        throw std::invalid_argument(key + "=" + shown(value) +
                                    ": HEIGHTxWIDTH or CHANNELSxHEIGHTxWIDTH is needed, e.g. 3x32x32");
    }
    return value;
}

double data_scale(const std::string& value)
{
    const auto factor = number(value);
    if (!factor || *factor <= 0.0) {
        throw std::invalid_argument("data_scale=" + shown(value) +
                                    ": a number above 0 is needed, e.g. 1 for pixels as they are stored");
    }
    return *factor;
}

std::vector<double> data_std(const std::string& value)
{
    auto list = numbers("data_std", value);
    if (std::any_of(list.begin(), list.end(), [](double std) { return !(std > 0.0); })) {
        throw std::invalid_argument("data_std=" + shown(value) + ": numbers above 0 are needed");
    }
    return list;
}

/// The means and standard deviations of the training images that published code uses.
void normalise(DataOptions& options, const std::string& value)
{
    const Word set = choice("normalize", value, normalisations);
    if (set == "cifar10") {
        options.mean = {0.4914, 0.4822, 0.4465};
        options.std = {0.2470, 0.2435, 0.2616};
    } else if (set == "mnist") {
        options.mean = {0.1307};
        options.std = {0.3081};
    } else {
        options.mean.clear();
        options.std.clear();
    }
}

int sign(const std::string& value)
{
    if (value == "1" || value == "+1" || value == "-1") {
        return value == "-1" ? -1 : 1;
    }
    throw std::invalid_argument("feedback_sign=" + shown(value) + ": 1 or -1 is needed");
}

void set_checkpoint(RunSpec& run, FilePart file)
{
    run.checkpoint = std::move(file.path);
    run.checkpoint_part = std::move(file.part);
}

using Text = const std::string&;
using At = const Place&;
struct Key {
    Word name;
    void (*set)(RunSpec& run, Text value, At place);
};

// clang-format off
constexpr std::array<Key, 36> keys = {{
    {"name", [](RunSpec& run, Text value, At) { run.name = run_name("name", value); }},
    {"checkpoint", [](RunSpec& run, Text value, At place) { set_checkpoint(run, existing_file_part("checkpoint", value, place.folder, place.paths)); }},
    {"model", [](RunSpec& run, Text value, At) { run.model = choice("model", value, models); }},
    {"activation", [](RunSpec& run, Text value, At) { run.model_options["activation"] = choice("activation", value, activations); }},
    {"hidden_states", [](RunSpec& run, Text value, At) { run.model_options["hidden_states"] = choice("hidden_states", value, hidden_states); }},
    {"num_heads", [](RunSpec& run, Text value, At) { run.model_options["num_heads"] = std::to_string(whole_number("num_heads", value, 1, most_heads)); }},
    {"layer_norm_eps", [](RunSpec& run, Text value, At) { run.model_options["layer_norm_eps"] = small_number("layer_norm_eps", value); }},
    {"image_size", [](RunSpec& run, Text value, At) { run.model_options["image_size"] = sizes("image_size", value); }},
    {"patch_order", [](RunSpec& run, Text value, At) { run.model_options["patch_order"] = choice("patch_order", value, patch_orders); }},
    {"ignore", [](RunSpec& run, Text value, At) { run.model_options["ignore"] = value; }},
    {"data", [](RunSpec& run, Text value, At place) { run.data = existing_file_or_folder("data", value, place.folder, place.paths); }},
    {"data_scale", [](RunSpec& run, Text value, At) { run.data_options.scale = data_scale(value); }},
    {"data_mean", [](RunSpec& run, Text value, At) { run.data_options.mean = numbers("data_mean", value); }},
    {"data_std", [](RunSpec& run, Text value, At) { run.data_options.std = data_std(value); }},
    {"normalize", [](RunSpec& run, Text value, At) { normalise(run.data_options, value); }},
    {"data_layout", [](RunSpec& run, Text value, At) { run.data_options.layout = choice("data_layout", value, layouts) == "channels_last" ? ImageLayout::channels_last : ImageLayout::channels_first; }},
    {"method", [](RunSpec& run, Text value, At) { run.method = value; }},
    {"group", [](RunSpec& run, Text value, At) { run.group = value; }},
    {"seed", [](RunSpec& run, Text value, At) { run.seed = whole_number("seed", value, lowest_label, highest_label); }},
    {"credit", [](RunSpec& run, Text value, At) { run.credit = credit_from(std::string(choice("credit", value, credits))); }},
    {"loss", [](RunSpec& run, Text value, At) { run.loss = choice("loss", value, losses) == "mse" ? Loss::mse : Loss::cross_entropy; }},
    {"feedback", [](RunSpec& run, Text value, At place) { run.feedback = feedback_source(value, place); }},
    {"feedback_sign", [](RunSpec& run, Text value, At) { run.feedback_sign = sign(value); }},
    {"feedback_shared", [](RunSpec& run, Text value, At) { run.feedback_shared = flag("feedback_shared", value); }},
    {"feedback_distribution", [](RunSpec& run, Text value, At) { run.feedback_distribution = distribution(value); }},
    {"ep_beta", [](RunSpec& run, Text value, At) { run.ep_beta = positive_number("ep_beta", value); }},
    {"ep_steps", [](RunSpec& run, Text value, At) { run.ep_steps = whole_number("ep_steps", value, 1, most_ep_steps); }},
    {"ep_step", [](RunSpec& run, Text value, At) { run.ep_step = positive_number("ep_step", value); }},
    {"draws", [](RunSpec& run, Text value, At) { run.draws = whole_number("draws", value, 0, most_draws); }},
    {"draw_seed", [](RunSpec& run, Text value, At) { run.draw_seed = seed_number("draw_seed", value); }},
    {"eval_seed", [](RunSpec& run, Text value, At) { run.eval_seed = seed_number("eval_seed", value); }},
    {"batches", [](RunSpec& run, Text value, At) { run.batches = whole_number("batches", value, 1, most_samples); }},
    {"batch_size", [](RunSpec& run, Text value, At) { run.batch_size = whole_number("batch_size", value, 1, most_samples); }},
    {"frozen", [](RunSpec& run, Text value, At) { run.frozen = frozen_baseline(value); }},
    {"headline", [](RunSpec& run, Text value, At) { run.headline = fraction("headline", value); }},
    {"note", [](RunSpec& run, Text value, At) { run.note = value; }},
}};
// clang-format on

constexpr auto key_names = [] {
    std::array<Word, keys.size()> names;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        names[i] = keys[i].name;
    }
    return names;
}();

[[noreturn]] void refuse_key(const std::string& key)
{
    const std::string word = in_quotes(key);
    if (const auto meant = nearest(key, key_names)) {
        throw std::invalid_argument("unknown key " + word + " (did you mean " + in_quotes(*meant) + "?)");
    }
    std::string known;
    for (const Word name : key_names) {
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    throw std::invalid_argument("unknown key " + word + " (known keys: " + known + ")");
}

} // namespace

std::span<const std::string_view> manifest_keys()
{
    return key_names;
}

void apply(RunSpec& run, const std::string& key, const std::string& value, const Place& place)
{
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const Key& known) { return known.name == key; });
    if (found == keys.end()) {
        refuse_key(key);
    }
    found->set(run, value, place);
}

} // namespace fa::jobs
