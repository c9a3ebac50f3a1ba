#pragma once
/// The plan of a job: what each run costs, in which order runs are handed out, how ranks form teams (design
/// 9).

#include "harness/options.hpp"
#include "harness/run_inputs.hpp"
#include "harness/work.hpp"
#include "jobs/manifest.hpp"
#include "models/network.hpp"
#include "store/run_file.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fa::harness {

/// A data set as its file's header describes it.
struct PlannedData {
    std::uint64_t file_bytes = 0;
    std::int64_t test_samples = 0, features = 0; ///< of the test split; features: numbers a sample
    std::vector<std::int64_t> sample_shape{};    ///< of one input

    /// The test split in memory: float32 inputs, int64 labels.
    std::uint64_t test_bytes() const { return static_cast<std::uint64_t>(test_samples * (features * 4 + 8)); }
};

struct PlannedRun {
    RunWork work;
    store::RunAttributes attributes;                    ///< as far as they are known from headers alone
    std::optional<models::HiddenStates> plain_states{}; ///< of its network
    std::int64_t parameters = 0;                        ///< weights, feedback matrices not counted
    std::uint64_t checkpoint_bytes = 0, feedback_file_bytes = 0;
    DataKey data_key;
    PlannedData data;
    std::uint64_t store_bytes = 0; ///< expected size of its run file
    std::string shape;             ///< "resmlp-4x256, 10 classes"
    std::string problem; ///< why it can't be planned (its checkpoint or data can't be read); else empty
};

/// Plans run after run; the header of a data set that several share is read once.
class Planner {
  public:
    explicit Planner(const AuditOptions& options) : options_(options) {}

    /// Reads the headers of a run's checkpoint and data set, nothing more.
    PlannedRun plan(const jobs::RunSpec& spec);

  private:
    const PlannedData& data_of(const DataKey& key);

    const AuditOptions& options_;
    std::map<DataKey, PlannedData> data_;
};

std::vector<PlannedRun> plan_runs(const jobs::Manifest& manifest, const AuditOptions& options);

/// Indices of the runs, costliest first (ties: in the manifest's order).
std::vector<std::int64_t> costliest_first(const std::vector<PlannedRun>& runs);

struct Teams {
    int count = 1;
    /// The team of a world rank: contiguous ranks, sizes that differ by at most one.
    int team_of(int rank, int ranks) const;
    int size_of(int team, int ranks) const;
};

/// With at least as many runs as ranks a team is one rank; else a team shares a run, with never more ranks
/// than the run has work for.
/// @param ranks_per_run  0, or what --ranks-per-run says
Teams form_teams(int ranks, std::int64_t runs, std::int64_t useful_ranks, int ranks_per_run);
/// The teams of a job: as many useful ranks as the run with most work to divide has.
Teams teams_of(const std::vector<PlannedRun>& runs, int ranks, int ranks_per_run);

} // namespace fa::harness
