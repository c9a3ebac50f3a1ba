#pragma once
/// n and q of the chain rules on a device (the CPU's: diagnostics/chain_products.hpp).
///
/// Everything is double: on data-centre GPUs it costs what float32 without TF32 does, and no pair has to be
/// computed again. The draws are the CPU's floats. A layer's matrices are made when a window comes to it:
/// that costs a hundredth of what multiplying them does, and all of a block's would take too much memory.

#include "diagnostics/cuda/chain_kernels.hpp"
#include "diagnostics/cuda/draw_kernels.hpp"
#include "diagnostics/cuda/executor.hpp"
#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/cuda/tables.hpp"

#include <cstdint>

namespace fa::diagnostics::device {

template <typename Executor>
class ChainProducts {
  public:
    using Real = double;

    /// @param weight  gated chains: GateRows::weight window by window, [L+1, rows], on the device
    ChainProducts(const GammaPlan& plan, const double* weight, Arena& arena) : plan_(plan), weight_(weight)
    {
        const std::int64_t draws = plan.most_draws, rows = plan.rows(0), layers = plan.layer_count();
        given_ = arena.take<float>(plan.draws == DrawKind::given ? draws * plan.entries() : 0);
        matrices_ = arena.take<double>(draws * plan.largest_matrix());
        input_ = arena.take<double>(plan.classes() * rows);
        for (auto& credit : credit_)
            credit = arena.take<double>(draws * plan.widest() * rows);
        sums_ = arena.take<double>(plan.gated ? draws * plan.window_batches * plan.widest() : 0);
        tables_ = {arena.take<double>(layers * draws * rows), arena.take<double>(layers * draws * rows)};
    }

    const ProductTables<double>& tables() const { return tables_; }

    /// Where `given` draws are copied to, R·entries floats, layer by layer, draw by draw.
    float* given() const { return given_; }

    template <typename Windows>
    void begin(Executor&, const Windows&)
    {
    }

    void take_block(Executor&, const PlannedLayer* layers, const PlannedLayer*, std::int64_t first,
                    std::int64_t draws)
    {
        layers_ = layers;
        first_ = first;
        draws_ = draws;
    }

    void measure(Executor& executor, const WindowInputs& window, std::int64_t number)
    {
        executor.launch(plan_.classes() * window.rows, Widen{window.input, input_});
        const double* above = nullptr;
        for (std::size_t l = plan_.layers.size(); l-- > 0;) {
            const auto& planned = plan_.layers[l];
            double* credit = credit_[l % 2];
            make_matrices(executor, l);
            multiply(executor, window, planned, above, credit);
            const ChainLayer layer{window,        draws_,       planned.width, planned.first_unit,
                                   planned.table, planned.gain, credit};
            executor.launch(draws_ * window.rows, FinishCredit{layer, plan_.skip ? above : nullptr,
                                                               plan_.gated && plan_.gate_first, tables_});
            if (plan_.gated)
                compare_means(executor, layer, weights(window, number, l));
            if (plan_.gated && !plan_.gate_first && l > 0)
                executor.launch(draws_ * planned.width * window.rows, ShutGates{layer});
            above = credit;
        }
    }

  private:
    const GammaPlan& plan_;
    const double* weight_;
    float* given_;
    double *matrices_, *input_, *credit_[2], *sums_;
    ProductTables<double> tables_;
    const PlannedLayer* layers_ = nullptr;
    std::int64_t first_ = 0, draws_ = 0;

    const double* weights(const WindowInputs& window, std::int64_t number, std::size_t l) const
    {
        return weight_ + plan_.layer_count() * plan_.first_row(number) +
               static_cast<std::int64_t>(l) * window.rows;
    }

    void make_matrices(Executor& executor, std::size_t l)
    {
        const auto& layer = plan_.layers[l];
        const std::int64_t entries = layer.width * layer.columns, blocks = (entries + 3) / 4;
        if (plan_.draws == DrawKind::given)
            executor.launch(draws_ * entries, Widen{given_ + draws_ * layer.first_entry, matrices_});
        else
            executor.launch(draws_ * blocks, MakeDraws<double>{plan_.draws, plan_.seed, layers_ + l, first_,
                                                               draws_, blocks, true, matrices_});
    }

    /// credit = B a_{l+1}, or B ŝ at the top.
    void multiply(Executor& executor, const WindowInputs& window, const PlannedLayer& layer,
                  const double* above, double* credit)
    {
        executor.gemm({.m = window.rows,
                       .n = layer.width,
                       .k = layer.columns,
                       .lda = window.rows,
                       .stride_a = above ? layer.columns * window.rows : 0,
                       .ldb = layer.columns, // column by column: Bᵀ
                       .stride_b = layer.width * layer.columns,
                       .ldc = window.rows,
                       .stride_c = layer.width * window.rows,
                       .batch = draws_},
                      above ? above : input_, matrices_, credit);
    }

    void compare_means(Executor& executor, const ChainLayer& layer, const double* weight)
    {
        executor.launch(draws_ * layer.window.batches * layer.width, SumCredit{layer, weight, sums_});
        executor.launch(draws_ * layer.window.batches, CompareSums{layer, sums_, tables_});
    }
};

} // namespace fa::diagnostics::device
