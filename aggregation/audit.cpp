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

    /// Measures a run; what can't be read makes it a failed one. @returns what its group needs beside the
    /// result
    std::optional<RunValues> read(AuditedRun& run, std::size_t replicates)
    {
        try {
            const store::RunReader file(layout_.run(run.spec.name));
            RunQuestion about_run;
            about_run.strategies = question_.strategies;
            about_run.thresholds = question_.thresholds;
            about_run.control = controls_.of(run.spec, file.attributes());
            about_run.headline = run.spec.headline;
            about_run.replicates = replicates;
            about_run.cache = question_.cache;
            auto answer = measure_run(layout_.root(), file, about_run);
            run.result = std::move(answer.result);
            return std::move(answer.values);
        } catch (const std::exception& error) {
            // Whatever a damaged file brings about, the others are reported.
            run.status = unreadable(layout_, run.spec, error.what());
            return std::nullopt;
        }
    }

  private:
    store::Layout layout_;
    Controls controls_;
    const AuditQuestion& question_;
};

/// Numbers of all runs' replicates that are kept for the comparisons of groups: 400 MB.
constexpr std::size_t most_replicates_kept = 50'000'000;

/// How many replicates each run keeps: all that were asked for, but in an audit of very many runs.
std::size_t kept_replicates(const AuditQuestion& question, std::size_t runs)
{
    const auto numbers = 2 * std::max<std::size_t>(question.strategies.size() * runs, 1);
    return std::min(question.replicates, most_replicates_kept / numbers);
}

GroupMember member_of(const AuditedRun& run, RunValues values, std::size_t replicates)
{
    for (auto* kind : {&values.train, &values.fresh}) {
        for (auto& strategy : *kind) {
            strategy.resize(std::min(strategy.size(), replicates));
            strategy.shrink_to_fit();
        }
    }
    return {&*run.result, run.spec.seed, std::move(values.train), std::move(values.fresh)};
}

/// The bootstrap over draws, which are common to the runs of a group.
void add_fresh_replicates(std::vector<RunValues>& values, std::size_t replicates)
{
    std::vector<const DrawValues*> draws;
    for (const auto& run : values) {
        draws.push_back(&run.strategy_draws);
    }
    auto fresh = over_draws(draws, replicates);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i].fresh = std::move(fresh[i]);
    }
}

/// What one group's runs say together.
class GroupReading {
  public:
    GroupReading(Audit& audit, const store::Layout& layout)
        : audit_(audit), layout_(layout), chi_squares_(audit.question.replicates)
    {
        const auto measured = std::count_if(audit.runs.begin(), audit.runs.end(), [](const AuditedRun& run) {
            return run.status.state == RunState::measured;
        });
        replicates_kept_ = kept_replicates(audit.question, static_cast<std::size_t>(measured));
    }

    void add(const std::string& name, std::span<AuditedRun* const> runs, std::vector<RunValues> values)
    {
        std::vector<const RunResult*> results;
        std::vector<std::string> names;
        for (const auto* run : runs) {
            results.push_back(&*run->result);
            names.push_back(run->spec.name);
        }
        audit_.groups.push_back(make_group(name, results, values, audit_.question.strategies));
        audit_.variances.push_back(variance_of(names));
        auto& members = members_.emplace_back();
        for (std::size_t i = 0; i < runs.size(); ++i) {
            members.push_back(member_of(*runs[i], std::move(values[i]), replicates_kept_));
        }
    }

    std::vector<Comparison> compare()
    {
        std::vector<ComparedGroup> groups;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            groups.push_back({&audit_.groups[i], std::move(members_[i])});
        }
        return compare_all(groups);
    }

  private:
    GroupVariance variance_of(const std::vector<std::string>& names)
    {
        try {
            return group_variance(layout_.root(), names, chi_squares_, audit_.question.cache);
        } catch (const std::exception& error) { // a damaged file, or more of them than can be open at once
            return {{{}, error.what()}, {{}, error.what()}};
        }
    }

    Audit& audit_;
    const store::Layout& layout_;
    ChiSquares chi_squares_;
    std::size_t replicates_kept_ = 0;
    std::vector<std::vector<GroupMember>> members_;
};

} // namespace

Audit read_audit(const std::filesystem::path& store, const AuditQuestion& question)
{
    const store::Layout layout(store);
    const auto manifest = manifest_of(layout);
    Audit audit{question, manifest.text, list_runs(layout, manifest, question.checksums), {}, {}, {}};
    Reading reading(layout, manifest, question);
    GroupReading groups(audit, layout);
    // Group by group, so that only one group's draws are in memory.
    for (const auto& [name, members] : grouped(audit.runs)) {
        std::vector<AuditedRun*> runs;
        std::vector<RunValues> values;
        for (const auto member : members) {
            auto& run = audit.runs[member];
            if (auto own = reading.read(run, members.size() > 1 ? question.replicates : 0)) {
                values.push_back(std::move(*own));
                runs.push_back(&run);
            }
        }
        if (members.size() > 1 && question.replicates > 0) {
            add_fresh_replicates(values, question.replicates);
        }
        if (!runs.empty()) {
            groups.add(name, runs, std::move(values));
        }
    }
    audit.comparisons = groups.compare();
    return audit;
}

} // namespace fa::aggregation
