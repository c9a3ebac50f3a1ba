#pragma once
/// What an aggregation strategy chooses, dimension by dimension, and what one choice changes with the others
/// fixed.

#include "aggregation/strategy.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fa::aggregation {

/// `samples`, `batches`, `layers`: the reducer along that axis; `depth`: all layers or the blocks; `order`:
/// of the steps.
inline constexpr std::array<std::string_view, 6> dimensions{"form",   "samples", "batches",
                                                            "layers", "depth",   "order"};

/// A level for each dimension, in words.
///
/// `pooled=mean` is `samples=mean,batches=mean`, and under another reducer the batches are "pooled"; a mean
/// of all, which is the same either way (while every batch has as many defined samples), counts as both. What
/// a form does by itself counts as the mean: `batchvec` and `flat` add a batch's vectors up, `angle` averages
/// over the pooled samples, `concat` over the layers. So each of them differs from `pooled=mean,layers=mean`
/// in its form alone.
using Choices = std::array<std::string, dimensions.size()>;
Choices choices_of(const Strategy& strategy);

/// Pairs of strategies that differ in one dimension alone, all from one level of it to one other.
struct Contrast {
    std::string dimension;
    std::string from, to;                                   ///< `from` is the level that a strategy has first
    std::vector<std::pair<std::size_t, std::size_t>> pairs; ///< places of the strategies
};
/// By dimension, then in the order of the strategies. A contrast of two levels that both have one with the
/// first strategy's level is left out.
std::vector<Contrast> contrasts_of(std::span<const Strategy> strategies);

/// Mean over the pairs of value(to) − value(from); pairs with an undefined value are left out, NaN where none
/// is left.
double effect_of(const Contrast& contrast, std::span<const double> values);

} // namespace fa::aggregation
