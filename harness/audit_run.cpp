#include "harness/audit_run.hpp"

#include "aggregation/strategy_cache.hpp"
#include "diagnostics/measure.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/device_errors.hpp"
#include "harness/fresh_stage.hpp"
#include "harness/histograms.hpp"
#include "harness/machine_kind.hpp"
#include "harness/memory.hpp"
#include "harness/prepared_run.hpp"
#include "harness/probe_stage.hpp"
#include "harness/publish_run.hpp"
#include "harness/segment_cut.hpp"
#include "harness/segment_stage.hpp"
#include "harness/stale_run.hpp"
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

/// Is the run there already, whole and of this digest? (tell_if_stale says why a file is measured again.)
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
    } catch (const store::StoreError&) {
        return false;
    }
}

/// Γ_train's histogram from this rank's rows; every rank takes part in the sum.
void put_train_histogram(const PreparedRun& run, const comm::Communicator& team,
                         const Collectives& collectives, Rows& rows)
{
    if (!run.has_train())
        return;
    auto counts = empty_counts(run.attributes.layers());
    if (rows.has("gamma/train"))
        count_layers(rows.tensor("gamma/train"), counts);
    put_histogram("gamma/train_histogram", counts, team, collectives, rows);
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
    plan.plain_states = run.plain_states();
    plan.parameters = run.parameters;
    plan.data = {.test_samples = run.attributes.test_samples,
                 .features = run.data ? run.data->test.features : 0};
    const auto needed = memory_of(plan, ranks);
    if (needed.total() > budget)
        throw std::runtime_error(too_large(needed, budget));
    return budget - needed.total();
}

RunWork planned_work(const PreparedRun& run)
{
    // Only the proportions and the draws count here; the weights' number follows from the widths closely
    // enough.
    std::int64_t parameters = 0;
    for (const auto width : run.attributes.width)
        parameters += 2 * width * width;
    return work_of(run.spec, run.attributes.width, run.attributes.classes, parameters,
                   run.attributes.test_samples, run.plain_states());
}

/// The run as it goes through its team, stage by stage.
class Audit {
  public:
    Audit(const jobs::RunSpec& spec, const AuditOptions& options, Workbench& workbench,
          const comm::Communicator& team, const Heartbeat& beat)
        : spec_(spec), options_(options), workbench_(workbench), team_(team), beat_(beat),
          layout_(options.output)
    {
    }

    AuditedRun operator()();

  private:
    bool is_there();
    void prepare();
    BatchExchange probe();
    bool measure_draws(const BatchExchange& batches);
    void publish();

    const jobs::RunSpec& spec_;
    const AuditOptions& options_;
    Workbench& workbench_;
    const comm::Communicator& team_;
    const Heartbeat& beat_;
    store::Layout layout_;
    Stopwatch watch_;
    AuditedRun audited_;
    RunInputs inputs_;
    PreparedRun run_;
    RunWork work_;
    WorkShares shares_;
    Rows rows_;
    aggregation::StrategyValues per_draw_;
};

/// Collective. What is left of a finished run's segments, by a job that was killed behind its last step,
/// goes.
bool Audit::is_there()
{
    bool finished = false;
    comm::together(team_, [&] {
        finished = team_.leads() && is_finished(layout_, spec_, audited_.digest);
        if (finished)
            layout_.remove_segments(spec_.name);
    });
    return team_.shared(finished);
}

void Audit::prepare()
{
    workbench_.reader.distribute(inputs_);
    comm::together(team_, [&] {
        const auto prepare = [&] { run_ = prepare_run(spec_, options_, inputs_, workbench_.device); };
        retry_without_cache(workbench_.device, prepare, prepare);
        const auto left = check_memory(run_, inputs_, team_.size(), workbench_.memory);
        if (run_.has_fresh())
            workbench_.draws.begin(run_.draws, left / 2);
        work_ = planned_work(run_);
        shares_ = work_.shares();
    });
    if (team_.leads())
        tell_if_stale(layout_, spec_, run_.attributes);
    if (team_.leads() && !run_.warning.empty())
        fmt::print(stderr, "fa-harness: run '{}': {}\n", spec_.name, run_.warning);
}

BatchExchange Audit::probe()
{
    auto batches = measure_batches(run_, team_, *workbench_.collectives, shares_, beat_, rows_);
    comm::together(team_, [&] { put_directions(batches, team_, rows_); });
    put_train_histogram(run_, team_, *workbench_.collectives, rows_);
    return batches;
}

/// @returns whether the run can be published: it is neither stopped nor finished by another job
bool Audit::measure_draws(const BatchExchange& batches)
{
    const FreshTask task{.run = run_,
                         .team = team_,
                         .collectives = *workbench_.collectives,
                         .batches = batches.gamma_inputs,
                         .strategies = options_.report.strategies,
                         .draws = workbench_.draws,
                         .shares = shares_,
                         .beat = beat_};
    const auto most_blocks = blocks_per_segment(work_, multiply_adds(options_.segment_work));
    if (most_blocks == 0) {
        per_draw_ = measure_fresh(task, rows_);
        return true;
    }
    const SegmentFolder folder(layout_, run_.attributes, machine_kind(workbench_.device.kind));
    auto segmented = measure_in_segments(
        {.fresh = task,
         .folder = folder,
         .most_blocks = most_blocks,
         .is_finished_meanwhile = [&] { return is_finished(layout_, spec_, audited_.digest); }},
        rows_);
    per_draw_ = std::move(segmented.per_draw);
    audited_.saved_draws = segmented.saved;
    if (segmented.end == Segmented::End::complete)
        return true;
    if (segmented.end == Segmented::End::stopped) {
        audited_.outcome = Outcome::stopped;
        return false;
    }
    audited_.outcome = Outcome::already_there;
    if (team_.leads())
        layout_.remove_segments(spec_.name); // those that this job has saved since the other removed them
    return false;
}

void Audit::publish()
{
    publish_run(layout_, run_.attributes, rows_, team_);
    if (!team_.leads())
        return;
    layout_.remove_segments(spec_.name);
    if (!per_draw_.empty())
        aggregation::write_cache(options_.output, audited_.digest, per_draw_);
}

AuditedRun Audit::operator()()
{
    inputs_ = workbench_.reader.read(spec_);
    audited_.digest = inputs_.digest;
    if (is_there()) {
        beat_(1.0);
        audited_.outcome = Outcome::already_there;
        return audited_;
    }
    prepare();
    audited_.draws = run_.attributes.draws;
    audited_.timings.reading = watch_.lap();

    const auto batches = probe();
    audited_.timings.probing = watch_.lap();

    measure_accuracy(run_, team_, shares_, beat_, rows_);
    audited_.timings.accuracy = watch_.lap();

    if (run_.attributes.draws > 0 && !measure_draws(batches))
        return audited_;
    audited_.timings.fresh = watch_.lap();

    publish();
    audited_.timings.writing = watch_.lap();
    return audited_;
}

} // namespace

AuditedRun audit_run(const jobs::RunSpec& spec, const AuditOptions& options, Workbench& workbench,
                     const comm::Communicator& team, const Heartbeat& beat)
{
    return Audit(spec, options, workbench, team, beat)();
}

} // namespace fa::harness
