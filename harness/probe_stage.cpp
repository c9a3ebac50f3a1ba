#include "harness/probe_stage.hpp"

#include "harness/batch_streams.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/device_errors.hpp"
#include "harness/tensors_run.hpp"
#include "jobs/plan.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

namespace fa::harness {
namespace {

using diagnostics::BatchMeasurements;
using diagnostics::BatchResult;

/// A dataset and the member of BatchMeasurements that holds one batch's part of it.
struct Column {
    const char* dataset;
    at::Tensor BatchMeasurements::* member;
    enum class Rows { per_sample, per_batch } rows;
};

constexpr auto per_sample = Column::Rows::per_sample;
constexpr auto per_batch = Column::Rows::per_batch;

constexpr Column columns[] = {
    {"norms/hidden", &BatchMeasurements::hidden_norm, per_sample},
    {"norms/gradient", &BatchMeasurements::gradient_norm, per_sample},
    {"norms/error", &BatchMeasurements::error_norm, per_sample},
    {"samples/loss", &BatchMeasurements::loss, per_sample},
    {"gamma/train", &BatchMeasurements::gamma_train, per_sample},
    {"gamma/centered_train", &BatchMeasurements::centered_train, per_sample},
    {"gamma/batchvec_train", &BatchMeasurements::batchvec_train, per_batch},
    {"gamma/flat_train", &BatchMeasurements::flat_train, per_batch},
    {"gamma/concat_train", &BatchMeasurements::concat_train, per_sample},
    {"pitfalls/clamped_old", &BatchMeasurements::clamped_old, per_sample},
    {"pitfalls/clamped_new", &BatchMeasurements::clamped_new, per_sample},
    {"pitfalls/fp16_gamma", &BatchMeasurements::fp16_gamma, per_sample},
    {"pitfalls/fp16_lost", &BatchMeasurements::fp16_lost, per_sample},
    {"pitfalls/bf16_gamma", &BatchMeasurements::bf16_gamma, per_sample},
    {"pitfalls/bf16_lost", &BatchMeasurements::bf16_lost, per_sample},
    {"pitfalls/float32_gamma", &BatchMeasurements::float32_gamma, per_sample},
    {"pitfalls/fp16_hidden_overflow", &BatchMeasurements::fp16_hidden_overflow, per_sample},
    {"pitfalls/norm_minus_one", &BatchMeasurements::norm_minus_one, per_batch},
    {"relaxation/residual", &BatchMeasurements::relaxation_residual, per_sample},
};

/// Joins the batches' parts of each dataset; columns that this run doesn't have stay out.
void put_columns(const std::vector<BatchResult>& results, jobs::Range mine, std::int64_t batch_size,
                 Rows& rows)
{
    if (results.empty())
        return;
    for (const auto& column : columns) {
        if (!(results.front().measured.*column.member).defined())
            continue;
        std::vector<at::Tensor> parts;
        for (const auto& result : results) {
            const auto& part = result.measured.*column.member;
            parts.push_back(column.rows == per_batch ? part.unsqueeze(0) : part);
        }
        rows.put(column.dataset, at::cat(parts), mine.begin * (column.rows == per_batch ? 1 : batch_size));
    }
}

BatchResult measure_one(const PreparedRun& run, std::int64_t b)
{
    if (!run.tensors) {
        const auto batch = run.evaluation_batch(b);
        return diagnostics::measure_batch(*run.network, *run.network32, batch.inputs, batch.labels,
                                          run.evaluation);
    }
    const auto size = run.spec.batch_size;
    const auto& device = run.place.device;
    return diagnostics::measure_given(moved(given_tensors(*run.tensors, b * size, size), device),
                                      run.tensor_labels.narrow(0, b * size, size).to(device), run.evaluation);
}

/// Batches take turns on this many streams of a GPU: one's copies and kernels run beside the next one's.
constexpr std::size_t streams = 2;

/// This rank's batches, all of them done and their results there to be read; what all ranks need of them goes
/// to the exchange.
/// @param count  of a GPU's streams: the more, the more batches are under way, and their memory with them
/// @param told   batches that the heartbeat has heard of; counted on
std::vector<BatchResult> measure_share(const PreparedRun& run, jobs::Range mine, const WorkShares& shares,
                                       const Heartbeat& beat, Exchange& exchange, std::size_t count,
                                       std::int64_t& told)
{
    std::vector<BatchResult> results;
    const BatchStreams turns(run.place.device, count);
    for (auto b = mine.begin; b < mine.end; ++b) {
        turns.run(b, [&] {
            results.push_back(measure_one(run, b));
            exchange.put(b, results.back());
        });
        const bool is_new = b - mine.begin >= told;
        beat(is_new ? shares.per_batch : 0);
        told += is_new ? 1 : 0;
    }
    turns.synchronise();
    return results;
}

/// The same; where a GPU's memory doesn't hold two batches at once, one after the other, by the same bits.
std::vector<BatchResult> measure_share(const PreparedRun& run, jobs::Range mine, const WorkShares& shares,
                                       const Heartbeat& beat, Exchange& exchange)
{
    std::vector<BatchResult> results;
    std::int64_t told = 0;
    const auto measure = [&](std::size_t count) {
        return [&, count] { results = measure_share(run, mine, shares, beat, exchange, count, told); };
    };
    retry_without_cache(run.place, measure(streams), measure(1));
    return results;
}

void put_samples(const PreparedRun& run, jobs::Range mine, Rows& rows)
{
    const auto first = mine.begin * run.spec.batch_size;
    const auto count = mine.size() * run.spec.batch_size;
    auto index = at::empty({count}, at::kLong);
    auto label = at::empty({count}, at::kLong);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto sample = run.samples[static_cast<std::size_t>(first + i)];
        index.data_ptr<std::int64_t>()[i] = sample;
        label.data_ptr<std::int64_t>()[i] = run.label(sample);
    }
    rows.put("samples/index", index, first);
    rows.put("samples/label", label, first);
}

} // namespace

