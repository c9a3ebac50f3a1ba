#pragma once
/// n and q of the direct rules on a device (the CPU's: diagnostics/layer_products.hpp).
///
/// Layers with C ≤ d take the Gram form: P = ĝ·[B¹ … Bᴿ] is one product of all draws, contracted with ŝ to n;
/// the squared lengths of all layers and draws are one product, of the pairs ŝ_j·ŝ_k with the draws' Gram
/// matrices. (A CPU stops at C² ≤ 4d: there the quadratic form runs at the speed of memory, here it is a
/// product of matrices.) The other layers take credit vectors Bŝ themselves.

#include "diagnostics/cuda/direct_kernels.hpp"
#include "diagnostics/cuda/draw_kernels.hpp"
#include "diagnostics/cuda/executor.hpp"
#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/cuda/tables.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fa::diagnostics::device {

template <typename Executor>
class DirectProducts {
  public:
    using Real = float;

    DirectProducts(const GammaPlan& plan, Arena& arena) : plan_(plan), gram_layers_(plan.gram_layers())
    {
        const std::int64_t draws = plan.most_draws, layers = plan.layer_count(), classes = plan.classes();
        const std::int64_t rows = plan.rows(0);
        for (const auto& layer : plan.layers)
            if (!layer.gram)
                widest_direct_ = std::max(widest_direct_, layer.width);
        joined_ = arena.take<float>(draws * plan.entries());
        squares_ = arena.take<float>(layers * draws * classes);
        largest_ = arena.take<float>(layers * draws);
        if (gram_layers_ > 0) {
            packed_ = arena.take<float>(gram_layers_ * draws * plan.pairs());
            grams_ = arena.take<float>(small_grams() ? 0 : draws * classes * classes);
            pairs_ = arena.take<float>(plan.pairs() * (plan.keep_pairs ? plan.all_rows() : rows));
        }
        piece_squares_ = arena.take<float>(plan.pair_pieces() * gram_layers_ * draws * rows);
        product_ = arena.take<float>(draws * rows * std::max(gram_layers_ * classes, widest_direct_));
        tables_ = {arena.take<float>(layers * draws * rows), arena.take<float>(layers * draws * rows)};
    }

    const ProductTables<float>& tables() const { return tables_; }

    /// Where `given` draws are copied to, R·entries floats, layer by layer, each [width, R·C].
    float* given() const { return joined_; }

    /// Once, before the first block.
    template <typename Windows>
    void begin(Executor& executor, const Windows& window)
    {
        for (std::int64_t w = 0; gram_layers_ > 0 && plan_.keep_pairs && w < plan_.windows(); ++w)
            make_pairs(executor, window(w), w);
    }

    /// Draws first … first + draws, and what is the same in all windows.
    void take_block(Executor& executor, const PlannedLayer* layers, const PlannedLayer* by_table,
                    std::int64_t first, std::int64_t draws)
    {
        block_ = {by_table, draws, plan_.classes(), joined_};
        if (plan_.draws != DrawKind::given)
            executor.launch(joined_threads(plan_, draws), joined_draws(plan_, layers, first, draws, joined_));
        make_grams(executor);
        for (const auto& layer : plan_.layers)
            if (!layer.gram)
                executor.launch(draws * plan_.classes(), ColumnSquares{block_, layer.table, squares_});
        executor.launch(plan_.layer_count() * draws, LargestSquares{plan_.classes(), squares_, largest_});
    }

    /// Fills the tables.
    void measure(Executor& executor, const WindowInputs& window, std::int64_t number)
    {
        const Refinement refinement{block_, window, largest_, plan_.fragile_share};
        if (gram_layers_ > 0) {
            multiply_gradients(executor, window);
            square_by_grams(executor, window, number);
            const std::int64_t piece = gram_layers_ * block_.draws * window.rows;
            executor.launch(
                piece, Contract{refinement, product_, piece_squares_, plan_.pair_pieces(), piece, tables_});
        }
        for (const auto& layer : plan_.layers)
            if (!layer.gram)
                compare_credit(executor, window, layer, refinement);
    }

  private:
    const GammaPlan& plan_;
    std::int64_t gram_layers_, widest_direct_ = 0;
    float *joined_, *squares_, *largest_, *packed_ = nullptr, *grams_ = nullptr, *pairs_ = nullptr,
                                          *piece_squares_, *product_;
    ProductTables<float> tables_;
    JoinedDraws block_{};

    /// Few classes make small matrices, of which a library call per layer would cost more than the sums.
    bool small_grams() const { return plan_.classes() <= 32; }

