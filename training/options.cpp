#include "training/options.hpp"

#include "command_line/program.hpp"
#include "jobs/nearest.hpp"
#include "training/zoo_file.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

namespace fa::training {
namespace {

namespace po = boost::program_options;

constexpr unsigned help_columns = 110;

std::string with_dashes(std::string text)
{
    std::ranges::replace(text, '_', '-');
    return text;
}

std::string with_underscores(std::string text)
{
    std::ranges::replace(text, '-', '_');
    return text;
}

std::vector<po::options_description> groups()
{
    const auto text = [](const char* shown) { return po::value<std::string>()->value_name(shown); };
    po::options_description what("What to do", help_columns);
    what.add_options()("zoo", text("FILE"),
                       "train every run of a zoo file, one per line of key=value words; under "
                       "mpirun the ranks divide the runs");
    what.add_options()("output", text("PATH"),
                       "with --zoo: the folder of the checkpoints, <name>.safetensors each "
                       "(default: the current folder); else the checkpoint's file");
    what.add_options()("threads", text("N"),
                       "threads of a rank; part of the recipe, since it can change the bits "
                       "(default: 1)");
    what.add_options()("config", text("FILE"), "a file of option = value lines; the command line wins");
    what.add_options()("help", "print this")("version", "print the versions of everything linked");

    po::options_description one("One run (in a zoo file the same keys, with _ for -)", help_columns);
    one.add_options()("method", text("RULE"),
                      "bp, dfa, sdfa, drtp, fa, ep, sb (state bridge), cb (credit bridge), or frozen "
                      "(backpropagation with the blocks fixed)");
    one.add_options()("seed", text("N"), "of initial weights, order of samples and, unless told, feedback");
    one.add_options()(
        "data", text("FILE"),
        "a data set with both splits: HDF5, .npz, or the folder of MNIST's or CIFAR-10's files");
    one.add_options()("name", text("NAME"), "of the run (default: the output file's name)");
    one.add_options()("epochs", text("N"),
                      "passes over the training split (default: 8; ep 4; dfa 12; sb, cb 6)");
    one.add_options()("lr", text("RATE"), "Adam's learning rate (default: 1e-3; ep 3e-4; dfa 3e-2)");
    one.add_options()("decay", text("KIND"),
                      "of the learning rate: linear (to 0) or constant (default: bp, frozen, ep linear, "
                      "else constant)");
    one.add_options()("batch-size", text("N"), "samples of a batch (default: 128)");
    one.add_options()("depth", text("L"), "residual blocks (default: 4)");
    one.add_options()("width", text("D"), "of the hidden states (default: 256)");

    po::options_description ep("Equilibrium propagation", help_columns);
    ep.add_options()("ep-beta", text("BETA"), "strength of the nudge (default: 0.3)");
    ep.add_options()("ep-steps", text("N"), "relaxation steps (default: 12)");
    ep.add_options()("ep-step", text("SIZE"), "size of a relaxation step (default: 0.1)");

    po::options_description feedback(
        "Feedback matrices (dfa, sdfa, drtp and fa train with them; bp records dfa's unused, as a null)",
        help_columns);
    feedback.add_options()("feedback-seed", text("N"), "(default: the seed)");
    feedback.add_options()("feedback-distribution", text("KIND"),
                           "normal, uniform, rademacher or orthogonal, of standard deviation 1/sqrt(columns) "
                           "(default: normal)");
    po::options_description bridge("Learned credit (sb, cb)", help_columns);
    bridge.add_options()("bridge-width", text("D"), "of the layers of the rule's own network (default: 256)");
    return {what, one, ep, feedback, bridge};
}

po::options_description described()
{
    po::options_description all;
    for (const auto& group : groups())
        all.add(group);
    return all;
}

command_line::Program program()
{
    return {"fa-train",
            "trains the ResMLP checkpoints that fa-harness audits",
            {"fa-train --method dfa --seed 42 --data mnist1d.h5 --output dfa-s42.safetensors",
             "mpirun -n K fa-train --zoo zoo.txt --output zoo/"},
            {"Trains the ResMLP checkpoints that fa-harness audits. A checkpoint that is already there, from "
             "the same recipe and data, is not trained again."},
            groups(),
            {{0, "all trained"}, {2, "wrong usage or zoo file, nothing trained"}, {1, "anything else"}},
            {{"method", {"bp", "dfa", "sdfa", "drtp", "fa", "ep", "sb", "cb", "frozen"}},
             {"decay", {"linear", "constant"}},
             {"feedback-distribution", {"normal", "uniform", "rademacher", "orthogonal"}}},
            {},
            {"fa-harness(1)", "fa-report(1)"}};
}

/// Reads arguments and config file into one map of words; collects what is wrong.
class Collector {
  public:
    Settings words; ///< option → value, with dashes; without a value: empty
    std::vector<std::string> messages;

    void read_arguments(std::span<const char* const> arguments)
    {
        std::vector<std::string> texts;
        for (const std::string argument : arguments) {
            const auto name_end = argument.starts_with("--") ? argument.find('=') : 0;
            texts.push_back(with_dashes(argument.substr(0, name_end)) +
                            (name_end < argument.size() ? argument.substr(name_end) : ""));
        }
        add([&] { return po::command_line_parser(texts).options(options_).allow_unregistered().run(); }, "");
    }

