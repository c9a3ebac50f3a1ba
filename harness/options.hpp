#pragma once
/// What the user asked for on the command line or in a --config file (design 4).

#include "aggregation/report.hpp"
#include "aggregation/report_options.hpp"
#include "harness/shard.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace fa::harness {

enum class Precision { float64, float32 };
enum class DeviceChoice {
    automatic, ///< GPUs where all ranks have one, else the CPU
    cpu,
    cuda
};
enum class Keep { samples, batches };
/// What --restart and --force ask for; without them what is finished stays.
enum class Restart { no, into_empty_folder, by_force };

struct AuditOptions {
    std::filesystem::path manifest;
    std::filesystem::path output;
    Precision precision = Precision::float64;
    Keep keep = Keep::samples;
    DeviceChoice device = DeviceChoice::automatic;
    int threads = 1;
    bool lowest_capability = false;             ///< of machines of different kinds, instead of refusing them
    std::optional<std::uint64_t> memory_budget; ///< bytes a rank may fill; else its share of the machine
    double segment_work = 5000; ///< Gflop; runs whose draws take more are saved in segments of that much
    bool retry = false;         ///< try runs again that ended the job twice
    std::optional<Shard> shard; ///< of the manifest's runs; else all
    Restart restart = Restart::no;
    int ranks_per_run = 0; ///< 0: from the numbers of ranks and runs
    std::optional<std::filesystem::path> export_draws;
    bool dry_run = false;
    std::optional<int> planned_ranks; ///< that --dry-run plans for; else those that the launcher started
    aggregation::ReportOptions report;
    aggregation::FailOn fail_on{""};
};

/// A command line that can't be obeyed; exit code 2.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What the command line comes to: an audit, or a text to print and leave with 0 (--help, --version).
struct Command {
    std::optional<AuditOptions> audit;
    std::string text;
};

/// @throws UsageError
Command parse_command_line(int argc, const char* const* argv);

std::string to_string(Precision);
std::string to_string(Keep);

} // namespace fa::harness