    void make_grams(Executor& executor)
    {
        const std::int64_t classes = block_.classes, draws = block_.draws;
        if (gram_layers_ == 0)
            return;
        if (small_grams())
            return executor.launch(gram_layers_ * draws * classes * classes,
                                   SmallGrams{block_, packed_, squares_});
        for (const auto& layer : plan_.layers) {
            if (!layer.gram)
                continue;
            const float* matrices = joined_ + draws * layer.first_entry; // column by column: Bᵀ, [C, d]
            executor.gemm({.m = classes,
                           .n = classes,
                           .k = layer.width,
                           .transpose_b = true,
                           .lda = draws * classes,
                           .stride_a = classes,
                           .ldb = draws * classes,
                           .stride_b = classes,
                           .ldc = classes,
                           .stride_c = classes * classes,
                           .batch = draws},
                          matrices, matrices, grams_);
            const std::int64_t first = layer.table * draws;
            executor.launch(
                draws * classes * classes,
                PackGrams{classes, grams_, packed_ + first * plan_.pairs(), squares_ + first * classes});
        }
    }

    float* pairs_of(std::int64_t number) const
    {
        return pairs_ + (plan_.keep_pairs ? plan_.pairs() * plan_.first_row(number) : 0);
    }

    void make_pairs(Executor& executor, const WindowInputs& window, std::int64_t number)
    {
        const std::int64_t classes = plan_.classes();
        executor.launch(classes * classes * window.rows, PairProducts{window, classes, pairs_of(number)});
    }

    /// P of all layers in the Gram form; neighbours of equal width in one call.
    void multiply_gradients(Executor& executor, const WindowInputs& window)
    {
        const std::int64_t columns = block_.draws * block_.classes;
        for (std::size_t l = 0; l < plan_.layers.size();) {
            const auto& layer = plan_.layers[l];
            std::int64_t count = 1;
            while (++l < plan_.layers.size() && plan_.layers[l].gram == layer.gram &&
                   plan_.layers[l].width == layer.width)
                ++count;
            if (!layer.gram)
                continue;
            executor.gemm({.m = window.rows,
                           .n = columns,
                           .k = layer.width,
                           .transpose_b = true,
                           .lda = window.rows,
                           .stride_a = layer.width * window.rows,
                           .ldb = columns,
                           .stride_b = plan_.shared ? 0 : layer.width * columns,
                           .ldc = window.rows,
                           .stride_c = columns * window.rows,
                           .batch = count},
                          window.reference + layer.first_unit * window.rows,
                          joined_ + block_.draws * layer.first_entry,
                          product_ + layer.table * columns * window.rows);
        }
    }

    /// q of all layers in the Gram form, piece by piece of their pairs: whole pieces at once, and what is
    /// left.
    void square_by_grams(Executor& executor, const WindowInputs& window, std::int64_t number)
    {
        if (!plan_.keep_pairs)
            make_pairs(executor, window, number);
        const std::int64_t columns = gram_layers_ * block_.draws, pairs = plan_.pairs();
        const std::int64_t whole = pairs / pairs_per_piece, left = pairs % pairs_per_piece;
        Gemm shape{.m = window.rows,
                   .n = columns,
                   .k = pairs_per_piece,
                   .lda = window.rows,
                   .stride_a = pairs_per_piece * window.rows,
                   .ldb = pairs,
                   .stride_b = pairs_per_piece,
                   .ldc = window.rows,
                   .stride_c = columns * window.rows,
                   .batch = whole};
        if (whole > 0)
            executor.gemm(shape, pairs_of(number), packed_, piece_squares_);
        shape.k = left;
        shape.batch = 1;
        if (left > 0)
            executor.gemm(shape, pairs_of(number) + whole * shape.stride_a, packed_ + whole * shape.stride_b,
                          piece_squares_ + whole * shape.stride_c);
    }

    void compare_credit(Executor& executor, const WindowInputs& window, const PlannedLayer& layer,
                        const Refinement& refinement)
    {
        const std::int64_t classes = block_.classes, draws = block_.draws;
        executor.gemm({.m = window.rows,
                       .n = layer.width,
                       .k = classes,
                       .lda = window.rows,
                       .ldb = draws * classes, // column by column: Bᵀ, [C, d]
                       .stride_b = classes,
                       .ldc = window.rows,
                       .stride_c = layer.width * window.rows,
                       .batch = draws},
                      window.input, joined_ + draws * layer.first_entry, product_);
        executor.launch(draws * window.rows, Compare{refinement, layer.table, product_, tables_});
    }
};

} // namespace fa::diagnostics::device
