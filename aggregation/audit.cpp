#include "aggregation/audit.hpp"

#include "aggregation/controls.hpp"
#include "jobs/manifest.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <algorithm>
#include <map>

namespace fa::aggregation {
namespace {

jobs::Manifest manifest_of(const store::Layout& layout)
{
    if (!std::filesystem::exists(layout.manifest())) {
        throw store::StoreError(layout.root().string() +
                                " is no store: it has no manifest.txt (fa-harness --output writes one)");
    }
    return jobs::read_manifest(layout.manifest(), jobs::Paths::unchecked);
}

/// Status and group of every run; of the files, only attributes and what is to be
/// compared with its checksum are read.
std::vector<AuditedRun> list_runs(const store::Layout& layout, const jobs::Manifest& manifest,
                                  Checksums compared)
{
    std::vector<AuditedRun> runs;
    for (const auto& spec : manifest.runs) {
        AuditedRun run{spec, "", run_status(layout, spec, compared), std::nullopt};
        run.group = group_name(spec, run.status.architecture);
        runs.push_back(std::move(run));
    }
    return runs;
}

/// Indices of the measured runs by group, groups in the order in which they first appear.
std::vector<std::pair<std::string, std::vector<std::size_t>>> grouped(const std::vector<AuditedRun>& runs)
{
    std::vector<std::pair<std::string, std::vector<std::size_t>>> groups;
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (runs[i].status.state == RunState::measured) {
            const auto [place, is_new] = places.try_emplace(runs[i].group, groups.size());
            if (is_new) {
                groups.emplace_back(runs[i].group, std::vector<std::size_t>{});
            }
            groups[place->second].second.push_back(i);
        }
    }
    return groups;
}

class Reading {
  public:
    Reading(const store::Layout& layout, const jobs::Manifest& manifest, const AuditQuestion& question)
        : layout_(layout), controls_(layout, manifest, question.checksums), question_(question)
    {
    }

    /// Measures a run; what can't be read makes it a failed one. @returns its bootstrap replicates
    std::optional<RunReplicates> read(AuditedRun& run, std::size_t replicates)
    {
        try {
            const store::RunReader file(layout_.run(run.spec.name));
            RunQuestion about_run;
            about_run.strategies = question_.strategies;
            about_run.thresholds = question_.thresholds;
            about_run.control = controls_.of(run.spec, file.attributes());
            about_run.headline = run.spec.headline;
            about_run.replicates = replicates;
            auto answer = measure_run(layout_.root(), file, about_run);
            run.result = std::move(answer.result);
            return std::move(answer.replicates);
        } catch (
            const std::exception& error) { // whatever a damaged file brings about, the others are reported
            run.status = {RunState::failed, error.what(), ""};
            return std::nullopt;
        }
    }

  private:
    store::Layout layout_;
    Controls controls_;
    const AuditQuestion& question_;
};

} // namespace

Audit read_audit(const std::filesystem::path& store, const AuditQuestion& question)
{
    const store::Layout layout(store);
    const auto manifest = manifest_of(layout);
    Audit audit{question, manifest.text, list_runs(layout, manifest, question.checksums), {}};
    Reading reading(layout, manifest, question);
    // Group by group, so that only one group's replicates are in memory.
    for (const auto& [name, members] : grouped(audit.runs)) {
        std::vector<const RunResult*> results;
        std::vector<RunReplicates> replicates;
        for (const auto member : members) {
            auto& run = audit.runs[member];
            if (auto own = reading.read(run, members.size() > 1 ? question.replicates : 0)) {
                replicates.push_back(std::move(*own));
                results.push_back(&*run.result);
            }
        }
        if (!results.empty()) {
            audit.groups.push_back(make_group(name, results, replicates));
        }
    }
    return audit;
}

} // namespace fa::aggregation
