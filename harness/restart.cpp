#include "harness/restart.hpp"

#include "aggregation/strategy_cache.hpp"
#include "store/discard_run.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace fa::harness {
namespace {

/// The first thing in a folder, or an empty path if there is none (or no folder).
std::filesystem::path something_in(const std::filesystem::path& folder)
{
    std::error_code none;
    const std::filesystem::directory_iterator first(folder, none);
    return none || first == std::filesystem::directory_iterator() ? std::filesystem::path() : first->path();
}

/// Slurm starts a requeued batch job with the same command line.
bool was_requeued()
{
    const char* count = std::getenv("SLURM_RESTART_COUNT");
    return count != nullptr && std::atoi(count) > 0;
}

void refuse_to_remove(const store::Layout& layout)
{
    throw UsageError(fmt::format(
        "--restart: {} is not empty. Without --restart the same command goes on there; --restart --force "
        "removes this manifest's runs from it and measures them again; or name another --output",
        layout.root().string()));
}

void refuse_foreign_runs(const store::Layout& layout)
{
    std::error_code none;
    if (std::filesystem::exists(layout.manifest(), none))
        return;
    if (const auto foreign = something_in(layout.runs()); !foreign.empty())
        throw UsageError(fmt::format("--restart --force: {} holds no audit (there is no manifest.txt), and "
                                     "{} may be somebody's: name another --output",
                                     layout.root().string(), foreign.string()));
}

/// The cache of a run's values is found by the digest in its file.
void discard_cache(const store::Layout& layout, const std::string& name)
{
    try {
        if (const auto digest = store::digest_of(layout.run(name)))
            aggregation::remove_cache(layout.root(), *digest);
    } catch (const store::StoreError&) {
        // A damaged file names no digest; its cache is a convenience that nobody will look for.
    }
}

} // namespace

void start_over_if_asked(const AuditOptions& options, const jobs::Manifest& manifest)
{
    const store::Layout layout(options.output);
    if (options.restart == Restart::no || something_in(layout.root()).empty())
        return;
    if (was_requeued()) {
        fmt::print(stderr, "fa-harness: this job was requeued: it goes on, --restart was for its start\n");
        return;
    }
    if (options.restart == Restart::into_empty_folder)
        refuse_to_remove(layout);
    refuse_foreign_runs(layout);
    std::size_t removed = 0;
    for (const auto& spec : manifest.runs) {
        discard_cache(layout, spec.name);
        removed += store::discard_run(layout, spec.name);
    }
    fmt::print(stderr,
               "fa-harness: starting over: {} of this manifest's {} runs removed from {}; to go on after an "
               "interruption, leave --restart out\n",
               removed, manifest.runs.size(), layout.root().string());
}

} // namespace fa::harness
