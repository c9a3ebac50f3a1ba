#include "harness/traffic.hpp"

#include "diagnostics/feedback_rule.hpp"
#include "harness/exchange.hpp"

#include <set>

namespace fa::harness {

Traffic& Traffic::operator+=(const Traffic& other)
{
    checkpoint += other.checkpoint;
    gamma += other.gamma;
    counts += other.counts;
    values += other.values;
    data += other.data;
    return *this;
}

Traffic traffic_of(const PlannedRun& run, int ranks, std::size_t strategies)
{
    const auto& shape = run.attributes;
    const auto others = static_cast<std::uint64_t>(ranks - 1);
    const auto layers = shape.layers();
    const bool credit = shape.credit != "none";

    Traffic traffic;
    traffic.checkpoint = others * (run.checkpoint_bytes + run.feedback_file_bytes);
    const auto rule = jobs::credit_from(shape.credit);
    const BatchLayout layout(shape, diagnostics::propagation_of(rule, run.plain_states));
    const auto windows = Exchange::windows(shape.batches, ranks);
    traffic.gamma = others * static_cast<std::uint64_t>(windows * ranks * layout.bytes());
    const std::uint64_t histograms =
        credit ? (shape.train_reason.empty() ? 1U : 0U) + (shape.draws > 0 ? 1U : 0U) : 0U;
    traffic.counts = 2 * others * histograms * static_cast<std::uint64_t>(layers) * 2048 * 8;
    traffic.values = 2 * others * (strategies + static_cast<std::uint64_t>(layers)) *
                     static_cast<std::uint64_t>(shape.draws) * 8;
    return traffic;
}

JobTraffic traffic_of(const std::vector<PlannedRun>& runs, const Schedule& schedule, std::size_t strategies)
{
    JobTraffic job;
    for (std::size_t team = 0; team < schedule.runs_of_team.size(); ++team) {
        const int ranks = schedule.teams.size_of(static_cast<int>(team), schedule.ranks);
        std::set<DataKey> known;
        for (const auto index : schedule.runs_of_team[team]) {
            const auto& run = runs[static_cast<std::size_t>(index)];
            job.moved += traffic_of(run, ranks, strategies);
            job.read += run.checkpoint_bytes + run.feedback_file_bytes + run.store_bytes;
            if (known.insert(run.data_key).second) {
                job.moved.data += static_cast<std::uint64_t>(ranks - 1) * run.data.test_bytes();
                job.read +=
                    2 * run.data.file_bytes + run.data.test_bytes(); // hashed before and behind the reading
            }
        }
    }
    return job;
}

} // namespace fa::harness
