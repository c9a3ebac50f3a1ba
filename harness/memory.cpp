#include "harness/memory.hpp"

#include "diagnostics/gamma_engine.hpp"
#include "harness/byte_size.hpp"
#include "harness/exchange.hpp"
#include "harness/rows.hpp"
#include "jobs/plan.hpp"
#include "store/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace fa::harness {
namespace {

/// The leader's part of a dataset's first axis.
std::uint64_t leader_rows(std::string_view axis, const store::RunAttributes& run, int ranks)
{
    const auto first_share = [&](std::int64_t items, std::int64_t per_piece) {
        const auto pieces = per_piece > 0 ? (items + per_piece - 1) / per_piece : 0;
        return static_cast<std::uint64_t>(std::min(jobs::share(pieces, 0, ranks).end * per_piece, items));
    };
    if (axis == "sample")
        return first_share(run.samples(), run.batch_size);
    if (axis == "batch")
        return first_share(run.batches, 1);
    if (axis == "draw")
        return first_share(run.draws, jobs::draws_per_block(run.draws));
    if (axis == "test_sample")
        return first_share(run.test_samples, run.batch_size);
    return static_cast<std::uint64_t>(run.layers()); // histograms and directions are the leader's alone
}

std::uint64_t bytes_of_rows(const store::RunAttributes& run, int ranks)
{
    std::uint64_t bytes = 0;
    for (const auto& name : datasets_of(run)) {
        const auto& definition = store::dataset_definition(name);
        const auto shape = store::shape_of(definition, run);
        std::uint64_t row = store::size_of(definition.element);
        for (std::size_t axis = 1; axis < shape.size(); ++axis)
            row *= shape[axis];
        const auto first_axis = definition.axes.substr(0, definition.axes.find(' '));
        bytes += row * leader_rows(first_axis, run, ranks);
    }
    return bytes;
}

} // namespace

std::string too_large(const RunMemory& memory, std::uint64_t budget)
{
    const bool by_draws =
        2 * (memory.rows + memory.draws + memory.products + memory.writing) > memory.total();
    return fmt::format("it takes {} on a rank, and each may fill {} (--memory-budget): {}",
                       human_bytes(memory.total()), human_bytes(budget),
                       by_draws ? "take fewer draws, --keep batches, or more ranks for it (--ranks-per-run)"
                                : "most of it is its network, its test set and its gradients; it needs a "
                                  "larger budget");
}

RunMemory memory_of(const PlannedRun& planned, int ranks)
{
    const auto& run = planned.attributes;
    const auto bytes = [](std::int64_t numbers, std::int64_t each) {
        return static_cast<std::uint64_t>(numbers * each);
    };
    const auto propagation = diagnostics::propagation_of(jobs::credit_from(run.credit), planned.plain_states);
    const bool doubles = run.precision == "float64";

    RunMemory memory;
    memory.rows = bytes_of_rows(run, ranks);
    memory.network = 2 * planned.checkpoint_bytes + planned.feedback_file_bytes +
                     bytes(planned.parameters, doubles ? 12 : 8);
    memory.data = planned.data.test_bytes();
    memory.writing = bytes_of(run);
    memory.gamma =
        static_cast<std::uint64_t>(Exchange::bytes(BatchLayout(run, propagation), run.batches, ranks));
    if (run.draws == 0)
        return memory;

    const auto block = jobs::draws_per_block(run.draws);
    const auto shapes = diagnostics::feedback_shapes(propagation, run.width, run.classes);
    const auto a_block = diagnostics::block_bytes(propagation, shapes, run.feedback_shared, block);
    memory.draws = a_block + diagnostics::scratch_bytes(propagation, shapes, block);
    const auto blocks = jobs::share(static_cast<std::int64_t>(jobs::draw_blocks(run.draws).size()), 0, ranks);
    memory.kept = a_block * static_cast<std::uint64_t>(blocks.size() - 1);
    memory.products = diagnostics::GammaEngine::bytes(propagation, shapes, run.batch_size, block);
    if (run.keep == "batches")
        memory.products += bytes(run.samples() * block * run.layers(), 4); // Γ that isn't kept
    return memory;
}

} // namespace fa::harness