BatchExchange measure_batches(const PreparedRun& run, const comm::Communicator& team,
                              const Collectives& collectives, const WorkShares& shares, const Heartbeat& beat,
                              Rows& rows)
{
    const auto mine = jobs::share(run.spec.batches, team.rank(), team.size());
    std::optional<Exchange> exchange;
    comm::together(team, [&] {
        const BatchLayout layout(run.attributes, run.draws.propagation);
        const auto make_room = [&] { exchange.emplace(layout, run.spec.batches, team, collectives); };
        retry_without_cache(run.place, make_room, make_room);
        const auto results = measure_share(run, mine, shares, beat, *exchange);
        put_columns(results, mine, run.spec.batch_size, rows);
        put_samples(run, mine, rows);
    });
    return exchange->gather();
}

namespace {

/// Right or wrong of the test samples [begin, end), uint8 on the CPU.
at::Tensor correct_samples(const PreparedRun& run, std::int64_t begin, std::int64_t end,
                           const std::function<void()>& after_batch)
{
    const at::NoGradGuard no_grad;
    const auto size = run.spec.batch_size;
    auto correct = at::empty({end - begin}, at::kByte);
    for (auto first = begin; first < end; first += size) {
        std::vector<std::int64_t> indices(static_cast<std::size_t>(std::min(size, end - first)));
        std::iota(indices.begin(), indices.end(), first);
        const auto batch = run.batch(indices);
        const auto logits = run.network->forward(batch.inputs.to(run.evaluation.precision)).logits;
        correct.narrow(0, first - begin, batch.labels.size(0))
            .copy_(diagnostics::correct(logits, batch.labels));
        after_batch();
    }
    return correct;
}

} // namespace

void measure_accuracy(const PreparedRun& run, const comm::Communicator& team, const WorkShares& shares,
                      const Heartbeat& beat, Rows& rows)
{
    const auto size = run.spec.batch_size;
    const auto test_samples = run.attributes.test_samples;
    if (test_samples == 0) // a file of tensors may not say it
        return;
    const auto mine = jobs::share((test_samples + size - 1) / size, team.rank(), team.size());
    const auto begin = std::min(mine.begin * size, test_samples);
    const auto end = std::min(mine.end * size, test_samples);
    comm::together(team, [&] {
        if (run.tensors) {
            rows.put("accuracy/correct", correct_of(*run.tensors, begin, end), begin);
            return;
        }
        at::Tensor correct;
        std::int64_t told = 0; // as in measure_share
        const auto measure = [&] {
            std::int64_t done = 0;
            correct = correct_samples(run, begin, end, [&] {
                const bool is_new = done++ >= told;
                beat(is_new ? shares.per_accuracy_batch : 0);
                told += is_new ? 1 : 0;
            });
        };
        retry_without_cache(run.place, measure, measure);
        rows.put("accuracy/correct", correct, begin);
    });
}

} // namespace fa::harness
