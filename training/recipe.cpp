#include "training/recipe.hpp"

#include "jobs/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace fa::training {
namespace {

/// Raised when the arithmetic of training changes, so that old checkpoints are trained again.
constexpr int trainer_version = 1;

constexpr std::array<std::string_view, 16> keys{
    "name",          "data",        "method", "seed",    "epochs",   "lr",      "decay",
    "batch_size",    "depth",       "width",  "ep_beta", "ep_steps", "ep_step", "feedback_distribution",
    "feedback_seed", "bridge_width"};

constexpr std::array<std::pair<std::string_view, Method>, 9> methods{{{"bp", Method::bp},
                                                                      {"dfa", Method::dfa},
                                                                      {"sdfa", Method::sdfa},
                                                                      {"drtp", Method::drtp},
                                                                      {"fa", Method::fa},
                                                                      {"ep", Method::ep},
                                                                      {"sb", Method::sb},
                                                                      {"cb", Method::cb},
                                                                      {"frozen", Method::frozen}}};
constexpr std::array<std::pair<std::string_view, Decay>, 2> decays{
    {{"linear", Decay::linear}, {"constant", Decay::constant}}};

template <typename Choices>
std::string names_of(const Choices& choices)
{
    std::string names;
    for (const auto& choice : choices)
        names += (names.empty() ? "" : ", ") + std::string(choice.first);
    return names;
}

template <typename Choices, typename Value>
std::string name_of(const Choices& choices, Value value)
{
    for (const auto& [name, choice] : choices)
        if (choice == value)
            return std::string(name);
    throw std::logic_error("a value without a name");
}

/// Reads settings one by one and collects what is wrong.
class Reader {
  public:
    explicit Reader(const Settings& settings) : settings_(settings)
    {
        for (const auto& [key, value] : settings)
            if (std::ranges::find(keys, key) == keys.end()) {
                const auto near = jobs::nearest(key, keys);
                complain(fmt::format("unknown key '{}'{}", key,
                                     near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
            }
    }

    template <typename Number>
    void number(const char* key, Number& into, Number least, Number most, bool least_itself = true)
    {
        const auto found = settings_.find(key);
        if (found == settings_.end())
            return;
        const auto& text = found->second;
        Number value{};
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = problem == std::errc() && end == text.data() + text.size();
        if (!whole || !(least_itself ? value >= least : value > least) || !(value <= most))
            return complain(fmt::format("{}={} is not a number {} {} and at most {}", key, text,
                                        least_itself ? "of at least" : "above", least, most));
        into = value;
    }

    template <typename Choices, typename Value>
    void choice(const char* key, Value& into, const Choices& choices)
    {
        const auto found = settings_.find(key);
        if (found == settings_.end())
            return;
        for (const auto& [name, value] : choices)
            if (name == found->second) {
                into = value;
                return;
            }
        complain(fmt::format("{}={} is not one of {}", key, found->second, names_of(choices)));
    }

    std::optional<std::string> text(const char* key) const
    {
        const auto found = settings_.find(key);
        return found == settings_.end() ? std::nullopt : std::optional(found->second);
    }

    void complain(std::string message) { messages_.push_back(std::move(message)); }

    void finish() const
    {
        if (!messages_.empty())
            throw RecipeError(messages_);
    }

  private:
    const Settings& settings_;
    std::vector<std::string> messages_;
};

/// Design 11's recipes.
void set_method_defaults(Recipe& recipe)
{
    switch (recipe.method) {
    case Method::bp:
    case Method::frozen:
        recipe.epochs = 8;
        recipe.learning_rate = 1e-3;
        recipe.decay = Decay::linear;
        break;
    case Method::ep:
        recipe.epochs = 4;
        recipe.learning_rate = 3e-4;
        recipe.decay = Decay::linear; // without it EP drifts at some seeds
        break;
    case Method::sdfa:
    case Method::drtp:
    case Method::fa:
        recipe.epochs = 8;
        recipe.learning_rate = 1e-3;
        recipe.decay = Decay::constant;
        break;
    case Method::sb:
    case Method::cb:
        recipe.epochs = 6;
        recipe.learning_rate = 1e-3;
        recipe.decay = Decay::constant;
        break;
    case Method::dfa:
        recipe.epochs = 12;
        recipe.learning_rate = 3e-2;
        recipe.decay = Decay::constant;
        break;
    }
}

void read_distribution(Reader& reader, Recipe& recipe)
{
    const auto text = reader.text("feedback_distribution");
    if (!text)
        return;
    try {
        recipe.feedback_distribution = jobs::distribution_from(*text);
    } catch (const std::invalid_argument& problem) {
        return reader.complain(problem.what());
    }
    if (recipe.feedback_distribution == jobs::Distribution::permute)
        reader.complain(
            "feedback_distribution=permute shuffles stored matrices; training needs one that makes them "
            "(normal, uniform, rademacher, orthogonal)");
}

/// A name becomes a file's.
void read_name(Reader& reader, Recipe& recipe)
{
    recipe.name = reader.text("name").value_or("");
    if (recipe.name.find('/') != std::string::npos || recipe.name.starts_with('.'))
        reader.complain(
            fmt::format("name={} can't be a file's name: it has a '/' or starts with '.'", recipe.name));
}

} // namespace

RecipeError::RecipeError(std::vector<std::string> all)
    : std::runtime_error(fmt::format("{}", fmt::join(all, "\n"))), messages(std::move(all))
{
}

std::span<const std::string_view> recipe_keys()
{
    return keys;
}

Recipe make_recipe(const Settings& settings, const std::filesystem::path& folder)
{
    constexpr auto any_seed = std::numeric_limits<std::uint64_t>::max();
    Reader reader(settings);
    Recipe recipe;
    read_name(reader, recipe);
    for (const auto* key : {"method", "seed", "data"})
        if (!reader.text(key))
            reader.complain(fmt::format("{} is missing", key));
    if (const auto data = reader.text("data"))
        recipe.data = (folder / *data).lexically_normal();
    reader.choice("method", recipe.method, methods);
    set_method_defaults(recipe);
    reader.number<std::uint64_t>("seed", recipe.seed, 0, any_seed);
    reader.number<std::int64_t>("epochs", recipe.epochs, 1, 1'000'000);
    reader.number("lr", recipe.learning_rate, 0.0, 1e6, false);
    reader.choice("decay", recipe.decay, decays);
    reader.number<std::int64_t>("batch_size", recipe.batch_size, 1, 1'000'000);
    reader.number<std::int64_t>("depth", recipe.depth, 1, 1000);
    reader.number<std::int64_t>("width", recipe.width, 1, 65'536);
    reader.number("ep_beta", recipe.ep_beta, 0.0, 1e6, false);
    reader.number<std::int64_t>("ep_steps", recipe.ep_steps, 1, 100'000);
    reader.number("ep_step", recipe.ep_step, 0.0, 1e6, false);
    reader.number<std::int64_t>("bridge_width", recipe.bridge_width, 1, 65'536);
    read_distribution(reader, recipe);
    recipe.feedback_seed = recipe.seed;
    reader.number<std::uint64_t>("feedback_seed", recipe.feedback_seed, 0, any_seed);
    reader.finish();
    return recipe;
}

std::string recipe_line(const Recipe& recipe, int threads)
{
    auto line = fmt::format("method={} seed={} epochs={} lr={} decay={} batch_size={} depth={} width={}",
                            to_string(recipe.method), recipe.seed, recipe.epochs, recipe.learning_rate,
                            to_string(recipe.decay), recipe.batch_size, recipe.depth, recipe.width);
    if (recipe.method == Method::ep)
        line += fmt::format(" ep_beta={} ep_steps={} ep_step={}", recipe.ep_beta, recipe.ep_steps,
                            recipe.ep_step);
    if (recipe.method == Method::sb || recipe.method == Method::cb)
        line += fmt::format(" bridge_width={}", recipe.bridge_width);
    if (records_feedback(recipe.method))
        line += fmt::format(" feedback_distribution={} feedback_seed={}",
                            jobs::to_string(recipe.feedback_distribution), recipe.feedback_seed);
    return line + fmt::format(" optimiser=adam threads={} trainer={}", threads, trainer_version);
}

std::optional<jobs::Credit> credit_of(Method method)
{
    if (method == Method::bp || method == Method::frozen)
        return std::nullopt;
    return jobs::credit_from(to_string(method)); // rules and their credits have one name
}

bool records_feedback(Method method)
{
    const auto credit = credit_of(method);
    return method == Method::bp || (credit && jobs::has_feedback(*credit));
}

std::string to_string(Method method)
{
    return name_of(methods, method);
}
std::string to_string(Decay decay)
{
    return name_of(decays, decay);
}

} // namespace fa::training
