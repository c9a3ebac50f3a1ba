#include "harness/audit_run.hpp"

#include "aggregation/strategy_cache.hpp"
#include "diagnostics/measure.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/fresh_stage.hpp"
#include "harness/memory.hpp"
#include "harness/prepared_run.hpp"
#include "harness/probe_stage.hpp"
#include "harness/publish_run.hpp"
#include "harness/work.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <fmt/format.h>

#include <chrono>

namespace fa::harness {
namespace {

class Stopwatch {
  public:
    /// Seconds since construction or the last call.
    double lap()
    {
        const auto now = std::chrono::steady_clock::now();
        const double seconds = std::chrono::duration<double>(now - last_).count();
        last_ = now;
        return seconds;
    }

  private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Is the run there already, whole and of this digest? A file that doesn't verify is measured again.
bool is_finished(const store::Layout& layout, const jobs::RunSpec& spec, const std::string& digest)
{
    const auto file = layout.run(spec.name);
    try {
        if (store::digest_of(file) != digest)
            return false;
        store::RunReader(file).verify();
        return true;
    } catch (const store::SchemaError&) {
        throw;
    } catch (const store::StoreError& error) {
        fmt::print(stderr, "fa-harness: run '{}' is measured again: {}\n", spec.name, error.what());
        return false;
    }
}

/// Γ_train's histogram from this rank's rows; every rank takes part in the sum.
void put_train_histogram(const PreparedRun& run, const comm::Communicator& team, Rows& rows)
{
    if (!run.has_train())
        return;
    auto counts = empty_counts(run.attributes.layers());
    if (rows.has("gamma/train"))
        count_layers(rows.tensor("gamma/train"), counts);
    put_histogram("gamma/train_histogram", counts, team, rows);
}

void put_directions(const BatchExchange& batches, const comm::Communicator& team, Rows& rows)
{
    if (!team.leads())
        return;
    std::vector<at::Tensor> layers;
    for (const auto& directions : batches.mean_direction)
        layers.push_back(diagnostics::direction_cosines(directions));
    rows.put("direction/cosine", at::stack(layers), 0);
}

/// A run that can't fit is a failed run; asking for its memory would end the whole job.
/// @returns bytes that it leaves
std::uint64_t check_memory(const PreparedRun& run, const RunInputs& inputs, int ranks, std::uint64_t budget)
{
    PlannedRun plan;
    plan.attributes = run.attributes;
    plan.checkpoint_bytes = inputs.checkpoint.size();
    plan.feedback_file_bytes = inputs.feedback_file.size();
    plan.parameters = run.parameters;
    plan.data = {.test_samples = run.attributes.test_samples,
                 .features = run.data ? run.data->test.features : 0};
    const auto needed = memory_of(plan, ranks);
    if (needed.total() > budget)
        throw std::runtime_error(too_large(needed, budget));
    return budget - needed.total();
}

WorkShares shares_of(const PreparedRun& run)
{
    // Only the proportions count here; the weights' number follows from the widths closely enough.
    std::int64_t parameters = 0;
    for (const auto width : run.attributes.width)
        parameters += 2 * width * width;
    return work_of(run.spec, run.attributes.width, run.attributes.classes, parameters,
                   run.attributes.test_samples)
        .shares();
}

} // namespace

AuditedRun audit_run(const jobs::RunSpec& spec, const AuditOptions& options, Workbench& workbench,
                     const comm::Communicator& team, const Heartbeat& beat)
{
    Stopwatch watch;
    AuditedRun audited;
    auto inputs = workbench.reader.read(spec);
    audited.digest = inputs.digest;
    const store::Layout layout(options.output);
    bool finished = false;
    comm::together(team, [&] { finished = team.leads() && is_finished(layout, spec, inputs.digest); });
    if (team.shared(finished)) {
        beat(1.0);
        audited.outcome = Outcome::already_there;
        return audited;
    }
    workbench.reader.distribute(inputs);
    PreparedRun run;
    WorkShares shares;
    std::uint64_t left = 0;
    comm::together(team, [&] {
        run = prepare_run(spec, options, inputs);
        left = check_memory(run, inputs, team.size(), workbench.memory);
        if (run.has_fresh())
            workbench.draws.begin(run.draws, left / 2);
        shares = shares_of(run);
    });
    if (team.leads() && !run.warning.empty())
        fmt::print(stderr, "fa-harness: run '{}': {}\n", spec.name, run.warning);
    audited.timings.reading = watch.lap();

    Rows rows;
    const auto batches = measure_batches(run, team, shares, beat, rows);
    comm::together(team, [&] { put_directions(batches, team, rows); });
    put_train_histogram(run, team, rows);
    audited.timings.probing = watch.lap();

    measure_accuracy(run, team, shares, beat, rows);
    audited.timings.accuracy = watch.lap();

    aggregation::StrategyValues per_draw;
    if (run.attributes.draws > 0)
        per_draw = measure_fresh(run, team, batches.gamma_inputs, options.report.strategies, shares, beat,
                                 workbench.draws, rows);
    audited.timings.fresh = watch.lap();

    publish_run(layout, run.attributes, rows, team);
    if (team.leads() && !per_draw.empty())
        aggregation::write_cache(options.output, inputs.digest, per_draw);
    audited.timings.writing = watch.lap();
    return audited;
}

} // namespace fa::harness
