#include "harness/exchange.hpp"

#include "harness/slabs.hpp"
#include "jobs/plan.hpp"

namespace fa::harness {
namespace {

constexpr std::int64_t slab_bytes = 16 << 20;

/// Of a rank, in a slab of the last window; 0 where that one is whole, too.
std::int64_t last_length(const BatchLayout& layout, std::int64_t batches, int ranks)
{
    return batches % ranks == 0 ? 0 : slab_length(layout.bytes(), ranks, slab_bytes);
}

} // namespace

std::int64_t Exchange::windows(std::int64_t batches, int ranks)
{
    return (batches + ranks - 1) / ranks;
}

std::int64_t Exchange::bytes(const BatchLayout& layout, std::int64_t batches, int ranks)
{
    return batches * layout.bytes() + ranks * last_length(layout, batches, ranks);
}

Exchange::Exchange(const BatchLayout& layout, std::int64_t batches, const comm::Communicator& team,
                   const Collectives& collectives)
    : layout_(layout), batches_(batches), team_(team), collectives_(collectives)
{
    const auto options = at::TensorOptions(at::kByte).device(collectives.device());
    all_ = at::empty({batches, layout.bytes()}, options);
    last_ = at::zeros({last_length(layout, batches, team.size()) * team.size()}, options);
}

/// A batch's row of `all_`.
std::int64_t Exchange::place(std::int64_t batch) const
{
    for (int owner = 0;; ++owner) {
        const auto theirs = jobs::share(batches_, owner, team_.size());
        if (batch < theirs.end)
            return (batch - theirs.begin) * team_.size() + owner;
    }
}

void Exchange::put(std::int64_t batch, diagnostics::BatchResult& result)
{
    const auto inputs = std::move(result.gamma_inputs);
    const auto directions = std::move(result.measured.mean_direction);
    layout_.pack(inputs, directions, all_.select(0, place(batch)));
}

/// The last window, of which ranks behind the others have no batch: they give their memory as it is.
void Exchange::gather_last()
{
    const auto ranks = team_.size();
    const auto there = batches_ % ranks;
    const auto window = all_.narrow(0, batches_ - there, there);
    for (const auto slab : slabs(layout_.bytes(), last_length(layout_, batches_, ranks))) {
        auto gathered = last_.narrow(0, 0, slab.size() * ranks).view({ranks, slab.size()});
        const auto mine = gathered.select(0, team_.rank());
        if (team_.rank() < there)
            mine.copy_(window.select(0, team_.rank()).narrow(0, slab.begin, slab.size()));
        collectives_.all_gather(mine, gathered);
        window.narrow(1, slab.begin, slab.size()).copy_(gathered.narrow(0, 0, there));
    }
}

BatchExchange Exchange::gather()
{
    const auto ranks = team_.size();
    for (std::int64_t w = 0; w < batches_ / ranks; ++w) {
        auto window = all_.narrow(0, w * ranks, ranks);
        collectives_.all_gather(window.select(0, team_.rank()), window);
    }
    if (batches_ % ranks != 0)
        gather_last();
    last_.reset();

    BatchExchange exchange;
    exchange.mean_direction.resize(layout_.layers());
    for (std::int64_t b = 0; b < batches_; ++b) {
        const auto row = all_.select(0, place(b));
        // (Row by row: a GPU would gather the rows of all batches in memory of its own first, and on one rank
        // alone there may be none left.)
        const auto directions = layout_.directions(row.narrow(0, 0, layout_.direction_bytes()).to(at::kCPU));
        for (std::size_t l = 0; l < directions.size(); ++l)
            exchange.mean_direction[l].push_back(directions[l]);
        if (layout_.has_gamma_inputs())
            exchange.gamma_inputs.push_back(layout_.gamma_inputs(row));
    }
    return exchange;
}

} // namespace fa::harness
