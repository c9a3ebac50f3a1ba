#pragma once
/// The orchestration: from a block of draws to its results, on any executor (executor.hpp).

#include "diagnostics/cuda/block_gamma.hpp"
#include "diagnostics/cuda/chain_products.hpp"
#include "diagnostics/cuda/direct_products.hpp"
#include "diagnostics/cuda/executor.hpp"
#include "diagnostics/cuda/form_kernels.hpp"

#include <algorithm>
#include <utility>

namespace fa::diagnostics::device {

/// Everything on the device that isn't an input.
template <typename Products>
struct Workspace {
    Products products;
    PlannedLayer *layers, *by_table;
    std::vector<float*> results; ///< by slot

    Workspace(const GammaPlan& plan, std::size_t slots, Arena& arena, Products made)
        : products(std::move(made)), layers(arena.take<PlannedLayer>(plan.layer_count())),
          by_table(arena.take<PlannedLayer>(plan.layer_count()))
    {
        for (std::size_t slot = 0; slot < slots; ++slot)
            results.push_back(arena.take<float>(plan.result_floats(plan.most_draws)));
    }
};

template <typename Executor>
DirectProducts<Executor> direct_products(const GammaPlan& plan, const RunInputs&, Arena& arena)
{
    return DirectProducts<Executor>(plan, arena);
}

template <typename Executor>
ChainProducts<Executor> chain_products(const GammaPlan& plan, const RunInputs& inputs, Arena& arena)
{
    return ChainProducts<Executor>(plan, inputs.mean_weight, arena);
}

template <typename Executor, typename Products>
class BlockGammaOf : public BlockGamma {
  public:
    /// @param make  direct_products or chain_products
    template <typename Make>
    BlockGammaOf(const GammaPlan& plan, const RunInputs& inputs, std::byte* memory, std::vector<Slot> slots,
                 std::unique_ptr<Executor> executor, const Make& make)
        : plan_(plan), inputs_(inputs), slots_(std::move(slots)), arena_(memory),
          workspace_(plan_, slots_.size(), arena_, make(plan_, inputs_, arena_)),
          executor_(std::move(executor))
    {
        auto by_table = plan_.layers;
        std::sort(by_table.begin(), by_table.end(),
                  [](const auto& a, const auto& b) { return a.table < b.table; });
        const std::size_t bytes = by_table.size() * sizeof(PlannedLayer);
        executor_->upload(workspace_.layers, plan_.layers.data(), bytes);
        executor_->upload(workspace_.by_table, by_table.data(), bytes);
        workspace_.products.begin(*executor_, [&](std::int64_t w) { return window(w); });
        executor_->finish();
    }

    void begin(std::size_t slot, std::int64_t first, std::int64_t draws) override
    {
        auto& products = workspace_.products;
        float* results = workspace_.results[slot];
        const std::size_t size = sizeof(float);
        executor_->enter();
        if (plan_.draws == DrawKind::given)
            executor_->upload(products.given(), slots_[slot].given,
                              size * static_cast<std::size_t>(draws * plan_.entries()));
        products.take_block(*executor_, workspace_.layers, workspace_.by_table, first, draws);
        for (std::int64_t w = 0; w < plan_.windows(); ++w) {
            const WindowInputs inputs = window(w);
            products.measure(*executor_, inputs, w);
            form(inputs, w, draws, results);
        }
        executor_->download(slot, slots_[slot].results, results,
                            size * static_cast<std::size_t>(plan_.result_floats(draws)));
    }

    void wait(std::size_t slot) override { executor_->wait(slot); }

  private:
    GammaPlan plan_;
    RunInputs inputs_;
    std::vector<Slot> slots_;
    Arena arena_;
    Workspace<Products> workspace_;
    std::unique_ptr<Executor> executor_; ///< last: what it does ends before the rest goes

    WindowInputs window(std::int64_t w) const
    {
        const std::int64_t before = plan_.first_row(w);
        return {.rows = plan_.rows(w),
                .batches = plan_.batches_in(w),
                .samples = plan_.samples,
                .first_batch = w * plan_.window_batches,
                .reference = inputs_.reference + plan_.units() * before,
                .input = inputs_.input + plan_.classes() * before,
                .gate = plan_.gated ? inputs_.gate + plan_.units() * before : nullptr};
    }

    void form(const WindowInputs& inputs, std::int64_t w, std::int64_t draws, float* results)
    {
        using Real = typename Products::Real;
        const std::int64_t layers = plan_.layer_count(), before = plan_.first_row(w);
        const Forming<Real> forming{
            .window = inputs,
            .weights = {.flat_numerator = inputs_.flat_numerator + layers * before,
                        .flat_square = inputs_.flat_square + layers * before,
                        .concat_numerator = inputs_.concat_numerator + layers * before,
                        .concat_square = inputs_.concat_square + layers * before,
                        .flat_gradient = inputs_.flat_gradient + layers * inputs.first_batch,
                        .concat_gradient = inputs_.concat_gradient + before},
            .tables = workspace_.products.tables(),
            .layers = workspace_.layers,
            .layer_count = layers,
            .draws = draws,
            .all_samples = plan_.all_samples(),
            .all_batches = plan_.batches,
            .results = Results(plan_, draws, results)};
        executor_->launch(layers * draws * inputs.rows, PutGamma<Real>{forming});
        executor_->launch(layers * draws * inputs.batches, PutFlat<Real>{forming});
        executor_->launch(draws * inputs.rows, PutConcat<Real>{forming});
    }
};

/// @param executor  std::unique_ptr<Executor>
template <typename Executor>
std::unique_ptr<BlockGamma> block_gamma_of(const GammaPlan& plan, const RunInputs& inputs, std::byte* memory,
                                           const std::vector<Slot>& slots, std::unique_ptr<Executor> executor)
{
    if (plan.chain)
        return std::make_unique<BlockGammaOf<Executor, ChainProducts<Executor>>>(
            plan, inputs, memory, slots, std::move(executor), chain_products<Executor>);
    return std::make_unique<BlockGammaOf<Executor, DirectProducts<Executor>>>(
        plan, inputs, memory, slots, std::move(executor), direct_products<Executor>);
}

} // namespace fa::diagnostics::device
