#pragma once
/// Strategies as a tree of steps: what several of them begin with is one branch, and done once.

#include "aggregation/reduce.hpp"
#include "aggregation/strategy.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

namespace fa::aggregation {

/// Γ with the axes that are left, [layers, batches, samples], row major; a reduced axis has size 1.
template <typename Number>
struct GammaArray {
    std::size_t layers = 1, batches = 1, samples = 1;
    std::span<const Number> values;
};

struct StrategyNode {
    /// The next steps along one axis, by Strategy::Reducer; nullptr: no strategy goes there.
    struct Branch {
        Strategy::Axis axis;
        std::array<std::unique_ptr<StrategyNode>, 3> by_reducer;
    };
    std::vector<std::size_t> ends; ///< strategies whose value this is, by their place
    std::vector<Branch> branches;
    std::vector<double> values; ///< memory of what is left after the step that leads here

    /// The node that a step leads to, made where there is none.
    StrategyNode& after(Strategy::Step step);
    /// Makes room for the numbers that a step along `axis` leaves.
    /// @returns where they go, for each reducer that is asked for
    static Reductions room(Branch& branch, std::size_t numbers);
};

class StrategyTree {
  public:
    explicit StrategyTree(std::span<const Strategy> strategies);

    /// What a form's strategies start from.
    StrategyNode& root(Strategy::Form form) { return roots_[static_cast<std::size_t>(form)]; }

    /// The values of all strategies below a node, by their place; those that are undefined stay as they are.
    template <typename Number>
    void evaluate(const GammaArray<Number>& array, StrategyNode& node, std::span<double> values);

    template <typename Number>
    ReductionMemory<Number>& memory()
    {
        return std::get<ReductionMemory<Number>>(memory_);
    }

  private:
    std::array<StrategyNode, 5> roots_;
    std::tuple<ReductionMemory<float>, ReductionMemory<double>> memory_;
};

/// What a step along `axis` reduces: for `blocks` layers 1 … L alone.
template <typename Number>
Block<Number> block_along(Strategy::Axis axis, const GammaArray<Number>& array);

/// The axes that are left after it; `values` stay empty.
template <typename Number>
GammaArray<double> shape_after(Strategy::Axis axis, const GammaArray<Number>& array);

/// Does the step reduce over layers of which one has no defined value, or over none? Then its result is
/// undefined rather than a mean over fewer.
template <typename Number>
bool lacks_a_layer(Strategy::Axis axis, const GammaArray<Number>& array);

/// [rows, layers] to [layers, rows], in `memory`.
template <typename Number>
std::span<const Number> layer_major(std::span<const Number> values, std::size_t layers,
                                    std::vector<Number>& memory);

} // namespace fa::aggregation
