#include "harness/work.hpp"

#include "diagnostics/feedback_rule.hpp"
#include "jobs/plan.hpp"

#include <algorithm>

namespace fa::harness {

WorkShares RunWork::shares() const
{
    const auto share = [&](double work, std::int64_t pieces) {
        return pieces > 0 && total() > 0 ? work / total() / static_cast<double>(pieces) : 0.0;
    };
    return {share(probe, batches), share(accuracy, accuracy_batches), share(fresh, draw_blocks)};
}

std::int64_t RunWork::useful_ranks() const
{
    return std::max({batches, draw_blocks, std::int64_t{1}});
}

RunWork work_of(const jobs::RunSpec& spec, const std::vector<std::int64_t>& widths, std::int64_t classes,
                std::int64_t parameters, std::int64_t test_samples, std::optional<models::HiddenStates> plain)
{
    // Forward 1, backward twice that; twice again for the float32 path of the pitfalls. Double costs two
    // floats.
    double passes = 3 * (2 + 1);
    if (spec.credit == jobs::Credit::ep) // a step is a forward and a backward, of both precisions
        passes += passes * static_cast<double>(spec.ep_steps.value_or(jobs::Relaxation{}.steps));
    const auto samples = static_cast<double>(spec.batches * spec.batch_size);
    const auto draws = jobs::has_feedback(spec.credit) ? spec.draws : 0;
    const auto propagation = diagnostics::propagation_of(spec.credit, plain);
    if (diagnostics::is_gated(propagation)) // for the gates: two forwards in double, one in float
        passes += 2 + 2 + 1;
    double entries = 0; // of one draw's matrices
    if (draws > 0)
        for (const auto& [rows, columns] : diagnostics::feedback_shapes(propagation, widths, classes))
            entries += static_cast<double>(rows * columns);

    RunWork work;
    work.probe = samples * static_cast<double>(parameters) * passes;
    work.accuracy = static_cast<double>(test_samples) * static_cast<double>(parameters) * 2;
    work.fresh = samples * static_cast<double>(draws) * entries;
    work.gammas = samples * static_cast<double>(draws) * static_cast<double>(widths.size());
    work.batches = spec.batches;
    work.accuracy_batches = (test_samples + spec.batch_size - 1) / spec.batch_size;
    const auto per_block = std::max(jobs::draws_per_block(draws), std::int64_t{1});
    work.draw_blocks = (draws + per_block - 1) / per_block;
    work.draws = draws;
    work.draws_per_block = per_block;
    work.test_samples = test_samples;
    work.batch_size = spec.batch_size;
    return work;
}

} // namespace fa::harness