    void read_config(const std::string& file)
    {
        std::ifstream stream(file);
        std::stringstream text; // option names with dashes, as above
        for (std::string line; std::getline(stream, line);) {
            const auto name_end = std::min(line.find('='), line.size());
            text << with_dashes(line.substr(0, name_end)) << line.substr(name_end) << '\n';
        }
        if (stream.bad() || text.str().empty())
            return messages.push_back(fmt::format("--config {}: can't be read, or is empty", file));
        add([&] { return po::parse_config_file(text, options_, true); }, file + ": ");
    }

    std::string take(const std::string& option)
    {
        const auto found = words.find(option);
        if (found == words.end())
            return {};
        auto value = found->second;
        words.erase(found);
        if (value.empty())
            messages.push_back(fmt::format("--{} needs a value", option));
        return value;
    }

  private:
    template <typename Parse>
    void add(const Parse& parse, const std::string& where)
    {
        try {
            std::set<std::string> here;
            bool after_unknown = false; // then a bare word is its value, no second mistake
            for (const auto& option : parse().options) {
                const bool bare = option.position_key >= 0;
                if (bare && !after_unknown)
                    messages.push_back(
                        fmt::format("{}'{}' belongs to no option", where, option.value.front()));
                else if (!bare && option.unregistered)
                    messages.push_back(where + unknown(option.original_tokens.front()));
                else if (!bare && !here.insert(option.string_key).second)
                    messages.push_back(fmt::format("{}--{} stands twice", where, option.string_key));
                else if (!bare) // what came first wins: the command line
                    words.emplace(option.string_key, option.value.empty() ? "" : option.value.front());
                after_unknown = !bare && option.unregistered;
            }
        } catch (const po::error& problem) {
            messages.push_back(where + problem.what());
        }
    }

    std::string unknown(const std::string& name) const
    {
        std::vector<std::string> known;
        for (const auto& option : options_.options())
            known.push_back(option->long_name());
        const std::vector<std::string_view> candidates(known.begin(), known.end());
        const auto typed = name.substr(0, name.find('='));
        const auto bare = typed.substr(std::min(typed.find_first_not_of('-'), typed.size()));
        const auto near = jobs::nearest(bare, candidates);
        return fmt::format("unknown option '{}'{}", typed,
                           near ? fmt::format(" (did you mean '--{}'?)", *near) : "");
    }

    po::options_description options_ = described();
};

/// The runs of a zoo file; what is left in `options.words` can't stand beside it.
std::vector<Job> jobs_of_zoo(Collector& options, const std::string& zoo, const std::filesystem::path& folder)
{
    for (const auto& [option, value] : options.words)
        options.messages.push_back(
            fmt::format("--{} can't stand beside --zoo: write it into the zoo file", option));
    std::vector<Job> jobs;
    for (auto& recipe : read_zoo(zoo)) {
        const auto output = folder / (recipe.name + ".safetensors");
        jobs.push_back({std::move(recipe), output});
    }
    return jobs;
}

std::vector<Job> job_of_words(Collector& options, const std::string& output)
{
    Settings settings;
    for (const auto& [option, value] : options.words)
        settings[with_underscores(option)] = value;
    if (output.empty())
        options.messages.push_back("--output is missing: the checkpoint's file");
    settings.emplace("name", std::filesystem::path(output).stem().string());
    return {{make_recipe(settings, "."), output}};
}

/// MNIST's and CIFAR-10's files may be named by their folder.
bool is_file_or_folder(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) || std::filesystem::is_directory(path, ignored);
}

void require_data(const std::vector<Job>& jobs, std::vector<std::string>& messages)
{
    std::set<std::filesystem::path> seen;
    for (const auto& job : jobs)
        if (seen.insert(job.recipe.data).second && !is_file_or_folder(job.recipe.data))
            messages.push_back(fmt::format("data file {} does not exist", job.recipe.data.string()));
}

int read_threads(Collector& options)
{
    int threads = 1;
    const auto text = options.take("threads");
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), threads);
    const bool whole = problem == std::errc() && end == text.data() + text.size();
    if (!text.empty() && (!whole || threads < 1 || threads > 1024))
        options.messages.push_back(fmt::format("--threads {} is not a number of 1 to 1024", text));
    return threads;
}

} // namespace

UsageError::UsageError(std::vector<std::string> all)
    : std::runtime_error(fmt::format("{}", fmt::join(all, "\n"))), messages(std::move(all))
{
}

Options read_options(std::span<const char* const> arguments)
{
    Collector words;
    words.read_arguments(arguments);
    if (words.words.contains("help"))
        return {.wish = Options::Wish::help, .jobs = {}};
    if (words.words.contains("version"))
        return {.wish = Options::Wish::version, .jobs = {}};
    if (const auto config = words.take("config"); !config.empty())
        words.read_config(config);

    Options options;
    options.threads = read_threads(words);
    const auto zoo = words.take("zoo");
    const auto output = words.take("output");
    try {
        options.jobs = zoo.empty() ? job_of_words(words, output) : jobs_of_zoo(words, zoo, output);
    } catch (const RecipeError& error) {
        words.messages.insert(words.messages.end(), error.messages.begin(), error.messages.end());
    }
    require_data(options.jobs, words.messages);
    if (!words.messages.empty())
        throw UsageError(words.messages);
    return options;
}

std::string help_text()
{
    return command_line::help(program());
}

std::optional<std::string> help_as(std::span<const char* const> arguments)
{
    return command_line::help_as(program(), FA_VERSION, arguments);
}

} // namespace fa::training
