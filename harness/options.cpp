#include "harness/options.hpp"

#include "harness/byte_size.hpp"

#include "aggregation/command_line.hpp"
#include "aggregation/report_options.hpp"
#include "command_line/program.hpp"
#include "harness/versions.hpp"

#include <boost/program_options.hpp>

#include <span>

namespace po = boost::program_options;

namespace fa::harness {
namespace {

Precision precision_from(const std::string& text)
{
    if (text == "float64")
        return Precision::float64;
    if (text == "float32")
        return Precision::float32;
    throw UsageError("--precision is '" + text + "'; right are float64 and float32");
}

DeviceChoice device_from(const std::string& text)
{
    if (text == "auto")
        return DeviceChoice::automatic;
    if (text == "cpu")
        return DeviceChoice::cpu;
    if (text == "cuda")
        return DeviceChoice::cuda;
    throw UsageError("--device is '" + text + "'; right are auto, cpu and cuda");
}

Keep keep_from(const std::string& text)
{
    if (text == "samples")
        return Keep::samples;
    if (text == "batches")
        return Keep::batches;
    throw UsageError("--keep is '" + text + "'; right are samples and batches");
}

po::options_description audit_group()
{
    po::options_description group("Audit", aggregation::help_columns);
    auto add = group.add_options();
    add("manifest", po::value<std::string>()->value_name("FILE"), "the runs to audit, one a line");
    add("output", po::value<std::string>()->value_name("DIR"),
        "the store (default: the manifest's name without its extension, plus -audit, here)");
    add("precision", po::value<std::string>()->default_value("float64")->value_name("P"),
        "of forward, backward and Γ_train: float64 or float32");
    add("keep", po::value<std::string>()->default_value("samples")->value_name("WHAT"),
        "of Γ_fresh: samples (the whole tensor), or batches (reductions per batch, for sets too large)");
    add("export-draws", po::value<std::string>()->value_name("FILE"),
        "also write the fresh feedback matrices (draws/<l>, HDF5)");
    add("restart", po::bool_switch(),
        "start over, into an empty folder (default: what is finished stays, the rest is measured)");
    add("force", po::bool_switch(),
        "with --restart: remove this manifest's runs from the folder first, with their caches and failures");
    return group;
}

po::options_description work_group()
{
    po::options_description group("Division of work", aggregation::help_columns);
    auto add = group.add_options();
    add("device", po::value<std::string>()->default_value("auto")->value_name("WHERE"),
        "where ranks compute: cpu, cuda (each on the GPU of its local rank), or auto (on GPUs where every "
        "rank "
        "has one)");
    add("threads", po::value<int>()->default_value(1)->value_name("N"), "threads per rank");
    add("shard", po::value<std::string>()->value_name("I/N"),
        "the I-th of N parts of the runs alone, e.g. 1/4; jobs with the other parts share the output folder, "
        "and fa-report writes the tables");
    add("ranks-per-run", po::value<int>()->default_value(0)->value_name("N"),
        "ranks that share one run (0: as the numbers of ranks and runs suggest)");
    add("memory-budget", po::value<std::string>()->value_name("SIZE"),
        "memory that a rank may fill, e.g. 8G (default: its share of the machine's, or of what a container "
        "or "
        "Slurm grants): larger runs fail, and draws are kept from run to run in half of what is left");
    add("segment-work", po::value<double>()->default_value(5000, "5000")->value_name("GFLOP"),
        "save a run whose draws take more than this (see --dry-run) in segments of this much, about a minute "
        "on one core: an interrupted run goes on from them");
    add("retry", po::bool_switch(),
        "try runs again that were given up because the job ended twice with them in hand");
    add("lowest-capability", po::bool_switch(),
        "let ranks on processors of different kinds work together, with the instructions that all of them "
        "have");
    add("dry-run", po::bool_switch(), "check every path, print the plan, compute nothing");
    add("ranks", po::value<int>()->value_name("N"),
        "with --dry-run: plan for N ranks, none of which needs to be there");
    return group;
}

po::options_description general_group()
{
    po::options_description group("General", aggregation::help_columns);
    auto add = group.add_options();
    add("config", po::value<std::string>()->value_name("FILE"), "more options, one option=value a line");
    add("help", po::bool_switch(), "this text");
    add("version", po::bool_switch(), "versions of this program and of what it is linked with");
    return group;
}

std::uint64_t memory_budget(const std::string& text)
{
    try {
        return bytes_from(text);
    } catch (const std::invalid_argument& error) {
        throw UsageError(std::string("--memory-budget: ") + error.what());
    }
}

double segment_work(double gigaflop)
{
    if (!(gigaflop >= 0)) // NaN neither
        throw UsageError("--segment-work must be 0 (a segment for each block of draws) or a number of Gflop");
    return gigaflop;
}

int planned_ranks(int ranks, bool dry_run)
{
    constexpr int most = 1'000'000;
    if (!dry_run)
        throw UsageError(
            "--ranks says for how many ranks --dry-run plans; an audit runs on as many as mpirun "
            "or srun starts (mpirun -n RANKS fa-harness …)");
    if (ranks < 1 || ranks > most)
        throw UsageError("--ranks must be between 1 and 1000000");
    return ranks;
}

Restart restart_from(bool restart, bool force)
{
    if (force && !restart)
        throw UsageError("--force belongs to --restart: together they remove this manifest's finished runs "
                         "and measure them again");
    return !restart ? Restart::no : force ? Restart::by_force : Restart::into_empty_folder;
}

/// @throws UsageError for what no single part of the runs can do
void check_shard(const AuditOptions& options, const std::string& fail_on)
{
    if (options.shard && !fail_on.empty())
        throw UsageError("--fail-on asks for verdicts, which --shard leaves to fa-report: `fa-report " +
                         options.output.string() + " --fail-on " + fail_on + "` when all shards are done");
}

AuditOptions audit_options(const po::variables_map& values)
{
    AuditOptions options;
    if (!values.count("manifest"))
        throw UsageError("--manifest is missing: which runs are to be audited? (--help lists the options)");
    options.manifest = values["manifest"].as<std::string>();
    options.output = values.count("output") ? std::filesystem::path(values["output"].as<std::string>())
                                            : options.manifest.stem().concat("-audit");
    options.precision = precision_from(values["precision"].as<std::string>());
    options.keep = keep_from(values["keep"].as<std::string>());
    options.device = device_from(values["device"].as<std::string>());
    options.threads = values["threads"].as<int>();
    options.ranks_per_run = values["ranks-per-run"].as<int>();
    options.segment_work = segment_work(values["segment-work"].as<double>());
    options.retry = values["retry"].as<bool>();
    options.lowest_capability = values["lowest-capability"].as<bool>();
    options.dry_run = values["dry-run"].as<bool>();
    if (values.count("memory-budget"))
        options.memory_budget = memory_budget(values["memory-budget"].as<std::string>());
    if (values.count("shard"))
        options.shard = shard_from(values["shard"].as<std::string>());
    options.restart = restart_from(values["restart"].as<bool>(), values["force"].as<bool>());
    if (values.count("ranks"))
        options.planned_ranks = planned_ranks(values["ranks"].as<int>(), options.dry_run);
    if (values.count("export-draws"))
        options.export_draws = values["export-draws"].as<std::string>();
    if (options.threads < 1 || options.threads > 1024)
        throw UsageError("--threads must be between 1 and 1024");
    for (const char* path : {"manifest", "output", "export-draws"})
        if (values.count(path) && values[path].as<std::string>().empty())
            throw UsageError(std::string("--") + path + " has no path");
    if (options.ranks_per_run < 0)
        throw UsageError("--ranks-per-run must be at least 1 (or 0: chosen by the program)");
    options.report = aggregation::report_options(values);
    options.fail_on = aggregation::fail_on(values);
    check_shard(options, values["fail-on"].as<std::string>());
    return options;
}

} // namespace

std::string to_string(Precision precision)
{
    return precision == Precision::float64 ? "float64" : "float32";
}
std::string to_string(Keep keep)
{
    return keep == Keep::samples ? "samples" : "batches";
}

namespace {

command_line::Program program()
{
    return {
        "fa-harness",
        "audits feedback-alignment checkpoints",
        {"fa-harness --manifest FILE [--output DIR] [options]",
         "mpirun -n RANKS fa-harness --manifest FILE …"},
        {"Audits the checkpoints that a manifest lists: Γ against training and fresh feedback matrices, four "
         "diagnostics, every aggregation; the same bits for any number of ranks.",
         "The same command again measures only what is missing or changed. The store that it writes is read "
         "by "
         "fa-report."},
        {audit_group(), aggregation::strategy_options(), aggregation::threshold_options(),
         aggregation::verdict_options(), work_group(), general_group()},
        {{0, "all runs measured"},
         {2, "wrong usage or manifest"},
         {3, "finished but some runs failed"},
         {4, "a verdict matched --fail-on"},
         {75, "stopped early on a signal (the same command goes on)"},
         {1, "anything else"}},
        {{"precision", {"float64", "float32"}},
         {"keep", {"samples", "batches"}},
         {"device", {"auto", "cpu", "cuda"}}},
        {},
        {"fa-report(1)", "fa-train(1)"}};
}

po::variables_map parse(int argc, const char* const* argv, const po::options_description& options)
{
    po::variables_map values;
    po::store(po::command_line_parser(aggregation::with_dashes(argc, argv))
                  .options(options)
                  .positional({}) // a stray word is an error
                  .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    if (values.count("config"))
        aggregation::store_config(values["config"].as<std::string>(), options, values);
    po::notify(values);
    return values;
}

} // namespace

Command parse_command_line(int argc, const char* const* argv)
{
    const auto described = program();
    po::options_description options("", aggregation::help_columns);
    for (const auto& group : described.groups)
        options.add(group);
    try {
        if (auto text = command_line::help_as(described, FA_VERSION,
                                              std::span(argv, static_cast<std::size_t>(argc)).subspan(1)))
            return {std::nullopt, *text};
        const auto values = parse(argc, argv, options);
        if (values["help"].as<bool>())
            return {std::nullopt, command_line::help(described)};
        if (values["version"].as<bool>())
            return {std::nullopt, versions_text()};
        return {audit_options(values), ""};
    } catch (const po::error& error) {
        throw UsageError(std::string(error.what()) + " (--help lists the options)");
    } catch (const std::invalid_argument& error) {
        throw UsageError(error.what());
    }
}

} // namespace fa::harness
