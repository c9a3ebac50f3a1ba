#include "harness/fresh_meter.hpp"

#include "diagnostics/cpu_gamma.hpp"
#include "diagnostics/gamma_summary.hpp"
#include "diagnostics/gpu_gamma.hpp"
#include "harness/device_errors.hpp"

#include <stdexcept>

namespace fa::harness {
namespace {

diagnostics::GammaTask gamma_task(const FreshTask& task)
{
    return {.draws = task.run.draws,
            .batches = task.batches,
            .batch_size = task.run.attributes.batch_size,
            .most_draws = jobs::draws_per_block(task.run.attributes.draws)};
}

/// What is kept of batches whose samples aren't.
/// @param gamma  of the block, [R_b, S, L+1]
void summarise(const store::RunAttributes& run, jobs::Range block, const at::Tensor& gamma,
               const FreshPart& part)
{
    for (std::int64_t b = 0; b < run.batches; ++b) {
        const auto summary = diagnostics::summarise(gamma.narrow(1, b * run.batch_size, run.batch_size));
        const auto put = [&](const char* dataset, const at::Tensor& values) {
            part.rows(dataset, block).select(1, b).copy_(values);
        };
        put("gamma/fresh_mean", summary.mean);
        put("gamma/fresh_median", summary.median);
        put("gamma/fresh_iqm", summary.iqm);
        put("gamma/fresh_angle", summary.angle);
        put("gamma/fresh_count", summary.count);
    }
}

} // namespace

FreshMeter::FreshMeter(const FreshTask& task) : run_(task.run.attributes), values_(run_, task.strategies)
{
    if (task.run.place.device.is_cpu())
        source_ = std::make_unique<diagnostics::CpuGamma>(gamma_task(task), task.draws);
    else
        use_gpu(task);
    if (run_.keep != "samples")
        passing_ = at::empty({jobs::draws_per_block(run_.draws), run_.samples(), run_.layers()}, at::kFloat);
}

/// Where its memory doesn't hold the results of two blocks, it waits for the CPU to take those of one before
/// it begins with the next: other times, the same bits.
void FreshMeter::use_gpu(const FreshTask& task)
{
    const auto use = [&](int in_flight) {
        return [&, in_flight] {
            source_ = diagnostics::gpu_gamma_source(gamma_task(task), in_flight);
            in_flight_ = in_flight;
        };
    };
    retry_without_cache(task.run.place, use(2), use(1));
}

at::Tensor FreshMeter::gamma_of(jobs::Range block, const FreshPart& part) const
{
    return passing_.defined() ? passing_.narrow(0, 0, block.size()) : part.rows("gamma/fresh", block);
}

void FreshMeter::measure(jobs::Range block, FreshPart& part, std::optional<jobs::Range> next)
{
    if (!begun_)
        source_->begin(block);
    else if (begun_->begin != block.begin || begun_->end != block.end)
        throw std::logic_error("blocks are measured in the order in which they were announced");
    if (next && in_flight_ > 1)
        source_->begin(*next);

    const auto gamma = gamma_of(block, part);
    source_->finish({.gamma = gamma,
                     .batchvec = part.rows("gamma/batchvec_fresh", block),
                     .flat = part.rows("gamma/flat_fresh", block),
                     .concat = part.rows("gamma/concat_fresh", block)});
    if (next && in_flight_ == 1)
        source_->begin(*next);
    begun_ = next;
    if (passing_.defined())
        summarise(run_, block, gamma, part);
    count_layers(gamma, part.counts());
    values_.put(block, gamma, part);
}

} // namespace fa::harness
