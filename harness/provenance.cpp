#include "harness/provenance.hpp"

#include "harness/machine_kind.hpp"
#include "harness/versions.hpp"
#include "store/layout.hpp"

#include <ATen/Version.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <ctime>

namespace fa::harness {
namespace {

std::string now()
{
    const auto time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc = {};
    gmtime_r(&time, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

std::string host()
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

nlohmann::ordered_json event(const char* what)
{
    return {{"event", what}, {"time", now()}, {"host", host()}, {"pid", getpid()}};
}

/// Provenance is told, never relied on: a line that can't be written is no reason to lose a measurement.
void append(const AuditOptions& options, const nlohmann::ordered_json& line) noexcept
{
    try {
        // A name that is no UTF-8 must not lose the line.
        const auto text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
        const int file = open(store::Layout(options.output).provenance().c_str(),
                              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0)
            return;
        [[maybe_unused]] const auto written = write(file, text.data(), text.size());
        close(file);
    } catch (const std::exception&) {
        return;
    }
}

} // namespace

void record_job(const AuditOptions& options, int ranks, int teams) noexcept
{
    auto line = event("job");
    line["manifest"] = std::filesystem::absolute(options.manifest).string();
    line["user"] = std::getenv("USER") ? std::getenv("USER") : "";
    line["slurm_job"] = std::getenv("SLURM_JOB_ID") ? std::getenv("SLURM_JOB_ID") : "";
    if (options.shard)
        line["shard"] = to_string(*options.shard);
    line["ranks"] = ranks;
    line["teams"] = teams;
    line["threads"] = options.threads;
    line["versions"] = versions_text();
    append(options, line);
}

void record_run(const AuditOptions& options, const std::string& name, const AuditedRun& run, int ranks,
                const std::string& collectives, const RankDevice& device) noexcept
{
    auto line = event(run.outcome == Outcome::measured  ? "measured"
                      : run.outcome == Outcome::stopped ? "stopped"
                                                        : "already there");
    line["run"] = name;
    line["digest"] = run.digest;
    if (run.outcome == Outcome::measured) {
        line["ranks"] = ranks;
        line["collectives"] = collectives;
        line["threads"] = options.threads;
        line["cpu_capability"] = at::get_cpu_capability();
        line["device"] = device.name;
        if (!device.kind.empty())
            line["gpu"] = device.kind;
        line["machine_kind"] = machine_kind(device.kind);
        line["versions"] = versions_text();
        line["seconds"] = {{"reading", run.timings.reading},
                           {"probing", run.timings.probing},
                           {"accuracy", run.timings.accuracy},
                           {"fresh", run.timings.fresh},
                           {"writing", run.timings.writing}};
    }
    if (run.outcome == Outcome::stopped)
        line["saved_draws"] = run.saved_draws;
    append(options, line);
}

void record_failed_run(const AuditOptions& options, const std::string& name,
                       const std::string& reason) noexcept
{
    auto line = event("failed");
    line["run"] = name;
    line["reason"] = reason;
    append(options, line);
}

} // namespace fa::harness
